"""What can go wrong on a line, and what it calls for.

LineError
├── ConnectFailed     no connection came about (proxy or network)
├── ConnectionLost    the line dropped; a request on it is possibly done
├── CallTimedOut      no answer in time; the request is possibly done
└── SessionGuarded    somebody tried to change an enrolled account's key or data centre
"""

import asyncio
import socket
import struct

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from telethon import errors as tl

from storage.errors import SecretKeyMismatch, StorageBusy, StorageFailed, StorageLost
from userbot.verdicts import (
    Banned,
    Misconfigured,
    Relogin,
    Restricted,
    Retry,
    Unknown,
    Verdict,
    Wait,
)

__all__ = [
    "Banned",
    "CallTimedOut",
    "ConnectFailed",
    "ConnectionLost",
    "LineError",
    "Misconfigured",
    "Relogin",
    "Restricted",
    "Retry",
    "SessionGuarded",
    "Unknown",
    "Verdict",
    "Wait",
    "classify",
    "ends_line",
    "in_words",
    "is_timeout",
    "is_unknown_key",
]


class LineError(Exception):
    """Base of what a line raises by itself; Telegram's own answers stay Telethon's classes."""


class ConnectFailed(LineError):
    """No connection came about; nothing was sent. Try again later.

    `words` say what stands in the way, for an operator; empty where that is not known.
    """

    def __init__(self, detail: str = "", *, words: str = "") -> None:
        super().__init__(words or detail)
        self.words = words


class ConnectionLost(LineError):
    """The line dropped. A request that was handed over is possibly done: repeat it identically."""


class CallTimedOut(LineError):
    """No answer within the limit; the request is possibly done."""


class SessionGuarded(LineError):
    """Telethon wanted to change the key or data centre of an enrolled account; nothing changed."""


Answer = tuple[Verdict, str]
"""What an error calls for, and what it is in an operator's words."""

ASKS_TO_WAIT = "Telegram asks to wait"
_DROPPED = "the connection dropped"
_NO_CONNECTION = "no connection through the proxy or network"
_BROKEN_STREAM = "what came over the connection was broken"
_FAULT = "Telegram has a fault of its own"
_KEY_UNKNOWN = "Telegram does not know the session's key at the moment"
_KEY_INVALID = "the session's key is not valid any more"
_OTHER_DC = "Telegram wants the account on another data centre; log in again"
_NOT_HERE = "Telegram sends a request to another data centre"
_BAD_API = "Telegram rejects API_ID or API_HASH"
_BAD_DEVICE = "Telegram rejects what the account says of its device"
_TOO_OLD = "Telegram wants a newer version of this program"
_REQUEST_UNCLEAR = "Telegram did not understand a request"
_HELD_BACK = "Telegram holds one kind of request back"
_NO_ANSWER = "Telegram did not answer in time"
_NETWORK_FAILED = "the network failed"
_NETWORK_SILENT = "the network did not answer in time"
_PROXY_REFUSED = "the proxy refused"
_PROXY_AWAY = "the proxy can't be reached"
_PROXY_SILENT = "the proxy did not answer in time"

# The words by whose trouble they tell of, for whoever finds them in a row (`userbot.origins`).
NOTHING_CAME = (_NO_CONNECTION, _NETWORK_FAILED, _NETWORK_SILENT, _PROXY_AWAY, _PROXY_SILENT)
PROXY_FAILED = (_PROXY_REFUSED,)
TELEGRAM_SILENT = (_NO_ANSWER,)
TELEGRAM_FAILED = (_FAULT,)
LINE_ENDED = (_DROPPED, _BROKEN_STREAM)

