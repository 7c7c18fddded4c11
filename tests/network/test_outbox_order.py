"""Sending as an account where several things come together: parts, times, lost answers, pauses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.callbacks import DeliveryAct
from bot.presses import turns
from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.people import User
from storage import attachments, deliveries, preferences
from storage.database import Database
from storage.delivery import DeliveryState, Fallback, Media
from tests.network.sending import QUICK, Sender, sending
from tests.network.test_outbox import texts_from
from tests.network.test_sending_media import OTHER, PHOTO
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import seconds
from userbot.schedule import Patience
from userbot.sending.repeats import Repeats


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    patience = Patience(request_s=(3,))  # Telethon sleeps 2 s over a fault of Telegram's
    repeats = replace(QUICK, in_doubt_after_s=1)
    async with sending(db, datacentre, world, alice, patience=patience, repeats=repeats) as found:
        yield found


async def pause(sender: Sender, *, value: bool) -> None:
    async with sender.database.transaction() as tx:
        await preferences.put(tx, preferences.PAUSED, value=value, by=1)


async def test_what_follows_a_split_text_comes_after_all_its_parts(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    await pause(sender, value=True)
    head = await sender.send("@bobby", "part 1")
    parts = [await sender.send("@bobby", f"part {n}", head_id=head) for n in (2, 3)]
    after = await sender.send("@bobby", "after")
    await pause(sender, value=False)
    for number in (head, *parts, after):
        await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["part 1", "part 2", "part 3", "after"]


async def test_what_was_approved_before_the_time_of_another_goes_first(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    now = datetime.now(UTC)
    due, before = now - timedelta(seconds=5), now - timedelta(seconds=10)
    await pause(sender, value=True)
    later = await sender.send("@bobby", "later", not_before=due)
    first = await sender.send("@bobby", "first", approved_at=before)
    await pause(sender, value=False)
    for number in (first, later):
        await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["first", "later"]


async def test_scheduled_ones_go_by_their_time(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    now = datetime.now(UTC)
    await pause(sender, value=True)
    long_ago, times = now - timedelta(hours=1), (now - timedelta(minutes=n) for n in (5, 10))
    last, first = [
        await sender.send("@bobby", text, approved_at=long_ago, not_before=due)
        for text, due in zip(("last", "first"), times, strict=True)
    ]
    await pause(sender, value=False)
    for number in (last, first):
        await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["first", "last"]


async def test_what_may_have_gone_out_is_settled_before_a_scheduled_one_goes(
    sender: Sender, alice: User, bob: User, world: World, datacentre: DataCentre
) -> None:
    await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
    due = datetime.now(UTC) + timedelta(seconds=1)
    later = await sender.send("@bobby", "later", not_before=due)
    with datacentre.faults.freeze(alice.id):
        handed = await sender.send("@bobby", "handed over", fallback=Fallback.NEVER)
        await sender.until(handed, DeliveryState.SENDING)
        await sender.until_waiting(handed, "did not answer in time")
    for number in (handed, later):
        await sender.until(number, DeliveryState.SENT)
    assert texts_from(world, alice, bob) == ["zero", "handed over", "later"]


async def test_a_no_after_a_lost_answer_is_not_said_to_be_a_failure(
    sender: Sender, alice: User, bob: User, world: World, datacentre: DataCentre
) -> None:
    await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
    lost = datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
    number = await sender.send("@bobby", "one")
    await lost.has_struck()
    datacentre.faults.rpc_error("messages.sendMessage", 403, "CHAT_WRITE_FORBIDDEN")
    found = await sender.until(
        number, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.BOT_PENDING
    )
    assert texts_from(world, alice, bob) == ["zero", "one"]
    assert found.state is DeliveryState.UNKNOWN, found


async def test_what_was_found_in_a_supergroup_has_its_link(
    sender: Sender,
    alice: User,
    bob: User,
    world: World,
    datacentre: DataCentre,
) -> None:
    docks = world.chats.create(
        ChatKind.SUPERGROUP, "Docks", bob.id, username="dockside", members=[alice.id]
    )
    await sender.until(await sender.send("@dockside", "zero"), DeliveryState.SENT)
    datacentre.faults.drop_reply("messages.sendM*", times=1, user_id=alice.id)
    datacentre.faults.first_call_runs(seconds=3600, user_id=alice.id)
    number = await sender.send("@dockside", "look", files=[PHOTO, OTHER], media=Media.ALBUM)
    found = await sender.until(number, DeliveryState.SENT)
    first, second = world.messages.history(docks.id, docks.id)[-2:]
    async with sender.database.read() as tx:
        items = [item.message_id for item in await attachments.of(tx, number)]
    assert (found.message_id, found.link) == (first.id, f"https://t.me/dockside/{first.id}")
    assert items == [first.id, second.id]


@pytest.mark.usefixtures("bob")
async def test_a_flood_wait_that_comes_during_an_upload_is_kept_by_what_was_uploaded(
    sender: Sender, alice: User, world: World, datacentre: DataCentre
) -> None:
    world.people.create("Carol", username="carol")
    for target in ("@bobby", "@carol"):
        await sender.until(await sender.send(target, "zero"), DeliveryState.SENT)
    datacentre.faults.delay(0.7, alice.id)
    photo = await sender.send(
        "@bobby", "look", files=[PHOTO], media=Media.PHOTO, fallback=Fallback.NEVER
    )
    datacentre.faults.flood_wait("messages.sendM*", 4, alice.id)
    text = await sender.send("@carol", "text", fallback=Fallback.NEVER)
    for number in (photo, text):
        await sender.until(number, DeliveryState.SENT)
    assert_no_hazards(datacentre)


async def test_a_pause_holds_what_waits_behind_a_message_under_way(
    sender: Sender, alice: User, bob: User, world: World, datacentre: DataCentre
) -> None:
    datacentre.faults.delay(0.2, alice.id)
    numbers = [await sender.send("@bobby", f"{n}") for n in range(12)]
    await sender.until(numbers[0], DeliveryState.SENT)
    await pause(sender, value=True)
    await asyncio.sleep(seconds(0.5))  # what is under way ends
    sent = len(texts_from(world, alice, bob))
    await asyncio.sleep(seconds(1))  # five more would go out
    assert len(texts_from(world, alice, bob)) == sent


async def test_a_photo_without_a_caption_is_not_taken_for_another_albums_item(
    sender: Sender,
    alice: User,
    bob: User,
    world: World,
    datacentre: DataCentre,
) -> None:
    other = await sender.send("@bobby", "both", files=[OTHER, PHOTO], media=Media.ALBUM)
    await sender.until(other, DeliveryState.SENT)
    datacentre.faults.drop_reply("messages.sendMedia", times=1, user_id=alice.id)
    datacentre.faults.first_call_runs(seconds=3600, user_id=alice.id)
    number = await sender.send("@bobby", "", files=[PHOTO], media=Media.PHOTO)
    await sender.until_waiting(number, "still works on the first try")
    mine = max(world.messages.history(alice.id, bob.id), key=lambda m: m.id)
    world.messages.delete(alice.id, [mine.id], revoke=True)
    found = await sender.until(number, DeliveryState.SENT, DeliveryState.UNKNOWN)
    assert found.state is DeliveryState.UNKNOWN, found.message_id


@pytest.mark.req("S2.8")
@pytest.mark.usefixtures("bob")
async def test_time_outs_are_repeated_by_the_schedule_and_then_it_fails(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> None:
    patience, repeats = Patience(request_s=(0.3,)), Repeats(faults_s=[0.1, 0.2])
    async with sending(db, datacentre, world, alice, patience=patience, repeats=repeats) as sender:
        await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
        datacentre.faults.drop_reply("messages.sendMessage", times=None, user_id=alice.id)
        failed = await sender.until(await sender.send("@bobby", "one"), DeliveryState.FAILED)
    assert (failed.attempts, failed.faults) == (3, 2)
    assert failed.error == "Telegram did not answer in time"
    assert failed.is_possibly_sent
    assert_no_hazards(datacentre)


@pytest.mark.req("S2.8")
@pytest.mark.parametrize("act", [DeliveryAct.AS_ACCOUNT, DeliveryAct.AGAIN])
async def test_what_was_given_up_is_sent_once_however_often_it_is_retried(
    db: Database,
    datacentre: DataCentre,
    world: World,
    alice: User,
    bob: User,
    act: DeliveryAct,
) -> None:
    """Its card says so of [Retry as account], and of [Send again] where the account sent it."""
    patience, repeats = Patience(request_s=(0.3,)), Repeats(faults_s=[0.1])
    async with sending(db, datacentre, world, alice, patience=patience, repeats=repeats) as sender:
        await sender.until(await sender.send("@bobby", "zero"), DeliveryState.SENT)
        lost = datacentre.faults.drop_reply("messages.sendMessage", times=2, user_id=alice.id)
        failed = await sender.until(await sender.send("@bobby", "one"), DeliveryState.FAILED)
        assert lost.struck == 2
        assert texts_from(world, alice, bob) == ["zero", "one"]
        if act is DeliveryAct.AGAIN:
            failed = replace(failed, state=DeliveryState.UNKNOWN)
        async with db.transaction() as tx:
            await deliveries.move(tx, failed.id, [DeliveryState.FAILED], failed.state)
            (turn,) = turns(act, [failed], tx.now)
            assert await deliveries.move(tx, failed.id, [failed.state], turn.to, **turn.values)
        sent = await sender.until(failed.id, DeliveryState.SENT)
    assert sent.random_id == failed.random_id
    assert texts_from(world, alice, bob) == ["zero", "one"]
    assert_no_hazards(datacentre)
