"""A line through each kind of proxy, against a data centre that speaks MTProto."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from socket import IPPROTO_TCP, TCP_NODELAY

import pytest
from telethon.tl import functions

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world.people import User
from storage.proxies import Endpoint
from tests.network.conftest import NewLine
from tests.network.proxying import endpoint_of, started, until_open
from tests.network.test_line import frozen, no_connections, sockets
from tests.timing import limit, seconds
from userbot.errors import ConnectFailed, ConnectionLost
from userbot.limits import Limits
from userbot.proxies.causes import Cause

IMPATIENT = Limits(connect_s=seconds(1), request_s=seconds(1))
NO_JITTER = float

guarded = pytest.mark.parametrize("is_guarded", [False, True], ids=["open", "guarded"])
each_kind = pytest.mark.parametrize("kind", list(Kind))


@pytest.mark.req("S0.1")
@guarded
@each_kind
async def test_a_line_goes_through_its_proxy_and_by_no_other_way(
    kind: Kind,
    is_guarded: bool,  # noqa: FBT001 - a parameter of the test
    new_line: NewLine,
    datacentre: DataCentre,
    alice: User,
) -> None:
    before = sockets()
    async with (
        started(kind, datacentre, is_guarded=is_guarded) as proxy,
        asyncio.timeout(limit(20)),
    ):
        listening = sockets()
        datacentre.hazards.only_through(alice.id, proxy.carries)
        line = new_line(proxy=endpoint_of(proxy, is_guarded=is_guarded))
        await line.open()
        assert (await line.prove_authorised()).id == alice.id
        answers = await asyncio.gather(
            *(line.call(functions.help.GetNearestDcRequest()) for _ in range(20))
        )
        assert {answer.country for answer in answers} == {"NL"}
        await line.ping(seconds(5))
        (connection,) = datacentre.connections()
        assert [d.local_port for d in proxy.dials] == [connection.peer[1]]
        assert datacentre.hazards.entries == []
        assert list(datacentre.violations) == []
        await line.close()
        await no_connections(datacentre)
        await until_open(listening)
    await until_open(before)


@each_kind
async def test_a_line_that_is_cut_at_its_proxy_is_lost_at_once(
    kind: Kind, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with started(kind, datacentre) as proxy, asyncio.timeout(limit(20)):
        listening = sockets()
        line = new_line(proxy=endpoint_of(proxy))
        await line.open()
        serving = asyncio.ensure_future(line.serve(jitter=NO_JITTER))  # noqa: TID251
        await asyncio.sleep(0)
        proxy.cut()
        with pytest.raises(ConnectionLost):
            await serving
        await line.close()
        await no_connections(datacentre)
        await until_open(listening)


@each_kind
async def test_a_login_that_the_proxy_rejects_is_a_failed_connection(
    kind: Kind, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with started(kind, datacentre) as proxy, asyncio.timeout(limit(20)):
        listening = sockets()
        right = endpoint_of(proxy)
        wrong = replace(right, username=right.username and "other", password="dd" + "0" * 32)
        if kind is Kind.SOCKS4:
            wrong = replace(wrong, password="")
        line = new_line(proxy=wrong, limits=IMPATIENT)
        # An MTProto proxy does not say that a secret is wrong.
        words = "no answer within" if kind is Kind.MTPROTO else Cause.LOGIN_REJECTED.words
        with pytest.raises(ConnectFailed, match=words):
            await line.open()
        await line.close()
        assert len(proxy.dials) == 1
        assert proxy.dials[0].outcome in {"login rejected", "wrong secret"}
        assert datacentre.connections() == []
        await until_open(listening)


@each_kind
async def test_a_proxy_that_dials_for_nobody_is_a_failed_connection(
    kind: Kind, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with started(kind, datacentre) as proxy, asyncio.timeout(limit(20)):
        listening = sockets()
        proxy.faults.forbid()
        line = new_line(proxy=endpoint_of(proxy), limits=IMPATIENT)
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        assert datacentre.connections() == []
        await until_open(listening)


@pytest.mark.req("S0.1")
@pytest.mark.parametrize("scheme", ["", "ssh", "https", "SOCKS5"])
async def test_a_kind_that_is_not_known_is_a_failed_connection_and_nothing_dials_past_it(
    scheme: str, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with started(Kind.SOCKS5, datacentre) as proxy, asyncio.timeout(limit(20)):
        line = new_line(proxy=Endpoint(scheme, proxy.host, proxy.port))
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        assert proxy.dials == []
        assert datacentre.connections() == []


async def test_an_mtproto_proxy_costs_no_wait(new_line: NewLine, datacentre: DataCentre) -> None:
    """Telethon's own connection gives it two seconds to hang up."""
    async with started(Kind.MTPROTO, datacentre) as proxy:
        line = new_line(proxy=endpoint_of(proxy))
        began = time.monotonic()
        await line.open()
        await line.prove_authorised()
        assert time.monotonic() - began < 1.5
        await line.close()


