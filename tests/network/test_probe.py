"""Probes of proxies: every cause, met over real sockets."""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.tl.types import ResPQ

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind
from sandbox.proxies.relay import RelayProxy
from storage.proxies import Endpoint
from tests.network.probing import (
    LOCALHOST,
    SHORT_S,
    found,
    limit_for,
    no_socket_is_left_over,
    saying,
    target,
)
from tests.network.proxying import endpoint_of, started
from tests.network.test_line import no_connections
from tests.timing import seconds
from userbot.proxies.causes import Cause, DialFailed
from userbot.proxies.dial import dial
from userbot.proxies.probe import Failed, Reached, probe_directly
from userbot.telegram import DcAddress

__all__ = ["no_socket_is_left_over", "target"]

CONNECTED = b"HTTP/1.1 200 OK\r\n\r\n"
each_kind = pytest.mark.parametrize("kind", list(Kind))
NEEDS = {Kind.SOCKS5, Kind.SOCKS4, Kind.HTTP}
"""The kinds that say what is wrong; an MTProto proxy says nothing."""


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as found:
        yield found


@pytest.mark.parametrize("is_guarded", [False, True], ids=["open", "guarded"])
@each_kind
async def test_a_proxy_that_leads_to_the_data_centre_is_reached_and_measured(
    kind: Kind,
    is_guarded: bool,  # noqa: FBT001 - a parameter of the test
    datacentre: DataCentre,
    target: DcAddress,
) -> None:
    async with started(kind, datacentre, is_guarded=is_guarded) as proxy:
        outcome = await found(endpoint_of(proxy, is_guarded=is_guarded), target)
        assert isinstance(outcome, Reached)
        assert 0 < outcome.latency_s < seconds(5)
        assert [dial.outcome for dial in proxy.dials] == ["connected"]
        await no_connections(datacentre)
    assert datacentre.hazards.entries == []
    assert list(datacentre.violations) == []


