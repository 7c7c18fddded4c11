"""Faults of API calls: errors, waits, lost and unreadable answers."""

import asyncio
from datetime import timedelta

import pytest
from telethon import errors
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.faults.calls import Cut
from sandbox.datacentre.hazards import HazardKind
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.people import User
from sandbox.world.presses import Answer, Press
from tests.sandbox.clock import Clock
from tests.sandbox.conftest import Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.sandbox.raw_client import RawClient
from tests.timing import limit

SEND, STATE = "messages.sendMessage", functions.updates.GetStateRequest()


def message(
    to: User, text: str = "hello", random_id: int = 1
) -> functions.messages.SendMessageRequest:
    peer = types.InputPeerUser(to.id, to.access_hash)
    return functions.messages.SendMessageRequest(peer, text, random_id=random_id)


def texts(world: World, owner: User, other: User) -> list[str]:
    return [m.content.text for m in world.messages.history(owner.id, other.id)]


async def error_of(client: RawClient, request: object) -> str:
    answer = await client.call(request)
    assert isinstance(answer, types.RpcError), answer
    return f"{answer.error_code} {answer.error_message}"


async def read_to_the_end(client: RawClient) -> None:
    while await client.reader.read(4096):
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


@pytest.fixture
async def hers(dial: Dial, alice: User) -> RawClient:
    client = await dial(alice)
    await client.init()
    return client