@pytest.mark.parametrize("kind", [None, *Kind])
async def test_small_packets_are_not_held_back(
    kind: Kind | None, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with started(kind or Kind.SOCKS5, datacentre) as proxy:
        line = new_line(proxy=endpoint_of(proxy) if kind else None)
        await line.open()
        (connection,) = line._route.connections
        socket = connection._writer.get_extra_info("socket")
        assert socket.getsockopt(IPPROTO_TCP, TCP_NODELAY) == 1
        await line.close()


async def test_before_the_gate_opens_an_mtproto_proxy_hears_nothing(new_line: NewLine) -> None:
    """Its header alone would have Telegram reached."""
    async with frozen() as peer, asyncio.timeout(limit(20)):
        proxy = Endpoint("mtproto", "127.0.0.1", peer.port, password="0" * 32)
        line = new_line(proxy=proxy, limits=IMPATIENT, may_write=lambda: False)
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        await peer.ended.wait()
    assert peer.got == b""


@pytest.mark.parametrize("kind", list(Kind))
async def test_once_the_gate_has_closed_no_byte_leaves(
    kind: Kind, new_line: NewLine, datacentre: DataCentre
) -> None:
    is_leased = True
    async with started(kind, datacentre) as proxy, asyncio.timeout(limit(20)):
        line = new_line(proxy=endpoint_of(proxy), may_write=lambda: is_leased)
        await line.open()
        (connection,) = datacentre.connections()
        requests, is_leased = connection.requests, False
        with pytest.raises(ConnectionLost):
            await line.call(functions.help.GetConfigRequest())
        assert all(c.requests == requests for c in datacentre.connections())
        await line.close()


async def test_a_login_beyond_ascii_is_sent_as_it_is(new_line: NewLine) -> None:
    proxy = Socks5Proxy(username="zoë", password="pässwörd €")
    await proxy.start()
    line = new_line(proxy=Endpoint("socks5", proxy.host, proxy.port, "zoë", "pässwörd €"))
    async with asyncio.timeout(limit(20)):
        await line.open()
        await line.close()
    assert [(dial.login, dial.outcome) for dial in proxy.dials] == [("zoë", "connected")]
    await proxy.stop()


@asynccontextmanager
async def http_in_pieces(answer: bytes, to: DataCentre) -> AsyncIterator[int]:
    """The port of an HTTP proxy that says its answer byte by byte, and is gone after one client."""
    done = asyncio.Event()

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(1 << 16):
                sink.write(data)
        sink.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in answer:
            writer.write(bytes((byte,)))
            await asyncio.sleep(0.001)
        far_reader, far_writer = await asyncio.open_connection(to.host, to.port)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
        done.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await done.wait()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 Connection established\r\nProxy-agent: slow\r\nX: y\r\n\r\n",
        b"HTTP/1.1 200\n\n",
    ],
)
async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(
    answer: bytes, new_line: NewLine, datacentre: DataCentre
) -> None:
    async with asyncio.timeout(limit(20)), http_in_pieces(answer, datacentre) as port:
        line = new_line(proxy=Endpoint("http", "127.0.0.1", port))
        await line.open()
        await line.prove_authorised()
        await line.close()


async def test_lines_share_their_class(new_line: NewLine) -> None:
    """A class costs 4 KiB, which is much for a line that idles."""
    lines = [new_line() for _ in range(2)]
    for line in lines:
        await line.open()
        await line.close()
    first, second = (line._client._connection for line in lines)
    assert first is second