@pytest.mark.parametrize("name", ["localhost", "name.invalid"])
@each_kind
async def test_a_proxys_name_is_looked_up(
    kind: Kind, name: str, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy:
        outcome = await found(replace(endpoint_of(proxy), host=name), target)
    if name == "localhost":
        assert isinstance(outcome, Reached)
    else:
        assert outcome == Failed(Cause.NAME_NOT_FOUND)


@each_kind
async def test_a_name_that_the_proxy_shall_find_is_sent_as_it_is(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy:
        outcome = await found(endpoint_of(proxy), replace(target, host="localhost"))
        assert isinstance(outcome, Reached)
        if kind is not Kind.MTPROTO:
            assert proxy.dials[0].host == "localhost"


Prepare = Callable[[RelayProxy, AsyncExitStack], Awaitable[object]]


async def _reject(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.reject_login()


async def _forbid(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.forbid()


async def _close(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.close_at_once()


async def _be_silent(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.say_nothing()


async def _be_slow(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.slow(60)


async def _freeze(proxy: RelayProxy, _: AsyncExitStack) -> object:
    return proxy.faults.freeze()


async def _refuse(proxy: RelayProxy, stack: AsyncExitStack) -> object:
    return await stack.enter_async_context(await proxy.faults.refuse())


@pytest.mark.parametrize(
    ("fault", "causes"),
    [
        # By SOCKS5, SOCKS4, HTTP, MTProto.
        (_refuse, [Cause.REFUSED] * 4),
        (_be_silent, [Cause.TIMED_OUT] * 3 + [Cause.SECRET_REFUSED]),
        (_close, [Cause.CLOSED] * 3 + [Cause.SECRET_REFUSED]),
        (_reject, [Cause.LOGIN_REJECTED] * 3 + [Cause.SECRET_REFUSED]),
        (_forbid, [Cause.DC_BLOCKED] * 3 + [Cause.SECRET_REFUSED]),
        # SOCKS5 alone has said a word before it dials.
        (_be_slow, [Cause.DC_BLOCKED, Cause.TIMED_OUT, Cause.TIMED_OUT, Cause.SECRET_REFUSED]),
        (_freeze, [Cause.NO_MTPROTO] * 3 + [Cause.SECRET_REFUSED]),
    ],
)
@each_kind
async def test_each_fault_of_a_proxy_has_its_cause(
    kind: Kind,
    fault: Prepare,
    causes: list[Cause],
    datacentre: DataCentre,
    target: DcAddress,
    stack: AsyncExitStack,
) -> None:
    async with started(kind, datacentre) as proxy:
        endpoint = endpoint_of(proxy)
        await fault(proxy, stack)
        cause = causes[list(Kind).index(kind)]
        assert await found(endpoint, target, limit_for(cause)) == Failed(cause)
        await proxy.faults.lift_all()
        await stack.aclose()
        assert isinstance(await found(endpoint, target), Reached)


@each_kind
async def test_a_wrong_login_or_secret_is_told(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy:
        right = endpoint_of(proxy)
        if kind is Kind.MTPROTO:
            wrong = replace(right, password="0" * 32)
            assert await found(wrong, target, SHORT_S) == Failed(Cause.SECRET_REFUSED)
            return
        for wrong in (
            replace(right, username="other"),
            replace(right, username="ö" * 200),
            Endpoint(kind, right.host, right.port),
        ):
            assert await found(wrong, target) == Failed(Cause.LOGIN_REJECTED)


@each_kind
async def test_a_data_centre_that_is_down_is_told_from_a_proxy_that_is(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy:
        endpoint = endpoint_of(proxy)
        async with await datacentre.faults.go_down():
            outcome = await found(endpoint, target, SHORT_S)
    blocked = Cause.DC_BLOCKED if kind in NEEDS else Cause.SECRET_REFUSED
    assert outcome == Failed(blocked)


@each_kind
async def test_what_is_not_the_data_centre_is_told(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    """A stream, and on it silence, nonsense, an end, a page, and the answer to another question."""
    anothers = ResPQ(nonce=1, server_nonce=2, pq=b"12345678", server_public_key_fingerprints=[3])
    message = bytes(8) + struct.pack("<qi", 1 << 32, len(bytes(anothers))) + bytes(anothers)
    answer = FullPacketCodec(None).encode_packet(message)
    async with started(kind, datacentre) as proxy:
        for answers in ([], [bytes(4096)], [b"\x10\0\0\0" * 9], [None], [CONNECTED], [answer]):
            async with saying(*answers) as port:
                place = replace(target, host=LOCALHOST, port=port)
                if kind is Kind.MTPROTO:
                    proxy._reach = lambda _, port=port: (LOCALHOST, port)  # type: ignore[attr-defined]
                outcome = await found(endpoint_of(proxy), place, SHORT_S)
            lost = Cause.NO_MTPROTO if kind in NEEDS else Cause.SECRET_REFUSED
            assert outcome == Failed(lost)


@pytest.mark.parametrize(
    ("kind", "answers", "cause"),
    [
        (Kind.SOCKS5, [CONNECTED], Cause.NOT_A_PROXY),
        (Kind.SOCKS5, [b"\x05\x00", CONNECTED], Cause.NOT_A_PROXY),
        (Kind.SOCKS5, [b"\x05\x00", b"\x05\x00\x00\x09"], Cause.NOT_A_PROXY),
        (Kind.SOCKS5, [b"\x05"], Cause.TIMED_OUT),
        (Kind.SOCKS5, [b"\x05\x01"], Cause.LOGIN_REJECTED),
        (Kind.SOCKS5, [b"\x05\x02", None], Cause.LOGIN_REJECTED),
        (Kind.SOCKS5, [b"\x05\x00", None], Cause.DC_BLOCKED),
        (Kind.SOCKS5, [b"\x05\x00"], Cause.DC_BLOCKED),
        (Kind.SOCKS5, [b"\x05\x00", b"\x05\x00\x00\x03\x04name\x00\x50"], Cause.NO_MTPROTO),
        (Kind.SOCKS5, [b"\x05\x00", b"\x05\x00\x00\x04" + bytes(18)], Cause.NO_MTPROTO),
        (Kind.SOCKS5, [None], Cause.CLOSED),
        (Kind.SOCKS4, [CONNECTED], Cause.NOT_A_PROXY),
        (Kind.SOCKS4, [b"\x05\xff"], Cause.NOT_A_PROXY),
        (Kind.SOCKS4, [b"\x00\x5c" + bytes(6)], Cause.LOGIN_REJECTED),
        (Kind.SOCKS4, [b"\x00\x5b" + bytes(6)], Cause.DC_BLOCKED),
        (Kind.SOCKS4, [b"\x04\x5a" + bytes(6)], Cause.NO_MTPROTO),
        (Kind.SOCKS4, [None], Cause.CLOSED),
        (Kind.HTTP, [b"\x05\xff\x05\xff\x05"], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"SSH-2.0-OpenSSH_9.2\r\n"], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"HTTP/1.1 OK\r\n\r\n"], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"HTTP/1.1 405 Not Allowed\r\n\r\n"], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"HTTP/1.1 407 Who\r\n\r\n"], Cause.LOGIN_REJECTED),
        (Kind.HTTP, [b"HTTP/1.0 401 Unauthorized\r\n\r\n"], Cause.LOGIN_REJECTED),
        (Kind.HTTP, [b"HTTP/1.1 403 Forbidden\r\n\r\n"], Cause.DC_BLOCKED),
        (Kind.HTTP, [b"HTTP/1.0 503"], Cause.TIMED_OUT),
        (Kind.HTTP, [b"HTTP/1.0 407", b""], Cause.LOGIN_REJECTED),
        (Kind.HTTP, [b"HTTP/", b""], Cause.DC_BLOCKED),
        (Kind.HTTP, [b"HTTP/1.1 200 OK\r\n", b""], Cause.DC_BLOCKED),
        (Kind.HTTP, [b"HTTP/" + b"x" * (1 << 17)], Cause.NOT_A_PROXY),
        (Kind.HTTP, [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200], Cause.NOT_A_PROXY),
        (Kind.HTTP, [CONNECTED + b"more"], Cause.NO_MTPROTO),
        (Kind.HTTP, [None], Cause.CLOSED),
    ],
)
async def test_each_answer_has_its_cause(
    kind: Kind, answers: list[bytes | None], cause: Cause, target: DcAddress
) -> None:
    async with saying(*answers) as port:
        endpoint = Endpoint(kind, LOCALHOST, port, "user" if kind is Kind.SOCKS5 else "")
        assert await found(endpoint, target, limit_for(cause)) == Failed(cause)


async def test_an_address_that_can_not_be_reached_is_told(target: DcAddress) -> None:
    """The broadcast address is refused by the kernel itself."""
    endpoint = Endpoint("socks5", "255.255.255.255", 1080)
    assert await found(endpoint, target) == Failed(Cause.UNREACHABLE)


async def test_the_data_centre_is_reached_directly_too_or_told_why_not(
    datacentre: DataCentre, target: DcAddress
) -> None:
    assert isinstance(await probe_directly(target, limit_s=seconds(10)), Reached)
    async with await datacentre.faults.go_down():
        assert await probe_directly(target, limit_s=seconds(10)) == Failed(Cause.REFUSED)
    for host, cause in (
        ("255.255.255.255", Cause.UNREACHABLE),
        ("no.such.host.invalid", Cause.NAME_NOT_FOUND),
    ):
        place = DcAddress(2, host, 443)
        assert await probe_directly(place, limit_s=seconds(10)) == Failed(cause)
    async with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        place = DcAddress(2, LOCALHOST, port)
        assert await probe_directly(place, limit_s=seconds(10)) == Failed(Cause.NO_MTPROTO)


async def test_a_kind_that_is_not_known_is_told_and_nothing_is_dialled(
    datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(Kind.SOCKS5, datacentre) as proxy:
        endpoint = Endpoint("ssh", proxy.host, proxy.port)
        assert await found(endpoint, target) == Failed(Cause.UNSUPPORTED)
        with pytest.raises(DialFailed):
            await dial(endpoint, target.host, target.port)
        assert proxy.dials == []
        assert datacentre.connections() == []


async def test_socks4_has_no_word_for_an_ipv6_address(
    datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(Kind.SOCKS4, datacentre) as proxy:
        outcome = await found(endpoint_of(proxy), replace(target, host="::1"))
        assert outcome == Failed(Cause.DC_BLOCKED)


def test_every_cause_has_words_for_an_operator() -> None:
    words = [Failed(cause).words for cause in Cause]
    assert all(words)
    assert len(set(words)) == len(words)
