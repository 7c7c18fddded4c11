"""Sending as an account: once and only once, in order, at its pace, and what it says meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from storage import deliveries, preferences
from storage.database import Database
from storage.delivery import DeliveryState, Fallback
from storage.pace import handed_since
from tests.network.sending import QUICK, Sender, account_of, running, sending
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import seconds
from userbot.schedule import Patience
from userbot.sending.pace import Pace, Rates
from userbot.states import State


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    async with sending(db, datacentre, world, alice) as found:
        yield found


@pytest.mark.req("S2.7")
async def test_a_message_is_sent_once_and_its_target_is_kept(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    delivery = await sender.until(await sender.send("@bobby"), DeliveryState.SENT)
    assert delivery.peer is not None
    assert delivery.peer.id == bob.id
    assert delivery.attempts == 1
    assert delivery.message_id is not None
    assert world.messages.get(alice.id, delivery.message_id) is not None


@pytest.mark.req("C3", "S3.5")
@pytest.mark.parametrize(
    "target",
    [
        "@bobby",
        "me",
    ],
)
async def test_a_session_that_ends_under_a_send_parks_the_account_and_the_bot_takes_over(
    target: str, sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    """Whether the end shows when the name is looked up or when the message is sent."""
    assert bob.username == "bobby"
    datacentre.revoke(alice.id)
    delivery = await sender.until(
        await sender.send(target), DeliveryState.BOT_PENDING, DeliveryState.FAILED
    )
    assert delivery.state is DeliveryState.BOT_PENDING, delivery.error
    await sender.until_state(State.NEEDS_LOGIN)


@pytest.mark.req("S2.7")
@pytest.mark.parametrize("code", [429, 404, 444])
async def test_a_line_that_ends_under_a_look_up_costs_no_message(
    code: int, sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    """An error of the transport fails what is under way with itself, not as a lost connection."""
    assert bob.username == "bobby"
    datacentre.faults.transport_error(code, times=1, user_id=alice.id)
    delivery = await sender.until(
        await sender.send("@bobby"),
        DeliveryState.SENT,
        DeliveryState.BOT_PENDING,
        DeliveryState.FAILED,
    )
    assert delivery.state is not DeliveryState.FAILED, delivery.error


async def test_a_look_up_whose_answer_is_not_understood_is_repeated(
    sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    assert bob.username == "bobby"
    datacentre.faults.garble("contacts.resolveUsername", times=1, user_id=alice.id)
    number = await sender.send("@bobby")
    while not (delivery := await sender.until(number, *DeliveryState)).faults:
        assert delivery.state is DeliveryState.PENDING, delivery.error
        await asyncio.sleep(0.02)
    assert delivery.state is DeliveryState.PENDING
    assert delivery.not_before is not None


def texts_from(world: World, person: User, to: User) -> list[str]:
    """What one person has of another, in order."""
    shown = world.messages.history(to.id, person.id)
    return [m.content.text for m in sorted(shown, key=lambda m: m.id) if not m.is_outgoing]


@pytest.mark.usefixtures("bob")
async def test_a_frozen_send_holds_up_its_chat_and_no_other(
    sender: Sender, alice: User, datacentre: DataCentre, world: World
) -> None:
    carol = world.people.create("Carol", username="carol")
    datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
    lost = await sender.send("@bobby", "one")
    await sender.until(lost, DeliveryState.SENDING)
    behind, beside = await sender.send("@bobby", "two"), await sender.send("@carol", "three")
    await sender.until(beside, DeliveryState.SENT)
    assert (await sender.found(behind)).handed_at is None
    assert texts_from(world, alice, carol) == ["three"]
    assert (await sender.found(lost)).state is DeliveryState.SENDING


@pytest.mark.req("S2.7")
async def test_a_lost_answer_is_settled_by_the_same_request_and_nothing_is_doubled(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    patience = Patience(request_s=(1,))
    async with sending(db, datacentre, world, alice, patience=patience, repeats=QUICK) as sender:
        await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
        datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
        numbers = [await sender.send("@bobby", text) for text in ("one", "two", "three")]
        found = [await sender.until(number, DeliveryState.SENT) for number in numbers]
        assert found[0].attempts == 2
        assert texts_from(world, alice, bob) == ["zero", "one", "two", "three"]
    assert_no_hazards(datacentre)


async def test_while_the_first_try_runs_it_is_asked_for_again_and_never_sent_twice(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    patience = Patience(request_s=(3,))  # Telethon sleeps 2 s over a fault of Telegram
    async with sending(db, datacentre, world, alice, patience=patience, repeats=QUICK) as sender:
        await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
        datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
        datacentre.faults.first_call_runs(calls=1, user_id=alice.id)
        number = await sender.send("@bobby", "one")
        found = await sender.until_waiting(number, "still works on the first try")
        assert found.state is DeliveryState.SENDING
        assert (await sender.until(number, DeliveryState.SENT)).message_id is not None
        assert texts_from(world, alice, bob) == ["zero", "one"]


async def test_what_telegram_will_not_settle_is_looked_up_in_the_chat(
    db: Database,
    datacentre: DataCentre,
    world: World,
    alice: User,
    bob: User,
) -> None:
    repeats = replace(QUICK, in_doubt_after_s=1)
    patience = Patience(request_s=(3,))  # Telethon sleeps 2 s over a fault of Telegram
    async with sending(db, datacentre, world, alice, patience=patience, repeats=repeats) as sender:
        await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
        datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
        datacentre.faults.first_call_runs(seconds=3600, user_id=alice.id)
        found = await sender.until(await sender.send("@bobby", "one"), DeliveryState.SENT)
        shown = {m.id: m.content.text for m in world.messages.history(alice.id, bob.id)}
        assert found.message_id is not None
        assert shown[found.message_id] == "one"

        gone = await sender.send("@bobby", "two")
        datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
        await sender.until_waiting(gone, "still works on the first try")
        (message,) = [
            m for m in world.messages.history(alice.id, bob.id) if "two" in m.content.text
        ]
        world.messages.delete(alice.id, [message.id], revoke=True)
        found = await sender.until(gone, DeliveryState.UNKNOWN)
        assert "the chat does not show it" in found.error


async def test_what_was_approved_before_a_restart_waits_for_its_account_as_anything_else(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    async with account_of(db, datacentre, world, alice) as number:
        async with db.transaction() as tx:
            left = await deliveries.draft(tx, account_id=number, target="@bobby", text="left")
            draft, approved = {DeliveryState.DRAFT}, tx.now - timedelta(hours=1)
            await deliveries.move(tx, left, draft, DeliveryState.PENDING, approved_at=approved)
        datacentre.faults.delay(0.5, alice.id)  # the outbox looks before the account is up
        async with running(db, number, fallback_after_s=30) as sender:
            found = await sender.until(left, DeliveryState.SENT, DeliveryState.BOT_PENDING)
    assert found.detour == ""
    assert texts_from(world, alice, bob) == ["left"]


async def test_what_is_for_later_goes_out_then_and_holds_up_nothing(
    sender: Sender, bob: User, alice: User, world: World
) -> None:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    later = await sender.send("@bobby", "later", not_before=due)
    await sender.until(await sender.send("@bobby", "now"), DeliveryState.SENT)
    found = await sender.until(later, DeliveryState.SENT)
    assert found.handed_at is not None
    assert found.handed_at >= due
    assert texts_from(world, alice, bob) == ["now", "later"]


async def test_the_parts_of_a_text_go_out_in_order(
    sender: Sender, bob: User, alice: User, world: World
) -> None:
    head = await sender.send("@bobby", "part 1")
    others = [await sender.send("@bobby", f"part {n}", head_id=head) for n in range(2, 6)]
    for number in (head, *others):
        await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == [f"part {n}" for n in range(1, 6)]


async def test_while_sending_is_paused_nothing_goes_out_and_the_line_stays_up(
    sender: Sender, bob: User, alice: User, world: World, db: Database
) -> None:
    async with db.transaction() as tx:
        await preferences.put(tx, preferences.PAUSED, value=True, by=1)
    number = await sender.send("@bobby")
    await asyncio.sleep(seconds(0.5))
    assert (await sender.found(number)).handed_at is None
    assert sender.userbot.status.state is State.ONLINE
    async with db.transaction() as tx:
        await preferences.clear(tx, preferences.PAUSED)
    await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["hello"]


async def test_an_account_keeps_its_own_pace_whatever_is_asked_of_it(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    carol = world.people.create("Carol", username="carol")
    async with sending(db, datacentre, world, alice, rates=Rates(per_minute=3)) as sender:
        for number in range(3):
            await sender.until(await sender.send("@bobby", f"{number}"), DeliveryState.SENT)
        held = await sender.send("@carol")
        found = await sender.until_waiting(held, "its own limit of 3 messages a minute")
        assert (found.state, found.handed_at) == (DeliveryState.PENDING, None)
        await asyncio.sleep(seconds(0.3))
        async with db.read() as tx:
            assert len(await handed_since(tx, sender.number, tx.now - timedelta(hours=1))) == 3
    assert len(texts_from(world, alice, bob) + texts_from(world, alice, carol)) == 3


async def test_an_account_writes_to_so_many_strangers_a_day_and_to_others_freely(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    world.people.create("Carol", username="carol")
    rates = Rates(new_peers_per_day=1)
    async with sending(db, datacentre, world, alice, rates=rates) as sender:
        for text in ("one", "two"):
            await sender.until(await sender.send("@bobby", text), DeliveryState.SENT)
        stranger = await sender.send("@carol")
        await sender.until_waiting(stranger, "that it never wrote to before")
        await sender.until(await sender.send("me"), DeliveryState.SENT)
        await sender.until(await sender.send("@bobby"), DeliveryState.SENT)
    assert len(texts_from(world, alice, bob)) == 3
    pace = Pace(db, sender.number, rates)  # as after a restart
    assert await pace.held(is_new=False) is None
    held = await pace.held(is_new=True)
    assert held is not None
    assert held.until > datetime.now(UTC) + timedelta(hours=23)


@pytest.mark.req("S3.5")
async def test_where_an_operator_is_to_be_asked_the_bot_sends_nothing_by_itself(
    sender: Sender, bob: User, alice: User, datacentre: DataCentre, world: World
) -> None:
    datacentre.faults.flood_wait("messages.sendMessage", 2, user_id=alice.id)
    number = await sender.send("@bobby", fallback=Fallback.ASK)
    found = await sender.until_waiting(number, "Telegram makes it wait")
    while not found.is_asking:
        await asyncio.sleep(0.05)
        found = await sender.found(number)
        assert found.state is DeliveryState.PENDING
    found = await sender.until(number, DeliveryState.SENT)  # nobody answered, the wait is over
    assert (found.detour, found.error) == ("", "")
    assert texts_from(world, alice, bob) == ["hello"]


@pytest.mark.usefixtures("bob")
async def test_a_wait_on_look_ups_holds_only_what_has_to_be_looked_up(
    sender: Sender, alice: User, datacentre: DataCentre, world: World
) -> None:
    world.people.create("Carol", username="carol")
    await sender.until(await sender.send("@bobby"), DeliveryState.SENT)
    datacentre.faults.flood_wait("contacts.resolveUsername", 60, user_id=alice.id)
    unknown = await sender.send("@carol", fallback=Fallback.NEVER)
    await sender.until_waiting(unknown, "before it looks anybody up")
    await sender.until(await sender.send("@bobby", "still"), DeliveryState.SENT)
    assert (await sender.found(unknown)).state is DeliveryState.PENDING
    assert_no_hazards(datacentre)


async def test_what_was_sent_can_be_changed_and_deleted_for_everyone(
    sender: Sender, bob: User, alice: User, world: World
) -> None:
    number = await sender.send("@bobby", "helo")
    await sender.until(number, DeliveryState.SENT)
    assert await sender.order("delivery.edit", delivery=number, text="hello") == {"ok": True}
    assert texts_from(world, alice, bob) == ["hello"]
    assert (await sender.found(number)).edited_at is not None
    shown = await sender.order("chat.last", target="@bobby", limit=3)
    (message,) = shown["messages"]
    assert (message["text"], message["out"]) == ("hello", True)
    assert await sender.order("delivery.delete", delivery=number) == {"ok": True}
    assert texts_from(world, alice, bob) == []
    assert (await sender.found(number)).deleted_at is not None
    gone = await sender.order("delivery.edit", delivery=number, text="again")
    assert gone == {"error": "it is not there any more"}
