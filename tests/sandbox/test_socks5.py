"""The SOCKS5 proxy: what it lets through, what it refuses, and its book."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world.people import User
from tests.sandbox.conftest import Client, NewClient
from tests.sandbox.proxy_kinds import TURNED_AWAY
from tests.timing import limit

HELLO, LOGIN = b"\x05\x01\x00", b"\x05\x01\x02"


@pytest.fixture
async def proxy(closing: AsyncExitStack) -> Socks5Proxy:
    made = Socks5Proxy()
    await made.start()
    closing.push_async_callback(made.stop)
    return made


@pytest.fixture
async def guarded(closing: AsyncExitStack) -> Socks5Proxy:
    made = Socks5Proxy(username="user", password="pass")
    await made.start()
    closing.push_async_callback(made.stop)
    return made


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


class Raw:
    """A client that says bytes and expects bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes, answer_size: int) -> bytes:
        self.writer.write(data)
        async with asyncio.timeout(limit(20)):
            return await self.reader.readexactly(answer_size)

    async def is_closed(self) -> bool:
        async with asyncio.timeout(limit(20)):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True


async def dialled(proxy: Socks5Proxy, closing: AsyncExitStack) -> Raw:
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    closing.callback(writer.close)
    return Raw(reader, writer)


def connect_to(address: bytes, port: int, *, kind: int = 1, command: int = 1) -> bytes:
    return bytes((5, command, 0, kind)) + address + port.to_bytes(2)


async def through(
    proxy: Socks5Proxy, client: Client, login: tuple[str, str] | None = None
) -> Client:
    client.set_proxy(("socks5", proxy.host, proxy.port, True, *(login or ())))
    async with asyncio.timeout(limit(30)):
        await client.connect()
    return client


@pytest.mark.parametrize("login", [None, ("user", "pass")])
async def test_a_client_reaches_the_data_centre_and_the_dial_can_be_told_by_its_port(
    login: tuple[str, str] | None,
    closing: AsyncExitStack,
    new_client: NewClient,
    datacentre: DataCentre,
    alice: User,
) -> None:
    username, password = login or (None, None)
    proxy = Socks5Proxy(username=username, password=password)
    await proxy.start()
    closing.push_async_callback(proxy.stop)
    client = await through(proxy, new_client(alice), login)
    assert (await client.get_me()).id == alice.id
    (dial,) = proxy.dials
    assert (dial.host, dial.port) == (datacentre.host, datacentre.port)
    assert (dial.login, dial.outcome) == (username, "connected")
    (info,) = datacentre.connections()
    assert proxy.source_ports[info.peer[1]] is dial
    await client.disconnect()


@pytest.mark.parametrize("login", [None, ("user", "wrong"), ("other", "pass")])
async def test_a_wrong_login_reaches_nothing(
    login: tuple[str, str] | None,
    guarded: Socks5Proxy,
    new_client: NewClient,
    datacentre: DataCentre,
    alice: User,
) -> None:
    client = new_client(alice, connection_retries=0)
    with pytest.raises(TURNED_AWAY):
        await through(guarded, client, login)
    assert [dial.outcome for dial in guarded.dials] == ["login rejected"]
    assert guarded.dials[0].login == (login[0] if login else None)
    assert datacentre.connections() == []


@pytest.mark.parametrize(
    "address",
    [
        (1, socket.inet_aton("127.0.0.1")),
        (3, bytes((9,)) + b"localhost"),
    ],
)
async def test_addresses_and_names_are_dialled(
    address: tuple[int, bytes], proxy: Socks5Proxy, echo: int, closing: AsyncExitStack
) -> None:
    raw = await dialled(proxy, closing)
    assert await raw.say(HELLO, 2) == b"\x05\x00"
    answer = await raw.say(connect_to(address[1], echo, kind=address[0]), 10)
    assert answer[:2] == b"\x05\x00"
    assert int.from_bytes(answer[8:]) == proxy.dials[0].local_port
    assert await raw.say(b"ping", 4) == b"ping"
    raw.writer.write_eof()
    assert await raw.is_closed()


@pytest.mark.parametrize(
    ("request_", "reply", "outcome"),
    [
        (connect_to(bytes(4), 1, command=2), 7, "command not supported"),
        (connect_to(bytes(4), 1, kind=9), 8, "address not supported"),
        (connect_to(socket.inet_aton("127.0.0.1"), 1), 5, "refused"),
        (connect_to(bytes((12,)) + b"name.invalid", 1, kind=3), 4, "host unreachable"),
        (connect_to(bytes(15) + b"\x01", 1, kind=4), 5, "refused"),
    ],
)
async def test_what_can_not_be_dialled_gets_the_right_reply(
    proxy: Socks5Proxy, closing: AsyncExitStack, request_: bytes, reply: int, outcome: str
) -> None:
    raw = await dialled(proxy, closing)
    await raw.say(HELLO, 2)
    assert (await raw.say(request_, 10))[:2] == bytes((5, reply))
    assert await raw.is_closed()
    assert proxy.dials[0].outcome == outcome


@pytest.mark.parametrize(
    ("method", "answer"), [(LOGIN, b"\x05\xff"), (b"\x05\x02\x01\x02", b"\x05\xff")]
)
async def test_a_method_that_the_proxy_does_not_offer_is_declined(
    proxy: Socks5Proxy, closing: AsyncExitStack, method: bytes, answer: bytes
) -> None:
    raw = await dialled(proxy, closing)
    assert await raw.say(method, 2) == answer
    assert await raw.is_closed()


async def test_another_protocol_is_turned_away(
    proxy: Socks5Proxy, closing: AsyncExitStack
) -> None:
    raw = await dialled(proxy, closing)
    raw.writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await raw.is_closed()
    assert proxy.dials[0].outcome == "bad request"


async def test_a_stopped_proxy_drops_its_relays_and_comes_back_on_its_port(
    proxy: Socks5Proxy, echo: int, closing: AsyncExitStack
) -> None:
    raw = await dialled(proxy, closing)
    await raw.say(HELLO, 2)
    await raw.say(connect_to(socket.inet_aton("127.0.0.1"), echo), 10)
    port = proxy.port
    await proxy.stop()
    assert await raw.is_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(proxy.host, port)
    await proxy.start(port)
    again = await dialled(proxy, closing)
    assert await again.say(HELLO, 2) == b"\x05\x00"
    assert proxy.port == port


async def test_a_line_cut_at_the_far_end_is_cut_at_the_near_end(
    proxy: Socks5Proxy, new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    client = new_client(alice, auto_reconnect=False)
    await through(proxy, client)
    datacentre.cut(alice.id, reset=True)
    async with asyncio.timeout(limit(30)):
        await asyncio.wait([client.disconnected])
    client.disconnected.exception()
