"""What each error calls for: over every class that Telethon ships."""

import asyncio
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from telethon import errors as tl
from telethon.tl import functions

from tests.timing import seconds
from userbot import errors
from userbot.errors import (
    Banned,
    CallTimedOut,
    ConnectFailed,
    ConnectionLost,
    LineError,
    Misconfigured,
    Relogin,
    Retry,
    SessionGuarded,
    Unknown,
    Verdict,
    Wait,
    classify,
    in_words,
)

ROOT = Path(__file__).parents[2]
REQUEST = functions.help.GetConfigRequest()


SPECIAL: dict[type[Exception], tuple[object, ...]] = {
    tl.BadMessageError: (REQUEST, 16),
    tl.MultiError: ([ValueError()], [None], [REQUEST]),
    tl.TypeNotFoundError: (1, b""),
    tl.InvalidBufferError: ((-404 & 0xFFFFFFFF).to_bytes(4, "little"),),
    tl.InvalidChecksumError: (1, 2),
}


def made(kind: type[Exception]) -> Exception:
    """An instance as Telethon makes it: generated classes take the request and a number."""
    if kind in SPECIAL:
        return kind(*SPECIAL[kind])
    parameters = inspect.signature(kind.__init__).parameters
    if "capture" in parameters:
        return kind(REQUEST, capture=5)  # type: ignore[call-arg]  # Telethon is untyped
    if "request" not in parameters:
        return kind()
    return kind(REQUEST, "A_MESSAGE", 400) if "message" in parameters else kind(REQUEST)


SHIPPED = sorted(
    {kind for kind in vars(tl).values() if isinstance(kind, type) and issubclass(kind, Exception)},
    key=lambda kind: kind.__name__,
)
VERDICTS = (Retry, Wait, Relogin, Banned, Misconfigured, Unknown)


def test_telethon_ships_the_classes_that_these_tests_walk() -> None:
    assert len(SHIPPED) > 500


def test_every_error_of_telethon_gets_a_verdict_and_words() -> None:
    for kind in SHIPPED:
        error = made(kind)
        assert isinstance(classify(error), VERDICTS), kind
        words = in_words(error)
        assert words, kind
        assert "\n" not in words, kind


def test_only_listed_errors_end_a_session() -> None:
    """Nothing that is merely a 401 or a 400 may take an account off its line."""
    ending = {
        kind.__name__: type(verdict)
        for kind in SHIPPED
        if isinstance(verdict := classify(made(kind)), Relogin | Banned)
    }
    assert ending == {
        "AuthKeyDuplicatedError": Relogin,
        "AuthKeyInvalidError": Relogin,
        "AuthKeyPermEmptyError": Relogin,
        "AuthKeyUnregisteredError": Relogin,
        "PhoneNumberBannedError": Banned,
        "SessionExpiredError": Relogin,
        "SessionPasswordNeededError": Relogin,
        "SessionRevokedError": Relogin,
        "UserDeactivatedBanError": Banned,
        "UserDeactivatedError": Banned,
    }


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (tl.AuthKeyDuplicatedError, Relogin()),  # 406, no UnauthorizedError
        (tl.AuthKeyNotFound, Retry()),  # one transport 404 proves nothing
        (tl.SessionPasswordNeededError, Relogin()),  # an UnauthorizedError
        (tl.UserDeactivatedBanError, Banned()),  # an UnauthorizedError
        (tl.PhoneNumberBannedError, Banned()),  # a BadRequestError
        (tl.FrozenMethodInvalidError, Unknown()),  # a FloodError that names no time
        (tl.PeerFloodError, Unknown()),  # a BadRequestError
        (tl.ApiIdInvalidError, Misconfigured()),
        (tl.FloodWaitError, Wait(5)),
        (tl.FloodPremiumWaitError, Wait(5)),
        (tl.RandomIdDuplicateError, Retry()),  # a ServerError
        (tl.TimedOutError, Retry()),
        (tl.SecurityError, Retry()),
    ],
)
def test_the_class_tree_misleads_and_is_not_followed(
    kind: type[Exception], verdict: Verdict
) -> None:
    assert classify(made(kind)) == verdict


@given(wait=st.integers(-5, 10**7))
def test_a_flood_wait_is_kept_to_the_second_and_is_never_nothing(wait: int) -> None:
    for kind in (tl.FloodWaitError, tl.FloodPremiumWaitError):
        assert classify(kind(REQUEST, capture=wait)) == Wait(max(1, wait))


@pytest.mark.parametrize(
    "error",
    [
        ConnectFailed(),
        ConnectionLost(),
        CallTimedOut(),
        OSError(113, "No route to host"),
        ConnectionError("Connection to Telegram failed 1 time(s)"),
        ConnectionAbortedError(),
        TimeoutError(),
        ProxyError("Host unreachable", error_code=4),
        ProxyConnectionError(111, "refused"),
        ProxyTimeoutError(),
        tl.ServerError(REQUEST, "INTERDC_2_CALL_ERROR", 500),
    ],
)
def test_what_the_network_does_is_retried(error: Exception) -> None:
    assert classify(error) == Retry()


def test_a_guarded_session_asks_for_a_login() -> None:
    assert classify(SessionGuarded()) == Relogin()


@pytest.mark.parametrize("error", [KeyError("x"), asyncio.IncompleteReadError(b"", 4)])
def test_anything_else_is_unknown(error: Exception) -> None:
    assert classify(error) == Unknown()


@pytest.mark.parametrize(
    "error",
    [
        OSError(111, "Connect call failed ('203.0.113.7', 1080)"),
        ProxyError("203.0.113.7 says no"),
        ConnectFailed("203.0.113.7"),
        tl.ServerError(REQUEST, "203.0.113.7", 500),
    ],
)
def test_words_never_hold_an_address(error: Exception) -> None:
    assert "203.0.113" not in in_words(error)


def test_every_error_of_a_line_has_words_of_its_own() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, LineError)]
    for kind in set(kinds) - {LineError}:
        assert in_words(kind()) != kind.__name__


IMPORT_ORDERS = {
    "python-socks first": "import python_socks.async_.asyncio, telethon",
    "Telethon first": "import telethon",
}
_PROGRAM = """
import asyncio
{imports}
from python_socks import ProxyError
from storage.proxies import Endpoint
from telethon.network import ConnectionTcpFull
from userbot.errors import Retry, classify
from userbot.proxies import for_telethon

async def refuse(reader, writer):
    await reader.readexactly(3)
    writer.write(b"\\x05\\x00")
    await reader.readexactly(10)
    writer.write(b"\\x05\\x05\\x00\\x01" + bytes(6))
    writer.close()

async def main():
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = for_telethon(Endpoint("socks5", "127.0.0.1", port))
    import collections, logging
    loggers = collections.defaultdict(lambda: logging.root)
    connection = ConnectionTcpFull("192.0.2.1", 443, 2, loggers=loggers, proxy=proxy)
    try:
        await connection.connect(timeout=10)
    except Exception as exc:
        print(isinstance(exc, OSError), isinstance(exc, ProxyError), classify(exc) == Retry())
    server.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("imports", IMPORT_ORDERS.values(), ids=IMPORT_ORDERS)
def test_a_proxy_that_refuses_is_retried_whoever_imported_its_library_first(imports: str) -> None:
    """Telethon swaps the library's error classes, where nobody has used them before."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM.format(imports=imports)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=False,
    )
    assert done.stderr == ""
    is_os_error, is_proxy_error, is_retried = done.stdout.split()
    assert is_retried == "True"
    assert "True" in {is_os_error, is_proxy_error}
