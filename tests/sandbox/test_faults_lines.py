"""Faults of connections: frozen, late, closed at once, refused, transport errors."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from telethon.errors import AuthKeyNotFound
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.conftest import Client, Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.sandbox.raw_client import RawClient, TransportError
from tests.timing import limit, seconds

CONFIG = functions.help.GetConfigRequest()
PAUSE_S = 0.2
"""How long a test looks whether nothing comes; an answer takes a millisecond."""


@pytest.fixture(autouse=True)
async def _no_hazards(datacentre: DataCentre) -> AsyncIterator[None]:
    yield
    assert_no_hazards(datacentre)


async def is_silent(client: RawClient, *, for_s: float = PAUSE_S) -> bool:
    """Whether nothing comes for a moment, no end either."""
    try:
        async with asyncio.timeout(for_s):
            await client.reader.read(1)
    except TimeoutError:
        return True
    return False


async def is_refused(datacentre: DataCentre) -> bool:
    try:
        _, writer = await asyncio.open_connection(datacentre.host, datacentre.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_frozen_data_centre_reads_and_says_nothing_until_it_is_lifted(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    old = await dial(alice)
    await old.init()
    with datacentre.faults.freeze() as fault:
        new = await dial(alice)
        old.send(CONFIG)
        new.send(functions.ReqPqMultiRequest(1))
        await fault.has_struck(2)
        assert await is_silent(old)
        assert await is_silent(new)
    assert await old.call(CONFIG)
    assert fault.struck == 2


async def test_a_freeze_concerns_one_user_if_it_is_told_whom(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    hers, his = await dial(alice), await dial(bob)
    await hers.init()
    await his.init()
    fault = datacentre.faults.freeze(alice.id)
    late = await dial(alice)
    for client in (hers, late):
        client.send(CONFIG)
    await fault.has_struck(2)
    assert await is_silent(hers)
    assert await is_silent(late)
    assert await his.call(CONFIG)
    fault.lift()
    assert await hers.call(CONFIG)


async def test_a_freeze_concerns_one_key_if_it_is_told_which(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    one, other = await dial(alice), await dial(alice)
    await one.init()
    await other.init()
    fault = datacentre.faults.freeze(key_id=one.key_id)
    one.send(CONFIG)
    await fault.has_struck()
    assert await is_silent(one)
    assert await other.call(CONFIG)


async def test_updates_do_not_reach_a_frozen_connection(
    dial: Dial, datacentre: DataCentre, world: World, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    await client.call(functions.updates.GetStateRequest())
    with datacentre.faults.freeze(alice.id):
        world.send_login_code(alice.phone or "")
        assert await is_silent(client)


async def test_a_late_freeze_does_everything_when_it_is_lifted(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    with datacentre.faults.freeze(late=True) as fault:
        asked = client.send(CONFIG)
        before = datacentre.dispatcher.calls.total()
        await fault.has_struck()
        assert datacentre.dispatcher.calls.total() == before
    assert await client.result(asked)


async def test_a_late_freeze_does_what_came_from_a_client_that_has_left(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    with datacentre.faults.freeze(late=True) as fault:
        client.send(
            functions.messages.SendMessageRequest(types.InputPeerSelf(), "late", random_id=7)
        )
        await fault.has_struck()
        await client.close()
        async with asyncio.timeout(limit(20)):
            await datacentre._is_empty.wait()
        assert datacentre.world.messages.history(alice.id, alice.id) == []
    (message,) = datacentre.world.messages.history(alice.id, alice.id)
    assert message.content.text == "late"
    assert datacentre.feeds._feeds == {}


@pytest.mark.parametrize("keeps_timers", [False, True])
async def test_a_freeze_stops_the_closing_timer_unless_told_otherwise(
    dial: Dial, datacentre: DataCentre, alice: User, *, keeps_timers: bool
) -> None:
    client = await dial(alice)
    await client.init()
    client.send(functions.PingDelayDisconnectRequest(1, 1))
    await client.receive_kind(types.Pong)
    fault = datacentre.faults.freeze(keeps_timers=keeps_timers)
    if not keeps_timers:
        assert await is_silent(client, for_s=1.2)
        fault.lift()
    assert await client.is_closed()


async def test_a_delay_holds_answers_back_in_their_order(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    hers, his = await dial(alice), await dial(bob)
    await hers.init()
    await his.init()
    fault = datacentre.faults.delay(0.3, alice.id)
    start = time.monotonic()
    assert await his.call(CONFIG)
    first = hers.send(CONFIG)
    await hers.writer.drain()
    pong = hers.send(functions.PingRequest(5))
    assert await hers.result(first)
    assert time.monotonic() - start >= 0.3
    fault.lift()
    assert (await hers.receive()).content.msg_id == pong
    start = time.monotonic()
    assert await hers.call(CONFIG)
    assert time.monotonic() - start < seconds(0.3)


async def test_connections_are_accepted_and_closed_at_once(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    old = await dial(bob)
    await old.init()
    with datacentre.faults.close_at_once():
        assert await (await dial(alice)).is_closed()
        assert await old.call(CONFIG)
    with datacentre.faults.close_at_once(alice.id, times=1) as fault:
        his, hers = await dial(bob), await dial(alice)
        assert await his.init()
        hers.send(CONFIG)
        assert await hers.is_closed()
        assert not fault.is_active
    assert await (await dial(alice)).init()


async def test_a_refusing_data_centre_keeps_its_lines_and_its_port(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    port = datacentre.port
    async with await datacentre.faults.refuse():
        assert await is_refused(datacentre)
        assert await client.call(CONFIG)
        with pytest.raises(OSError, match="in use"):
            await asyncio.start_server(lambda *_: None, datacentre.host, port)
    assert datacentre.port == port
    assert await (await dial(alice)).init()


async def test_a_data_centre_goes_down_and_comes_back_on_its_port(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    port = datacentre.port
    fault = await datacentre.faults.go_down()
    assert await client.is_closed()
    assert await is_refused(datacentre)
    with pytest.raises(RuntimeError):
        fault.lift()
    await datacentre.faults.lift_all()
    assert (datacentre.port, datacentre.faults.active()) == (port, [])
    assert await (await dial(alice)).init()


async def test_a_start_ends_a_refusal(datacentre: DataCentre) -> None:
    port = datacentre.port
    await datacentre.faults.refuse()
    await datacentre.stop()
    await datacentre.start(port)
    assert not await is_refused(datacentre)
    assert not datacentre.faults


@pytest.mark.parametrize("code", [404, 429])
async def test_a_transport_error_is_told_once_and_ends_the_connection(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User, code: int
) -> None:
    datacentre.faults.transport_error(code, alice.id)
    his, hers = await dial(bob), await dial(alice)
    assert await his.init()
    hers.send(CONFIG)
    with pytest.raises(TransportError) as raised:
        await hers.receive()
    assert raised.value.code == -code
    assert await hers.is_closed()
    assert await (await dial(alice)).init()


async def test_an_unknown_key_is_unknown_until_it_is_lifted(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    def client() -> Client:
        return new_client(alice, connection_retries=0, auto_reconnect=False)

    with datacentre.faults.key_unknown(alice.id) as fault:
        for _ in range(2):
            lost = client()
            async with asyncio.timeout(limit(20)):
                with pytest.raises(AuthKeyNotFound):
                    await lost.connect()
                await asyncio.wait([lost.disconnected])
            lost.disconnected.exception()
    assert fault.struck >= 2
    back = client()
    async with asyncio.timeout(limit(20)):
        await back.connect()
        assert (await back.get_me()).id == alice.id


async def test_faults_are_listed_found_and_lifted_all_at_once(
    datacentre: DataCentre, dial: Dial, alice: User
) -> None:
    faults = datacentre.faults
    frozen, slow = faults.freeze(alice.id), faults.delay(1)
    assert faults.active() == [frozen, slow]
    assert faults.get(slow.id) is slow
    await faults.lift_all()
    assert faults.active() == []
    assert not frozen.is_active
    assert not slow.is_active
    assert await (await dial(alice)).init()
