"""Orders about what was sent: the waits that Telegram asks for, and sessions that end under them."""

import asyncio
import re

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.people import User
from storage import floods
from storage.database import Database
from storage.delivery import DeliveryState, Fallback
from tests.network.sending import Sender, account_of, running
from tests.network.test_outbox import sender
from tests.sandbox.hazards import assert_no_hazards
from userbot.login_answers import Outcome
from userbot.states import State

__all__ = ["sender"]

RESOLVE = "contacts.resolveUsername"
KINDS = {
    "chat.last": ("messages.getHistory", "before it reads a chat"),
    "delivery.edit": ("messages.editMessage", "before it changes a message"),
    "delivery.delete": ("messages.deleteMessages", "before it deletes a message"),
}


async def press(sender: Sender, kind: str, delivery: int = 0, target: str = "@bobby") -> Outcome:
    return await sender.order(kind, delivery=delivery, target=target, text="other")


def told_to_wait(outcome: Outcome, why: str) -> int:
    """How many seconds the operator was told."""
    words = f"Telegram makes the account wait ([0-9]+) s {why}"
    found = re.fullmatch(words, str(outcome.get("error")))
    assert found, outcome
    return int(found[1])


@pytest.mark.usefixtures("bob")
async def test_a_wait_that_reading_a_chat_met_holds_for_all_look_ups_also_after_a_restart(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> None:
    async with account_of(db, datacentre, world, alice) as number:
        async with running(db, number) as sender:
            datacentre.faults.flood_wait(RESOLVE, 60, user_id=alice.id)
            told = [
                told_to_wait(await press(sender, "chat.last"), "before it looks anybody up")
                for _ in range(2)
            ]
            assert 50 < told[1] <= told[0] <= 60
            waiting = await sender.send("@bobby", fallback=Fallback.NEVER)
            await sender.until_waiting(waiting, "before it looks anybody up")
        async with running(db, number) as sender:
            left = told_to_wait(await press(sender, "chat.last"), "before it looks anybody up")
            assert 20 < left <= told[1]
            await sender.until_waiting(waiting, "before it looks anybody up")
    assert datacentre.dispatcher.calls[RESOLVE] == 1
    assert_no_hazards(datacentre)


@pytest.mark.usefixtures("bob")
async def test_a_wait_on_look_ups_that_sending_met_holds_for_reading_a_chat_that_is_not_known(
    sender: Sender, datacentre: DataCentre, world: World, alice: User
) -> None:
    world.people.create("Carol", username="carol")
    await sender.until(await sender.send("@bobby"), DeliveryState.SENT)
    datacentre.faults.flood_wait(RESOLVE, 60, user_id=alice.id)
    waiting = await sender.send("@carol", fallback=Fallback.NEVER)
    await sender.until_waiting(waiting, "before it looks anybody up")
    asked = datacentre.dispatcher.calls[RESOLVE]
    told_to_wait(await press(sender, "chat.last", target="@carol"), "before it looks anybody up")
    assert datacentre.dispatcher.calls[RESOLVE] == asked
    for known in ("@bobby", "me"):
        assert "messages" in await press(sender, "chat.last", target=known)
    assert_no_hazards(datacentre)


@pytest.mark.usefixtures("bob")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_wait_is_kept_and_nothing_is_asked_before_its_end(
    kind: str, sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    method, why = KINDS[kind]
    number = await sender.send("@bobby")
    await sender.until(number, DeliveryState.SENT)
    datacentre.faults.flood_wait(method, 60, user_id=alice.id)
    first, second = [told_to_wait(await press(sender, kind, number), why) for _ in range(2)]
    assert 50 < second <= first <= 60
    assert datacentre.dispatcher.calls[method] == 1
    async with db.read() as tx:
        assert await floods.active(tx, sender.number, method) is not None
    assert_no_hazards(datacentre)


async def test_a_wait_on_deleting_in_a_group_is_one_of_its_own(
    sender: Sender, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    world.chats.create(ChatKind.SUPERGROUP, "Ops", bob.id, members=[alice.id], username="opsgroup")
    number = await sender.send("@opsgroup")
    await sender.until(number, DeliveryState.SENT)
    datacentre.faults.flood_wait("channels.deleteMessages", 60, user_id=alice.id)
    for _ in range(2):
        told_to_wait(await press(sender, "delivery.delete", number), KINDS["delivery.delete"][1])
    assert datacentre.dispatcher.calls["channels.deleteMessages"] == 1
    assert_no_hazards(datacentre)


@pytest.mark.usefixtures("bob")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_wait_is_kept_by_presses_that_come_together(
    kind: str, sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    method, why = KINDS[kind]
    number = await sender.send("@bobby")
    await sender.until(number, DeliveryState.SENT)
    datacentre.faults.flood_wait(method, 60, user_id=alice.id)
    datacentre.faults.delay(0.1, alice.id)  # all are there before the first is answered
    for outcome in await asyncio.gather(*(press(sender, kind, number) for _ in range(3))):
        told_to_wait(outcome, why)
    assert datacentre.dispatcher.calls[method] == 1
    assert_no_hazards(datacentre)


@pytest.mark.usefixtures("bob")
async def test_when_the_wait_is_over_it_is_carried_out(
    sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    number = await sender.send("@bobby")
    await sender.until(number, DeliveryState.SENT)
    datacentre.faults.flood_wait("messages.editMessage", 1, user_id=alice.id)
    while "error" in (outcome := await press(sender, "delivery.edit", number)):
        assert told_to_wait(outcome, "before it changes a message") == 1
        await asyncio.sleep(0.1)
    assert (await sender.found(number)).text == "other"
    assert_no_hazards(datacentre)


@pytest.mark.usefixtures("bob")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_dead_session_that_an_order_meets_ends_the_line(
    kind: str, sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    number = await sender.send("@bobby")
    await sender.until(number, DeliveryState.SENT)
    with datacentre.faults.deny(alice.id):
        outcome = await press(sender, kind, number)
        assert outcome == {"error": "the session was ended from another device"}
        await sender.until_state(State.NEEDS_LOGIN)


@pytest.mark.usefixtures("bob")
async def test_a_dead_session_that_a_look_up_for_an_order_meets_ends_the_line(
    sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    with datacentre.faults.deny(alice.id):
        assert "error" in await press(sender, "chat.last")
        await sender.until_state(State.NEEDS_LOGIN)
