"""SOCKS4, HTTP and MTProto proxies: what each lets through, what it refuses, and its book."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from telethon.network import (
    ConnectionTcpMTProxyAbridged,
    ConnectionTcpMTProxyIntermediate,
    ConnectionTcpMTProxyRandomizedIntermediate,
)

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind
from sandbox.proxies.relay import RelayProxy
from sandbox.world.people import User
from tests.sandbox.conftest import NewClient
from tests.sandbox.proxy_kinds import SECRET, TURNED_AWAY, new_proxy, nothing_more, through
from tests.timing import limit

Started = Callable[..., Awaitable[RelayProxy]]
LOCALHOST = socket.inet_aton("127.0.0.1")
LOGIN = "Proxy-Authorization: Basic " + base64.b64encode(b"user:pass").decode()


@pytest.fixture
def started(datacentre: DataCentre, closing: AsyncExitStack) -> Started:
    async def start(kind: Kind, *, is_guarded: bool = True) -> RelayProxy:
        proxy = new_proxy(kind, datacentre, is_guarded=is_guarded)
        await proxy.start()
        closing.push_async_callback(proxy.stop)
        return proxy

    return start


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A port that says back what it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def told(proxy: RelayProxy, said: bytes) -> bytes:
    """Everything that the proxy says to that, until it closes the connection."""
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    writer.write(said)
    try:
        async with asyncio.timeout(limit(20)):
            return await nothing_more(reader)
    finally:
        writer.close()


async def echoed(proxy: RelayProxy, said: bytes, end_of_answer: bytes) -> bytes:
    """What the proxy answers to a wish for the echo, when it has passed on a word each way."""
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    try:
        async with asyncio.timeout(limit(20)):
            writer.write(said)
            answer = await reader.readuntil(end_of_answer)
            writer.write(b"ping")
            assert await reader.readexactly(4) == b"ping"
            writer.write_eof()
            assert await nothing_more(reader) == b""
            return answer
    finally:
        writer.close()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("is_guarded", [False, True], ids=["open", "guarded"])
async def test_a_client_reaches_the_data_centre_and_the_dial_can_be_told_by_its_port(
    kind: Kind,
    is_guarded: bool,  # noqa: FBT001 - a parameter of the test
    started: Started,
    new_client: NewClient,
    datacentre: DataCentre,
    alice: User,
) -> None:
    proxy = await started(kind, is_guarded=is_guarded)
    datacentre.hazards.only_through(alice.id, proxy.carries)
    client = new_client(alice, **through(proxy))
    async with asyncio.timeout(limit(30)):
        await client.connect()
        assert (await client.get_me()).id == alice.id
    (dial,) = proxy.dials
    assert (dial.host, dial.port) == (datacentre.host, datacentre.port)
    assert dial.outcome == "connected"
    (info,) = datacentre.connections()
    assert proxy.source_ports[info.peer[1]] is dial
    assert datacentre.hazards.entries == []
    await client.disconnect()


@pytest.mark.parametrize("kind", [Kind.SOCKS5, Kind.SOCKS4, Kind.HTTP])
async def test_a_wrong_login_reaches_nothing(
    kind: Kind, started: Started, new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    proxy = await started(kind)
    client = new_client(alice, connection_retries=0, **through(proxy, username="other"))
    with pytest.raises(TURNED_AWAY):
        await client.connect()
    assert [dial.outcome for dial in proxy.dials] == ["login rejected"]
    assert proxy.dials[0].login == "other"
    assert datacentre.connections() == []


@pytest.mark.parametrize(
    ("connection", "secret", "outcome"),
    [
        (ConnectionTcpMTProxyAbridged, SECRET, "connected"),
        (ConnectionTcpMTProxyIntermediate, SECRET, "connected"),
        (ConnectionTcpMTProxyRandomizedIntermediate, "dd" + SECRET, "connected"),
        (ConnectionTcpMTProxyRandomizedIntermediate, SECRET[::-1], "wrong secret"),
    ],
)
async def test_an_mtproto_proxy_speaks_the_transport_that_its_client_chooses(
    connection: type,
    secret: str,
    outcome: str,
    started: Started,
    new_client: NewClient,
    alice: User,
) -> None:
    """With Telethon's own connections, their wait for a proxy that hangs up included."""
    proxy = await started(Kind.MTPROTO, is_guarded=False)
    address = (proxy.host, proxy.port, secret)
    client = new_client(alice, connection=connection, proxy=address, connection_retries=0)
    if outcome == "connected":
        async with asyncio.timeout(limit(30)):
            await client.connect()
            assert (await client.get_me()).id == alice.id
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await client.connect()
    assert [dial.outcome for dial in proxy.dials] == [outcome]