# By concrete class: Telethon's class tree misleads (PhoneNumberBannedError is a
# BadRequestError, SessionPasswordNeededError an UnauthorizedError).
_LISTED: dict[type[BaseException], Answer] = {
    # The line, the network, the proxy.
    ConnectFailed: (Retry(), _NO_CONNECTION),
    ConnectionLost: (Retry(), _DROPPED),
    CallTimedOut: (Retry(), _NO_ANSWER),
    ConnectionError: (Retry(), _NO_CONNECTION),
    ConnectionRefusedError: (Retry(), _NO_CONNECTION),
    ConnectionResetError: (Retry(), _DROPPED),
    ConnectionAbortedError: (Retry(), _DROPPED),
    BrokenPipeError: (Retry(), _DROPPED),
    EOFError: (Retry(), _DROPPED),
    asyncio.IncompleteReadError: (Retry(), _DROPPED),
    tl.ReadCancelledError: (Retry(), _DROPPED),
    TimeoutError: (Retry(), _NETWORK_SILENT),
    socket.gaierror: (Retry(), "the proxy's host name was not found"),
    PermissionError: (Retry(), "this machine does not allow the connection"),
    ProxyError: (Retry(), _PROXY_REFUSED),
    ProxyConnectionError: (Retry(), _PROXY_AWAY),
    ProxyTimeoutError: (Retry(), _PROXY_SILENT),
    # What came was not MTProto, or not whole.
    tl.InvalidChecksumError: (Retry(), _BROKEN_STREAM),
    struct.error: (Retry(), _BROKEN_STREAM),
    BufferError: (Retry(), _BROKEN_STREAM),
    tl.SecurityError: (Retry(), "an answer failed its security check"),
    tl.BadMessageError: (Retry(), "Telegram rejects the connection's message numbers"),
    tl.ConnectionNotInitedError: (Retry(), "Telegram wants a new connection"),
    # A bad stream, a bad setting or a bug: not to be hammered.
    ValueError: (Unknown(), "what came over the connection was not understood"),
    tl.TypeNotFoundError: (Unknown(), "Telegram's answer was not understood"),
    # 503 is no ServerError to Telethon.
    tl.TimedOutError: (Retry(), _FAULT),
    tl.TimeoutError: (Retry(), _FAULT),
    tl.TimedoutError: (Retry(), _FAULT),
    # The key. A 404 of the transport becomes Relogin only when it stays (`unknown_key.judge`).
    tl.AuthKeyNotFound: (Retry(), _KEY_UNKNOWN),
    tl.AuthKeyUnregisteredError: (Relogin(), "the session was ended at Telegram"),
    tl.AuthKeyInvalidError: (Relogin(), _KEY_INVALID),
    tl.AuthKeyPermEmptyError: (Relogin(), _KEY_INVALID),
    # Dead for good once Telegram saw the key on two lines (Telegram's error page, 406).
    tl.AuthKeyDuplicatedError: (
        Relogin(),
        "the session was used in two places at once; its key is dead",
    ),
    tl.SessionRevokedError: (Relogin(), "the session was ended from another device"),
    tl.SessionExpiredError: (Relogin(), "the session has expired"),
    tl.SessionPasswordNeededError: (
        Relogin(),
        "the login was never finished: its password is missing",
    ),
    # 401: the key is alive, and belongs to nobody.
    tl.ActiveUserRequiredError: (Relogin(), "the login was never finished"),
    SessionGuarded: (Relogin(), _OTHER_DC),
    tl.UserMigrateError: (Relogin(), _OTHER_DC),
    # The other 303s are about one request; the account stays where it is.
    tl.FileMigrateError: (Unknown(), _NOT_HERE),
    tl.StatsMigrateError: (Unknown(), _NOT_HERE),
    tl.NetworkMigrateError: (Unknown(), _NOT_HERE),
    tl.PhoneMigrateError: (Unknown(), _NOT_HERE),
    # The account.
    tl.UserDeactivatedError: (Banned(), "the account was deleted"),
    tl.UserDeactivatedBanError: (Banned(), "Telegram banned the account"),
    tl.PhoneNumberBannedError: (Banned(), "Telegram banned the number"),
    tl.FrozenMethodInvalidError: (Restricted(), "Telegram has frozen the account"),
    tl.FrozenParticipantMissingError: (Restricted(), "Telegram has frozen the account"),
    # What we say of ourselves when we connect.
    tl.ApiIdInvalidError: (Misconfigured(), _BAD_API),
    tl.ApiIdPublishedFloodError: (Misconfigured(), _BAD_API),
    tl.ConnectionApiIdInvalidError: (Misconfigured(), _BAD_API),
    tl.ConnectionAppVersionEmptyError: (Misconfigured(), _BAD_DEVICE),
    tl.ConnectionDeviceModelEmptyError: (Misconfigured(), _BAD_DEVICE),
    tl.ConnectionLangPackInvalidError: (Misconfigured(), _BAD_DEVICE),
    tl.ConnectionSystemEmptyError: (Misconfigured(), _BAD_DEVICE),
    tl.ConnectionSystemLangCodeEmptyError: (Misconfigured(), _BAD_DEVICE),
    tl.ConnectionLayerInvalidError: (Misconfigured(), _TOO_OLD),
    tl.InputLayerInvalidError: (Misconfigured(), _TOO_OLD),
    tl.UpdateAppToLoginError: (Misconfigured(), _TOO_OLD),
    # Garbled on its way, of another layer, or one odd request: nothing to give up over.
    tl.InputConstructorInvalidError: (Unknown(), _REQUEST_UNCLEAR),
    tl.InputFetchErrorError: (Unknown(), _REQUEST_UNCLEAR),
    tl.InputFetchFailError: (Unknown(), _REQUEST_UNCLEAR),
    tl.InputMethodInvalidError: (Unknown(), _REQUEST_UNCLEAR),
    tl.InputRequestTooLongError: (Unknown(), _REQUEST_UNCLEAR),
    tl.MethodInvalidError: (Unknown(), _REQUEST_UNCLEAR),
    tl.TypeConstructorInvalidError: (Unknown(), _REQUEST_UNCLEAR),
    # 420s that are about one chat, export or password, not about the account.
    tl.SlowModeWaitError: (Unknown(), _HELD_BACK),
    tl.TakeoutInitDelayError: (Unknown(), _HELD_BACK),
    tl.TwoFaConfirmWaitError: (Unknown(), _HELD_BACK),
    # Of parts of Telethon that no line uses.
    tl.CdnFileTamperedError: (Unknown(), "a file was altered on its way"),
    tl.AlreadyInConversationError: (Unknown(), "two conversations were open in one chat"),
    tl.MultiError: (Unknown(), "several requests failed together"),
    # The database, where the session lies.
    StorageBusy: (Retry(), "the database is busy"),
    StorageLost: (Retry(), "the connection to the database was lost"),
    StorageFailed: (Unknown(), "the database failed"),
    SecretKeyMismatch: (Misconfigured(), "the stored session does not open with the secret key"),
}

