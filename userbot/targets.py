"""Who a message goes to, as an operator writes it."""

import re

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/([A-Za-z0-9_]+)/?")
_ID = re.compile(r"-?[1-9][0-9]{0,16}")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Direction marks and the like, which come along when a number is pasted."""
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


def parse_target(text: str) -> str:
    """A target in its plain form: `@name`, `+digits`, an id, or `me`. Raises `BadTarget`."""
    word = _INVISIBLE.sub("", text).strip()
    if word.lower() == "me":
        return "me"
    if link := _LINK.fullmatch(word):
        word = "@" + link[1]
    if word.startswith("@"):
        if not _USERNAME.fullmatch(word[1:]):
            raise BadTarget("a username has 4 to 32 letters, digits or underscores")
        return word
    if _ID.fullmatch(word):
        return word
    if word.startswith("+"):
        try:
            return parse_phone(word)
        except BadPhone as exc:
            raise BadTarget(exc.reason) from exc
    raise BadTarget("send a @username, a t.me link, a phone number with +, an id, or the word me")


def hidden(phone: str) -> str:
    """A phone number that shows its last two digits, for logs and lists."""
    return f"••{phone[-2:]}"
