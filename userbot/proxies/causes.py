"""Why a proxy did not lead to Telegram.

DialFailed      no stream came about; says the `Cause`
"""

from enum import StrEnum


class Cause(StrEnum):
    """What was met on the way, told apart for an operator. `words` say it."""

    NAME_NOT_FOUND = "name_not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    """Nothing came from the proxy in time."""
    CLOSED = "closed"
    """It took the connection and ended it without a word."""
    NOT_A_PROXY = "not_a_proxy"
    LOGIN_REJECTED = "login_rejected"
    DC_BLOCKED = "dc_blocked"
    """The proxy answers, and can't or won't reach the data centre."""
    NO_MTPROTO = "no_mtproto"
    """A stream came about, and no MTProto came back on it."""
    SECRET_REFUSED = "secret_refused"  # noqa: S105 - a name, no secret
    """The same at an MTProto proxy, which never answers a wrong secret."""
    UNSUPPORTED = "unsupported"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Cause.NAME_NOT_FOUND: "the proxy's host name was not found",
    Cause.REFUSED: "the proxy refuses connections: it is down, or the port is wrong",
    Cause.UNREACHABLE: "the proxy's address can't be reached from here",
    Cause.TIMED_OUT: "the proxy did not answer in time",
    Cause.CLOSED: "it closes connections without an answer: it is of another kind, or serves only "
    "addresses that its owner has listed",
    Cause.NOT_A_PROXY: "what answers there is no proxy of this kind",
    Cause.LOGIN_REJECTED: "the proxy rejected the user name or the password",
    Cause.DC_BLOCKED: "the proxy works, but it does not let us through to Telegram",
    Cause.NO_MTPROTO: "the proxy connected, but what answers there is not Telegram",
    Cause.SECRET_REFUSED: "the proxy took the connection, and Telegram did not answer through it: "
    "the secret is wrong, or it does not reach Telegram itself",
    Cause.UNSUPPORTED: "no connection goes through this kind of proxy",
}


class DialFailed(ConnectionError):
    """No stream to the data centre came about. Telethon takes it for a failed attempt."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.words)
        self.cause = cause