# What is not listed, by family; the first that fits.
_FAMILIES: tuple[tuple[type[BaseException], Answer], ...] = (
    (tl.ServerError, (Retry(), _FAULT)),
    # A 4xx is about one request: it proves that the line and the key are well. So is a name that
    # Telethon does not know yet, which comes as the bare class of its code.
    (tl.RPCError, (Unknown(), "Telegram refused a request")),
    (OSError, (Retry(), _NETWORK_FAILED)),
    (BaseException, (Unknown(), "something unexpected happened")),
)

_WAITS = (tl.FloodWaitError, tl.FloodPremiumWaitError, tl.FloodTestPhoneWaitError)

# Errors of the transport, which come in the place of a packet (core.telegram.org/mtproto).
_TRANSPORT: dict[int | None, Answer] = {
    404: (Retry(), _KEY_UNKNOWN),
    429: (Retry(is_slow=True), "Telegram sees too many connections from this address"),
}


def classify(error: BaseException) -> Verdict:
    """What an error on a line calls for. Pure; listed by concrete class, then by family."""
    return _answer(error)[0]


def in_words(error: BaseException) -> str:
    """The error in an operator's words; never holds an address, a key, a number or a name."""
    return _answer(error)[1]


def ends_line(error: BaseException) -> bool:
    """Whether a request that met it proves that its line is at an end."""
    return isinstance(error, SessionGuarded) or isinstance(classify(error), Relogin | Banned)


def is_timeout(error: BaseException) -> bool:
    """Whether an attempt ended for want of an answer, so that the next one gets longer."""
    return isinstance(error, CallTimedOut | TimeoutError) or (
        isinstance(error, ConnectFailed) and isinstance(error.__cause__, CallTimedOut)
    )


def is_unknown_key(error: BaseException) -> bool:
    """Whether it is a 404 of the transport. Telethon has two ways to say so."""
    return isinstance(error, tl.AuthKeyNotFound) or (
        isinstance(error, tl.InvalidBufferError) and error.code == 404
    )


def _answer(error: BaseException) -> Answer:
    if isinstance(error, _WAITS):
        return Wait(max(1, int(error.seconds))), ASKS_TO_WAIT
    if isinstance(error, ConnectFailed) and error.words:
        return Retry(), error.words
    if type(error) is ValueError and _is_migration(error):
        return _LISTED[tl.UserMigrateError]
    if isinstance(error, tl.InvalidBufferError):
        return _TRANSPORT.get(error.code, (Retry(), _BROKEN_STREAM))
    return _LISTED.get(type(error)) or _by_family(error)


def _is_migration(error: BaseException) -> bool:
    """Whether Telethon met it while it followed a USER_MIGRATE: a data centre it can't find."""
    earlier = error.__context__
    while earlier is not None and not isinstance(earlier, tl.UserMigrateError):
        earlier = earlier.__context__
    return earlier is not None


def _by_family(error: BaseException) -> Answer:
    verdict, words = next(answer for family, answer in _FAMILIES if isinstance(error, family))
    if isinstance(verdict, Unknown):
        words = f"{words} ({type(error).__name__})"
    return verdict, words
