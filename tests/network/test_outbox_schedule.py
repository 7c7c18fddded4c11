"""How the outbox goes on after a fault of Telegram's, and what it takes for fifty messages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.faults.calls import Cut
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, deliveries
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Fallback
from tests.faults.fleet import Clock
from tests.network.sending import Sender, account_of, running
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import seconds
from userbot.schedule import Patience
from userbot.states import State

SEND = "messages.sendMessage"
PAUSES_S = (10, 20, 40, 80, 120)
"""As the requirement has them."""
A_LITTLE_LESS_S = 2


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return Clock()


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    patience = Patience(request_s=(seconds(4),))  # Telethon sleeps 2 s over a fault of Telegram
    async with (
        account_of(db, datacentre, world, alice) as number,
        running(db, number, patience=patience) as found,
    ):
        yield found


@pytest.fixture
def carol(world: World) -> User:
    return world.people.create("Carol", username="carol")


def texts_from(world: World, person: User, to: User) -> list[str]:
    """What one person has of another, in order."""
    shown = world.messages.history(to.id, person.id)
    return [m.content.text for m in sorted(shown, key=lambda m: m.id) if not m.is_outgoing]


async def until_faults(sender: Sender, number: int, count: int) -> Delivery:
    with sender.database.wakeups.subscribe(deliveries.CHANGED) as changed:
        while (found := await sender.found(number)).faults < count:
            await changed.wait(1)
    return found


async def pass_time(sender: Sender, clock: Clock, until: datetime) -> None:
    """It is later now, and the outbox looks."""
    clock.forward(until - clock())
    sender.database.wakeups.wake(accounts.CHANGED)
    await asyncio.sleep(seconds(0.1))


@pytest.mark.req("S2.8")
async def test_a_fault_of_telegram_is_repeated_by_the_schedule_and_holds_up_its_chat_alone(
    sender: Sender,
    clock: Clock,
    datacentre: DataCentre,
    world: World,
    alice: User,
    bob: User,
    carol: User,
) -> None:
    fault = datacentre.faults.rpc_error(SEND, 500, "INTERDC_1_CALL_ERROR", times=1)
    first = await sender.send("@bobby", "first")
    for count, pause_s in enumerate(PAUSES_S, start=1):
        met = await until_faults(sender, first, count)
        assert met.not_before is not None
        left_s = (met.not_before - clock()).total_seconds()
        assert pause_s - A_LITTLE_LESS_S < left_s <= pause_s
        if count == 1:
            behind, beside = await sender.send("@bobby", "behind"), await sender.send("@carol")
            await sender.until(beside, DeliveryState.SENT)
        await pass_time(sender, clock, met.not_before - timedelta(seconds=A_LITTLE_LESS_S))
        assert (await sender.found(first)).faults == count
        assert texts_from(world, alice, bob) == []
        assert fault.struck == 1
        fault = datacentre.faults.rpc_error(SEND, 500, "INTERDC_1_CALL_ERROR", times=1)
        await pass_time(sender, clock, met.not_before)
    failed = await sender.until(first, DeliveryState.FAILED)
    assert failed.error == "Telegram has a fault of its own"
    assert fault.struck == 1
    await sender.until(behind, DeliveryState.SENT)
    assert texts_from(world, alice, carol) == ["hello"]
    assert texts_from(world, alice, bob) == ["behind"]

    async with sender.database.transaction() as tx:  # the card's [Retry]
        again = {"approved_at": tx.now, "error": "", "detour": "", "faults": 0}
        await deliveries.move(tx, first, {DeliveryState.FAILED}, DeliveryState.PENDING, **again)
    await sender.until(first, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["behind", "first"]
    assert_no_hazards(datacentre)


@pytest.mark.req("C3", "S2.7")
async def test_what_may_have_gone_out_waits_for_the_account_however_long_it_is_away(
    sender: Sender, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    await sender.until(await sender.send("@bobby", "before"), DeliveryState.SENT)
    lost = datacentre.faults.drop_reply(SEND, times=1, cut=Cut.RESET, user_id=alice.id)
    closed = await datacentre.faults.refuse()
    number = await sender.send("@bobby", fallback=Fallback.AUTOMATIC)
    await lost.has_struck()
    await sender.until_state(State.RETRYING)
    beside = await sender.send("me", fallback=Fallback.AUTOMATIC)
    await sender.until(
        beside, DeliveryState.BOT_PENDING
    )  # what certainly did not go out goes there
    waiting = await sender.until_waiting(number, "it is not connected")
    assert waiting.state is DeliveryState.SENDING
    await closed.mend()
    found = await sender.until(number, DeliveryState.SENT, DeliveryState.BOT_PENDING)
    assert (found.state, found.attempts, found.detour) == (DeliveryState.SENT, 2, "")
    assert texts_from(world, alice, bob) == ["before", "hello"]
    assert_no_hazards(datacentre)


@pytest.mark.req("S3.2")
async def test_fifty_sends_to_five_chats_take_one_connection_and_one_key(
    sender: Sender, datacentre: DataCentre, world: World, alice: User, bob: User, carol: User
) -> None:
    people = [bob, carol, *(world.people.create(f"P{n}", username=f"person{n}") for n in range(3))]
    (line,) = datacentre.connections()
    numbers = [await sender.send(f"@{people[n % 5].username}", f"{n}") for n in range(50)]
    for number in numbers:
        await sender.until(number, DeliveryState.SENT)
    for place, person in enumerate(people):
        assert texts_from(world, alice, person) == [f"{n}" for n in range(place, 50, 5)]
    (still,) = datacentre.connections()
    assert (still.id, still.key_id) == (line.id, line.key_id)
    assert_no_hazards(datacentre)