async def test_an_error_comes_so_many_times_and_the_calls_have_no_effect(
    hers: RawClient, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    fault = datacentre.faults.rpc_error(SEND, 500, "RPC_CALL_FAIL", times=2)
    for _ in range(2):
        assert await error_of(hers, message(bob)) == "500 RPC_CALL_FAIL"
    assert texts(world, alice, bob) == []
    assert not fault.is_active
    assert isinstance(await hers.call(message(bob)), types.UpdateShortSentMessage)


async def test_an_error_is_for_one_user_and_for_methods_by_pattern(
    hers: RawClient, dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    his = await dial(bob)
    with datacentre.faults.rpc_error("updates.*", 400, "NO", times=None, user_id=alice.id):
        assert await error_of(hers, STATE) == "400 NO"
        assert isinstance(await his.init(STATE), types.updates.State)
        assert isinstance(await hers.call(message(bob)), types.UpdateShortSentMessage)
    assert isinstance(await hers.call(STATE), types.updates.State)


async def test_an_account_is_said_to_live_elsewhere(
    hers: RawClient, datacentre: DataCentre
) -> None:
    datacentre.faults.migrate("updates.getState", 4)
    assert await error_of(hers, STATE) == "303 USER_MIGRATE_4"
    assert isinstance(await hers.call(STATE), types.updates.State)


async def test_a_flood_wait_counts_down_and_ends_by_itself(
    hers: RawClient, datacentre: DataCentre, clock: Clock, bob: User
) -> None:
    datacentre.faults.flood_wait(SEND, 10)
    assert await error_of(hers, message(bob)) == "420 FLOOD_WAIT_10"
    assert await error_of(hers, message(bob, "under way", 2)) == "420 FLOOD_WAIT_10"
    assert_no_hazards(datacentre)
    assert isinstance(await hers.call(STATE), types.updates.State)
    clock.ahead = timedelta(seconds=7)
    assert await error_of(hers, message(bob, "too soon", 3)) == "420 FLOOD_WAIT_3"
    (hazard,) = datacentre.hazards.entries
    assert hazard.kind is HazardKind.WAIT_IGNORED
    assert "3 s" in hazard.words
    clock.ahead = timedelta(seconds=10)
    assert isinstance(await hers.call(message(bob)), types.UpdateShortSentMessage)
    assert len(datacentre.hazards.entries) == 1


async def test_what_a_flood_wait_refused_may_not_come_again_at_once(
    hers: RawClient, datacentre: DataCentre, bob: User
) -> None:
    datacentre.faults.flood_wait(SEND, 10)
    for _ in range(2):
        assert await error_of(hers, message(bob)) == "420 FLOOD_WAIT_10"
    assert [entry.kind for entry in datacentre.hazards.entries] == [HazardKind.WAIT_IGNORED]


async def test_a_flood_wait_is_counted_for_each_user_and_can_be_lifted(
    hers: RawClient, dial: Dial, datacentre: DataCentre, clock: Clock, alice: User, bob: User
) -> None:
    his = await dial(bob)
    fault = datacentre.faults.flood_wait(SEND, 10)
    assert await error_of(hers, message(bob)) == "420 FLOOD_WAIT_10"
    clock.ahead = timedelta(seconds=5)
    answer = await his.init(message(alice))
    assert answer.error_message == "FLOOD_WAIT_10"
    fault.lift()
    assert isinstance(await hers.call(message(bob)), types.UpdateShortSentMessage)
    own = datacentre.faults.flood_wait(SEND, 10, bob.id)
    assert await error_of(his, message(alice)) == "420 FLOOD_WAIT_10"
    assert isinstance(await hers.call(message(bob, "2", 2)), types.UpdateShortSentMessage)
    clock.ahead += timedelta(seconds=10)
    assert isinstance(await his.call(message(alice)), types.UpdateShortSentMessage)
    assert not own.is_active


async def test_slow_mode_holds_up_one_peer_alone(
    hers: RawClient, datacentre: DataCentre, clock: Clock, alice: User, bob: User
) -> None:
    datacentre.faults.slow_mode(bob.id, 30)
    assert await error_of(hers, message(bob)) == "420 SLOWMODE_WAIT_30"
    to_self = functions.messages.SendMessageRequest(types.InputPeerSelf(), "x", random_id=3)
    assert isinstance(await hers.call(to_self), types.UpdateShortSentMessage)
    clock.ahead = timedelta(seconds=30)
    assert isinstance(await hers.call(message(bob)), types.UpdateShortSentMessage)
    datacentre.faults.slow_mode(alice.id, 30)
    assert await error_of(hers, to_self) == "420 SLOWMODE_WAIT_30"


async def test_a_reply_is_lost_after_the_effect_and_the_connection_stays(
    hers: RawClient, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    fault = datacentre.faults.drop_reply(SEND)
    lost = hers.send(message(bob))
    await fault.has_struck()
    assert texts(world, alice, bob) == ["hello"]
    repeated = await hers.call(message(bob))
    assert repeated.updates[0] == types.UpdateMessageID(id=1, random_id=1)
    assert lost not in [m.content[0] for m in hers.inbox if isinstance(m.content, tuple)]
    assert texts(world, bob, alice) == ["hello"]


@pytest.mark.parametrize("cut", Cut)
async def test_a_reply_is_lost_together_with_its_connection(
    new_client: NewClient, datacentre: DataCentre, world: World, alice: User, bob: User, cut: Cut
) -> None:
    client = new_client(alice, auto_reconnect=False, request_retries=0)
    async with asyncio.timeout(limit(20)):
        await client.connect()
        datacentre.faults.drop_reply(SEND, cut=cut)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await client(message(bob))
        await asyncio.wait([client.disconnected])
    client.disconnected.exception()
    assert texts(world, bob, alice) == ["hello"]


async def test_a_lost_reply_ends_the_connection_as_it_was_ordered(
    hers: RawClient, dial: Dial, datacentre: DataCentre, bob: User
) -> None:
    his = await dial(bob)
    await his.init()
    datacentre.faults.drop_reply("updates.getState", cut=Cut.RESET)
    hers.send(STATE)
    async with asyncio.timeout(limit(20)):
        with pytest.raises(ConnectionResetError):
            await read_to_the_end(hers)
        datacentre.faults.drop_reply("updates.getState", cut=Cut.FIN)
        his.send(STATE)
        await read_to_the_end(his)


async def test_a_first_call_runs_for_some_calls_and_then_has_its_answer(
    hers: RawClient, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    datacentre.faults.first_call_runs(calls=2, user_id=alice.id)
    await hers.call(message(bob))
    for _ in range(2):
        assert await error_of(hers, message(bob)) == "500 RANDOM_ID_DUPLICATE"
    repeated = await hers.call(message(bob))
    assert repeated.updates[0] == types.UpdateMessageID(id=1, random_id=1)
    assert repeated.updates[1].pts_count == 0
    assert texts(world, bob, alice) == ["hello"]


async def test_a_first_call_runs_for_some_seconds(
    hers: RawClient, datacentre: DataCentre, clock: Clock, bob: User
) -> None:
    datacentre.faults.first_call_runs(seconds=5, random_id=1)
    for random_id in (1, 2):
        await hers.call(message(bob, f"text {random_id}", random_id))
    assert await error_of(hers, message(bob)) == "500 RANDOM_ID_DUPLICATE"
    assert isinstance(await hers.call(message(bob, "text 2", 2)), types.Updates)
    clock.ahead = timedelta(seconds=5)
    assert isinstance(await hers.call(message(bob)), types.Updates)


async def test_an_answer_can_not_be_read_and_the_call_has_its_effect(
    new_client: NewClient, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    client = new_client(alice)
    async with asyncio.timeout(limit(20)):
        await client.connect()
        datacentre.faults.garble(SEND)
        with pytest.raises(errors.TypeNotFoundError):
            await client(message(bob))
        assert isinstance(await client(message(bob)), types.Updates)
    assert texts(world, bob, alice) == ["hello"]


async def test_a_lost_reply_may_be_one_that_takes_its_time(
    hers: RawClient, datacentre: DataCentre, world: World, alice: User
) -> None:
    """A press of a button is answered by the bot, in its own time."""
    bot = world.people.create_bot("7000000001:token", "harbour_bot", "Harbour")
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    presses: list[Press] = []
    world.presses.listen(bot.id, presses.append)
    sent, _ = world.say(bot.id, alice.id, Content("Press", markup=markup))
    peer = types.InputPeerUser(bot.id, bot.access_hash)
    press = functions.messages.GetBotCallbackAnswerRequest(peer, sent.twin_id, data=b"go")
    fault = datacentre.faults.drop_reply("messages.getBotCallbackAnswer")
    hers.send(press)
    again = hers.send(press)
    await hers.call(STATE)
    for each in presses:
        assert world.presses.answer(bot.id, each.id, Answer("Done"))
    assert (await hers.result(again)).message == "Done"
    assert fault.struck == 1
