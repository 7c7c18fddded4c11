"""Where the reason of an outage lies, as far as the words that are stored of it tell."""

from enum import StrEnum

from userbot import errors
from userbot.proxies.causes import Cause


class Origin(StrEnum):
    """Whose trouble it is that an account is not connected."""

    PROXY = "proxy"
    """Its proxy answers, and does not carry."""
    SILENT = "silent"
    """Nothing came back: the proxy, or the network on the way to it."""
    BEYOND = "beyond"
    """The proxy works, and Telegram is not there behind it."""
    TELEGRAM = "telegram"
    """Telegram says itself that it has a fault."""
    DROPPED = "dropped"
    """A line ended; that does not say why."""
    OWN = "own"
    """The account's own, or nobody knows."""


_CAUSES = {
    Cause.NAME_NOT_FOUND: Origin.SILENT,
    Cause.REFUSED: Origin.PROXY,
    Cause.UNREACHABLE: Origin.SILENT,
    Cause.TIMED_OUT: Origin.SILENT,
    Cause.CLOSED: Origin.PROXY,
    Cause.NOT_A_PROXY: Origin.PROXY,
    Cause.LOGIN_REJECTED: Origin.PROXY,
    Cause.DC_BLOCKED: Origin.BEYOND,
    Cause.NO_MTPROTO: Origin.BEYOND,
    Cause.SECRET_REFUSED: Origin.PROXY,
    Cause.UNSUPPORTED: Origin.PROXY,
}
_BY_WORDS = {
    **{cause.words: origin for cause, origin in _CAUSES.items()},
    **dict.fromkeys(errors.NOTHING_CAME, Origin.SILENT),
    **dict.fromkeys(errors.PROXY_FAILED, Origin.PROXY),
    **dict.fromkeys(errors.TELEGRAM_SILENT, Origin.BEYOND),
    **dict.fromkeys(errors.TELEGRAM_FAILED, Origin.TELEGRAM),
    **dict.fromkeys(errors.LINE_ENDED, Origin.DROPPED),
}
_CAUSE_BY_WORDS = {cause.words: cause for cause in Cause}


def origin_of(words: str) -> Origin:
    """Whose trouble it is; words of another version are nobody's."""
    return _BY_WORDS.get(words, Origin.OWN)


def cause_of(words: str) -> Cause | None:
    """What is wrong with the proxy; None where the words say nothing of one."""
    return _CAUSE_BY_WORDS.get(words)
