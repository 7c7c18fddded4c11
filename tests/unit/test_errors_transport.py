"""What goes wrong below Telegram: proxies, sockets, streams, and silence."""

import asyncio
import importlib
import pkgutil
import re
import socket
import ssl
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import python_socks
from hypothesis import given
from hypothesis import strategies as st
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from telethon import errors as tl
from telethon.network.connection.tcpfull import FullPacketCodec

from storage.errors import StorageBusy, StorageLost
from tests.timing import seconds
from tests.unit.shipped_errors import REQUEST, SHIPPED, classes_of, made
from userbot import errors
from userbot.errors import (
    CallTimedOut,
    ConnectFailed,
    ConnectionLost,
    Retry,
    Verdict,
    classify,
    is_timeout,
    is_unknown_key,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "error",
    [
        ConnectFailed(),
        ConnectionLost(),
        CallTimedOut(),
        OSError(113, "No route to host"),
        PermissionError(1, "Operation not permitted"),
        socket.gaierror(-2, "Name or service not known"),
        ssl.SSLError(1, "wrong version number"),
        ssl.SSLCertVerificationError(1, "certificate verify failed"),
        ConnectionError("Connection to Telegram failed 1 time(s)"),
        ConnectionAbortedError(),
        TimeoutError(),
        EOFError(),
        asyncio.IncompleteReadError(b"", 4),
        struct.error("unpack requires a buffer of 4 bytes"),
        BufferError("No more data left to read"),
        ProxyError("Host unreachable", error_code=4),
        ProxyConnectionError(111, "refused"),
        ProxyTimeoutError(),
        tl.ServerError(REQUEST, "INTERDC_2_CALL_ERROR", 500),
        StorageBusy(),
        StorageLost(),
    ],
)
def test_what_passes_by_itself_is_retried(error: Exception) -> None:
    assert classify(error) == Retry()


def transport_error(code: int) -> bytes:
    """Four bytes in the place of a packet, and once more where its length would be."""
    return struct.pack("<iii", -code, -code, -code)


async def read(stream: bytes) -> BaseException | None:
    """What Telethon's own codec makes of these bytes, where it is an error."""
    reader = asyncio.StreamReader()
    reader.feed_data(stream)
    reader.feed_eof()
    try:
        await FullPacketCodec(None).read_packet(reader)
    except Exception as exc:  # noqa: BLE001 - whatever it raises is classified
        return exc
    return None


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (404, Retry()),  # the key is not known, see `unknown_key.judge`
        (429, Retry(is_slow=True)),
        (444, Retry()),
        (403, Retry()),
    ],
)
async def test_an_error_of_the_transport_is_known_by_its_code(code: int, verdict: Verdict) -> None:
    error = await read(transport_error(code))
    assert error is not None
    assert classify(error) == verdict
    assert is_unknown_key(error) == (code == 404)


def test_only_a_404_of_the_transport_says_that_the_key_is_not_known() -> None:
    assert is_unknown_key(tl.AuthKeyNotFound())
    for kind in set(SHIPPED) - {tl.AuthKeyNotFound}:
        assert not is_unknown_key(made(kind)), kind


@given(stream=st.binary(max_size=40))
def test_a_broken_stream_never_ends_an_account(stream: bytes) -> None:
    error = asyncio.run(read(stream))
    if error is not None:
        assert isinstance(classify(error), Retry), error


def test_every_public_error_of_python_socks_is_listed() -> None:
    public = {getattr(python_socks, name) for name in python_socks.__all__}
    kinds = {k for k in public if isinstance(k, type) and issubclass(k, Exception)}
    assert kinds == {ProxyError, ProxyConnectionError, ProxyTimeoutError}
    assert kinds <= set(errors._LISTED)


def test_the_other_errors_of_python_socks_are_its_own_and_come_out_as_a_public_one() -> None:
    """All that its packages define; the parts for other event loops need these installed."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(python_socks.__path__, "python_socks.")
        if not re.search(r"\.(trio|anyio|curio)|\.v2", found.name)
    ]
    defined = {k for k in classes_of(*modules) if k.__module__.startswith("python_socks")}
    inner = {"IncompleteReadError", "ProxyException", "ReplyError"}
    assert {k.__name__ for k in defined - set(errors._LISTED)} == inner


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.req("S2.2")
@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (CallTimedOut(), True),
        (TimeoutError(), True),
        (ProxyTimeoutError(), True),
        (caused_by(ConnectFailed(), CallTimedOut()), True),
        (ConnectFailed(), False),
        (caused_by(ConnectFailed(), ConnectionLost()), False),
        (ConnectionLost(), False),
        (tl.TimedOutError(REQUEST, "Timeout", 503), False),  # Telegram's own, and an answer
        (OSError(113, "No route to host"), False),
    ],
)
def test_a_timeout_is_the_want_of_an_answer(error: Exception, is_one: bool) -> None:  # noqa: FBT001 - a table
    assert is_timeout(error) is is_one


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