async def test_an_mtproto_proxy_whose_secret_asks_for_padding_takes_nothing_else(
    started: Started, new_client: NewClient, alice: User
) -> None:
    proxy = await started(Kind.MTPROTO)
    client = new_client(
        alice,
        connection=ConnectionTcpMTProxyIntermediate,
        proxy=(proxy.host, proxy.port, SECRET),
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await client.connect()
    assert [dial.outcome for dial in proxy.dials] == ["wrong secret"]


async def test_an_mtproto_proxy_never_answers_what_it_does_not_understand(
    started: Started,
) -> None:
    proxy = await started(Kind.MTPROTO)
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    writer.write(b"\x05\x01\x00" + bytes(100))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await reader.read(1)
    await proxy.stop()
    assert await nothing_more(reader) == b""
    writer.close()


async def test_an_mtproto_proxy_hangs_up_on_who_wants_another_data_centre(
    started: Started, datacentre: DataCentre, new_client: NewClient, alice: User
) -> None:
    proxy = await started(Kind.MTPROTO)
    client = new_client(alice, connection_retries=0, auto_reconnect=False, **through(proxy))
    client.session.set_dc(datacentre.dc_id + 1, datacentre.host, datacentre.port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await client.connect()
    assert [dial.outcome for dial in proxy.dials] == ["no such data centre"]


@pytest.mark.parametrize("address", [LOCALHOST + b"user\0", b"\0\0\0\1user\0localhost\0"])
async def test_socks4_dials_addresses_and_names(
    address: bytes, started: Started, echo: int
) -> None:
    proxy = await started(Kind.SOCKS4)
    wish = b"\x04\x01" + echo.to_bytes(2) + address
    assert await echoed(proxy, wish, bytes(6)) == b"\x00\x5a" + bytes(6)
    assert proxy.dials[0].login == "user"


@pytest.mark.parametrize(
    ("said", "answer", "outcome"),
    [
        (b"\x04\x01\x00\x01" + LOCALHOST + b"other\0", 93, "login rejected"),
        (b"\x04\x02\x00\x01" + LOCALHOST + b"user\0", 91, "command not supported"),
        (b"\x04\x01\x00\x01" + LOCALHOST + b"user\0", 91, "refused"),
        (b"\x04\x01\x00\x01\0\0\0\1user\0name.invalid\0", 91, "host unreachable"),
        (b"\x05\x01\x00", None, "bad request"),
        (b"\x04\x01\x00\x01" + LOCALHOST + b"u" * (1 << 18), None, "bad request"),
    ],
)
async def test_socks4_says_what_it_does_not_do(
    said: bytes, answer: int | None, outcome: str, started: Started
) -> None:
    proxy = await started(Kind.SOCKS4)
    assert await told(proxy, said) == (b"" if answer is None else bytes((0, answer)) + bytes(6))
    assert proxy.dials[0].outcome == outcome


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_http_dials_addresses_and_names(host: str, started: Started, echo: int) -> None:
    proxy = await started(Kind.HTTP)
    wish = f"CONNECT {host}:{echo} HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\n\r\n".encode()
    answer = await echoed(proxy, wish, b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert proxy.dials[0].login == "user"


@pytest.mark.parametrize(
    ("said", "status", "outcome"),
    [
        ("CONNECT 127.0.0.1:1 HTTP/1.1", 407, "login rejected"),
        ("CONNECT 127.0.0.1:1 HTTP/1.1\r\nProxy-Authorization: Basic !", 407, "login rejected"),
        ("CONNECT 127.0.0.1:1 HTTP/1.1\r\nProxy-Authorization: Bearer x", 407, "login rejected"),
        (f"CONNECT 127.0.0.1:1 HTTP/1.0\r\n{LOGIN}", 502, "refused"),
        (f"CONNECT [::1]:1 HTTP/1.1\r\n{LOGIN}", 502, "refused"),
        (f"CONNECT name.invalid:1 HTTP/1.1\r\n{LOGIN}", 504, "host unreachable"),
        (f"CONNECT 127.0.0.1:99999 HTTP/1.1\r\n{LOGIN}", 400, "bad request"),
        ("GET http://127.0.0.1/ HTTP/1.1", 405, "bad request"),
        ("\x05\x01\x00", 400, "bad request"),
        ("x" * (1 << 17), 431, "bad request"),
    ],
)
async def test_http_says_what_it_does_not_do(
    said: str, status: int, outcome: str, started: Started
) -> None:
    proxy = await started(Kind.HTTP)
    answer = await told(proxy, said.encode() + b"\r\n\r\n")
    if status != 431:  # the rest of what was said may reset it
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert (b"Proxy-Authenticate: Basic" in answer) == (status == 407)
    assert proxy.dials[0].outcome == outcome
