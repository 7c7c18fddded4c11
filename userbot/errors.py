"""What can go wrong on a line, and what it calls for.

LineError
├── ConnectFailed     no connection came about (proxy or network)
├── ConnectionLost    the line dropped; a request on it is possibly done
├── CallTimedOut      no answer in time; the request is possibly done
└── SessionGuarded    somebody tried to change an enrolled account's key or data centre
"""

from dataclasses import dataclass

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from telethon import errors as tl


class LineError(Exception):
    """Base of what a line raises by itself; Telegram's own answers stay Telethon's classes."""


class ConnectFailed(LineError):
    """No connection came about; nothing was sent. Try again later."""


class ConnectionLost(LineError):
    """The line dropped. A request that was handed over is possibly done: repeat it identically."""


class CallTimedOut(LineError):
    """No answer within the limit; the request is possibly done."""


class SessionGuarded(LineError):
    """Telethon wanted to change the key or data centre of an enrolled account; nothing changed."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Connect again by the schedule."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Telegram told us to wait; not a second less."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Relogin:
    """The key is dead or revoked; an operator must log in. The stored session is kept."""


@dataclass(frozen=True, slots=True)
class Banned:
    """Telegram banned or deleted the account."""


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """A setting of ours is wrong (API id, proxy type); retrying changes nothing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not seen before: retried on the slow half of the schedule, with its traceback kept."""


Verdict = Retry | Wait | Relogin | Banned | Misconfigured | Unknown

# By concrete class: Telethon's class tree misleads (PhoneNumberBannedError is a
# BadRequestError, SessionPasswordNeededError an UnauthorizedError).
_VERDICTS: dict[type[BaseException], Verdict] = {
    ConnectFailed: Retry(),
    ConnectionLost: Retry(),
    CallTimedOut: Retry(),
    TimeoutError: Retry(),
    ConnectionError: Retry(),
    ConnectionResetError: Retry(),
    ConnectionRefusedError: Retry(),
    BrokenPipeError: Retry(),
    OSError: Retry(),
    ProxyError: Retry(),
    ProxyConnectionError: Retry(),
    ProxyTimeoutError: Retry(),
    tl.ServerError: Retry(),
    tl.TimedOutError: Retry(),
    tl.RpcCallFailError: Retry(),
    tl.SecurityError: Retry(),
    tl.InvalidBufferError: Retry(),
    # Transport 404. It becomes Relogin only when it stays, which one line can't see.
    tl.AuthKeyNotFound: Retry(),
    SessionGuarded: Relogin(),
    tl.AuthKeyUnregisteredError: Relogin(),
    tl.AuthKeyInvalidError: Relogin(),
    tl.AuthKeyPermEmptyError: Relogin(),
    # Dead for good once Telegram saw the key on two lines (Telegram's error page, 406).
    tl.AuthKeyDuplicatedError: Relogin(),
    tl.SessionRevokedError: Relogin(),
    tl.SessionExpiredError: Relogin(),
    tl.SessionPasswordNeededError: Relogin(),
    tl.UserDeactivatedError: Banned(),
    tl.UserDeactivatedBanError: Banned(),
    tl.PhoneNumberBannedError: Banned(),
    tl.ApiIdInvalidError: Misconfigured(),
    tl.ApiIdPublishedFloodError: Misconfigured(),
}


def classify(error: BaseException) -> Verdict:
    """What an error on a line calls for. Pure; listed by concrete class."""
    if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
        return Wait(max(1, int(error.seconds)))
    verdict = _VERDICTS.get(type(error))
    if verdict is not None:
        return verdict
    if isinstance(error, OSError | ProxyError | tl.ServerError):
        return Retry()
    return Unknown()


_WORDS: dict[type[BaseException], str] = {
    ConnectFailed: "no connection through the proxy or network",
    ConnectionLost: "the connection dropped",
    CallTimedOut: "Telegram did not answer in time",
    SessionGuarded: "Telegram wants the account on another data centre; log in again",
    tl.AuthKeyNotFound: "Telegram does not know the session's key at the moment",
    tl.AuthKeyUnregisteredError: "the session was ended at Telegram",
    tl.SessionRevokedError: "the session was ended from another device",
    tl.SessionExpiredError: "the session has expired",
    tl.AuthKeyDuplicatedError: "the session was used in two places at once; its key is dead",
    tl.UserDeactivatedError: "the account was deleted",
    tl.UserDeactivatedBanError: "Telegram banned the account",
    tl.PhoneNumberBannedError: "Telegram banned the number",
    tl.AuthKeyInvalidError: "the session's key is not valid any more",
    tl.AuthKeyPermEmptyError: "the session's key is not valid any more",
    tl.SessionPasswordNeededError: "the login was never finished: its password is missing",
    tl.FrozenMethodInvalidError: "Telegram has frozen the account",
    tl.ApiIdInvalidError: "Telegram rejects API_ID or API_HASH",
}


def in_words(error: BaseException) -> str:
    """The error in an operator's words; never holds an address, a key or a number."""
    if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
        return f"Telegram asks to wait {error.seconds} s"
    if words := _WORDS.get(type(error)):
        return words
    if isinstance(error, tl.ServerError):
        return "Telegram has a fault of its own"
    if isinstance(error, OSError | TimeoutError):
        return "the network failed"
    return type(error).__name__
