"""Who a message goes to, as an operator writes it."""

import re
from dataclasses import dataclass

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_SITE = r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/"
_LINK = re.compile(_SITE + r"([A-Za-z0-9_]+)/?(?:\?.*)?")
_MESSAGE_LINK = re.compile(
    _SITE + r"(?:c/([0-9]+)|([A-Za-z]\w{3,31}))(?:/[0-9]+)?/([0-9]+)/?(?:\?.*)?"
)
"""Of a private group or channel by its id, or of a public one by its name; maybe with a topic
(core.telegram.org/api/links#message-links)."""
_INVITE = re.compile(_SITE + r"(?:\+|joinchat/)[A-Za-z0-9_-]+/?")
_ID = re.compile(r"-?[1-9][0-9]{0,16}")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Direction marks and the like, which come along when a number is pasted."""
_WHOLE_PHONE = re.compile(r"\+\d{7,15}")
_PHONE_NOISE = re.compile(r"[\s().-]")


class BadTarget(ValueError):
    """That is no target; `reason` says what is expected, in words for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadPhone(ValueError):
    """That is no phone number; `reason` says what is expected, in words for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_phone(text: str) -> str:
    """A phone number as +digits (ITU E.164: 7 to 15 of them). Raises `BadPhone`."""
    compact = _PHONE_NOISE.sub("", _INVISIBLE.sub("", text))
    compact = "+" + compact[2:] if compact.startswith("00") else compact
    digits = compact.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise BadPhone("a phone number has only digits, for example +44 20 7946 0000")
    if not compact.startswith("+"):
        raise BadPhone("the country code is missing: start with +, for example +44 20 7946 0000")
    if not 7 <= len(digits) <= 15:
        raise BadPhone(f"a phone number has 7 to 15 digits, this one has {len(digits)}")
    if digits.startswith("0"):
        raise BadPhone("a country code does not start with 0")
    return "+" + digits


@dataclass(frozen=True, slots=True)
class MessageLink:
    """A link to a message: the chat as a target, and the message's id there."""

    target: str
    message_id: int


def parse_message_link(text: str) -> MessageLink | None:
    """What a link to a message leads to; None where it is no such link."""
    found = _MESSAGE_LINK.fullmatch(_INVISIBLE.sub("", text).strip())
    if found is None:
        return None
    channel, name, message_id = found.groups()
    return MessageLink(f"-100{channel}" if channel else f"@{name}", int(message_id))


def parse_target(text: str) -> str:
    """A target in its plain form: `@name`, `+digits`, an id, or `me`. Raises `BadTarget`.

    An id is the Bot API's: positive for a user, negative for a group, with -100 before that of a
    supergroup or channel (core.telegram.org/api/bots/ids).
    """
    word = _INVISIBLE.sub("", text).strip()
    if word.lower() == "me":
        return "me"
    if _INVITE.fullmatch(word):
        raise BadTarget("join with the account first: an invitation tells nobody which chat it is")
    word = _named_by_link(word)
    if word.startswith("@") and not _USERNAME.fullmatch(word[1:]):
        raise BadTarget("a username has 4 to 32 letters, digits or underscores")
    if word.startswith("@") or _ID.fullmatch(word):
        return word
    if not word.startswith("+"):
        raise BadTarget(
            "send a @username, a t.me link, a phone number with +, an id, or the word me"
        )
    try:
        return parse_phone(word)
    except BadPhone as exc:
        raise BadTarget(exc.reason) from exc


def _named_by_link(word: str) -> str:
    """The chat that a link names; what is no link stays as it is."""
    if message := parse_message_link(word):
        return message.target
    link = _LINK.fullmatch(word)
    return f"@{link[1]}" if link else word


def hidden(phone: str) -> str:
    """A phone number that shows its last two digits, for logs and lists; nothing of none."""
    return f"••{phone[-2:]}" if phone else ""


def masked(text: str) -> str:
    """The text with each phone number in it hidden."""
    return _WHOLE_PHONE.sub(lambda found: hidden(found[0]), text)
