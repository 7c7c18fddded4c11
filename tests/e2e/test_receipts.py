"""What becomes of a message after it was approved, as operators see and change it in the chat."""

import asyncio
import re
import secrets
import time
from typing import Any

import pytest

from bot.cards import EDIT_EVERY_S
from storage import deliveries, due
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Fallback
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Chat, Telegram


async def bob_of(telegram: Telegram) -> dict[str, Any]:
    return await telegram.person("Bob", username=f"bob_{secrets.token_hex(4)}")


async def ready(mooring: Mooring, telegram: Telegram) -> tuple[int, dict[str, Any], Chat]:
    """An account online, somebody to write to, and their chat with that account."""
    alice, bob = await telegram.person("Alice"), await bob_of(telegram)
    (number,) = await mooring.start_with(alice)
    return number, bob, await telegram.chat(bob, alice)


async def with_bot(mooring: Mooring, telegram: Telegram, bob: dict[str, Any]) -> Chat:
    """Bob's chat with the bot, which he has started."""
    chat = await telegram.chat(bob, mooring.bot)
    await chat.say("/start")
    return chat


async def texts(chat: Chat) -> list[str]:
    return [m.text for m in await chat.read() if not m.out]


async def the_only(database: Database) -> Delivery:
    async with database.read() as tx:
        found = [d for state in DeliveryState for d in await due.in_state(tx, state)]
    (only,) = found
    return only


def database_of(mooring: Mooring) -> Database:
    assert mooring.app
    return mooring.app.database


@pytest.mark.req("S3.4")
async def test_a_receipt_keeps_its_steps_behind_details(mooring: Mooring, telegram: Telegram):
    number, bob, _ = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "hello")
    await mooring.chat.press("Send as account")
    receipt = await mooring.chat.shows("Sent as the account", "Olga pressed “Send as account”")
    assert "registry" not in receipt.text
    await mooring.chat.press("Details")
    await mooring.chat.shows("registry", "connection", "recipient", "sent", "Approved", "Finished")
    await mooring.chat.press("Less")
    await mooring.chat.until(
        lambda m: "Sent as the account" in m.text and "registry" not in m.text
    )


async def test_the_first_press_wins_and_the_others_learn_whose_it_was(
    mooring: Mooring, telegram: Telegram
):
    rob = await telegram.person("Rob")
    mooring.settings.admin_ids.append(rob["id"])
    number, bob, inbox = await ready(mooring, telegram)
    name = f"@{bob['username']}"
    await mooring.write_draft(number, name, "or rather not")
    other = await telegram.chat(rob, mooring.bot)
    for chat in (mooring.chat, other):  # a copy of the card, which nobody edits by itself
        await chat.ask("/sent drafts")
        await chat.press(f"📝 {name}")
        await chat.shows("Not sent yet", "or rather not", "Written by Olga")
    await other.press("Discard")
    await other.shows("Discarded.", "Rob pressed “Discard”")

    toast = await mooring.chat.press("Send as account")
    assert re.fullmatch(r"Rob pressed “Discard” \d+ s ago\.", toast)
    await mooring.chat.until(lambda m: "Rob pressed “Discard”" in m.text and not m.labels[2:])
    assert await texts(inbox) == []


async def test_what_was_sent_as_the_account_can_be_edited_and_deleted_for_everyone(
    mooring: Mooring, telegram: Telegram
):
    number, bob, inbox = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "helo")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    await mooring.chat.press("Edit")
    await mooring.chat.shows("Send me the new text")
    await mooring.chat.say("hello")
    await mooring.chat.shows("✏️ Edited.")
    await mooring.chat.shows("hello", "Sent as the account", "Edited at")
    await mooring.chat.press("‹ Card")  # noqa: RUF001 - the button has it
    await mooring.chat.until(lambda m: "✏️ Edited." not in m.text and "Edited at" in m.text)
    assert await texts(inbox) == ["hello"]

    await mooring.chat.press("Delete for everyone")
    await mooring.chat.shows("Delete it for everyone?", f"@{bob['username']}")
    await mooring.chat.press("Keep it")
    await mooring.chat.shows("Sent as the account", "Edited at")
    assert await texts(inbox) == ["hello"]
    await mooring.chat.press("Delete for everyone")
    await mooring.chat.press("Delete it for everyone")
    gone = await mooring.chat.shows("Deleted for everyone at")
    assert await texts(inbox) == []
    assert not any("Edit" in label for label in gone.labels)


async def test_what_was_sent_as_the_bot_can_be_edited_and_deleted_for_everyone(
    mooring: Mooring, telegram: Telegram
):
    number, bob, _ = await ready(mooring, telegram)
    chat = await with_bot(mooring, telegram, bob)
    await mooring.write_draft(number, f"@{bob['username']}", "helo")
    await mooring.chat.press("Send as bot")
    await mooring.chat.shows("Sent as the bot.")
    await mooring.chat.press("Edit")
    await mooring.chat.say("hello")
    await mooring.chat.shows("hello", "Sent as the bot.", "Edited at")
    assert await texts(chat) == ["hello"]
    await mooring.chat.press("Delete for everyone")
    await mooring.chat.press("Delete it for everyone")
    await mooring.chat.shows("Deleted for everyone at")
    assert await texts(chat) == []


async def test_a_change_that_is_not_possible_says_why_and_can_be_tried_again(
    mooring: Mooring, telegram: Telegram
):
    number, bob, inbox = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "helo")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.until_state(number, "RETRYING")
    await mooring.chat.press("Delete for everyone")
    await mooring.chat.press("Delete it for everyone")
    await mooring.chat.shows("Not deleted: the account is not connected")
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    await mooring.until_state(number, "ONLINE")
    await mooring.chat.press("Delete it for everyone")
    await mooring.chat.shows("Deleted for everyone at")
    assert await texts(inbox) == []


@pytest.mark.req("C3", "S3.5")
async def test_the_receipt_says_why_the_bot_sent_it_and_for_how_long(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await bob_of(telegram)
    (number,) = await mooring.start_with(alice)
    chat = await with_bot(mooring, telegram, bob)
    await telegram.post(
        "faults/flood_wait", user=alice["id"], method="messages.sendMessage", seconds=250
    )
    await mooring.write_draft(number, f"@{bob['username']}", "in time")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the bot, because", f"#{number} Alice", "wait 4 min")
    assert await texts(chat) == ["in time"]


async def choose(mooring: Mooring, fallback: Fallback) -> None:
    """By the button of the draft's card, which offers one policy after the other."""
    labels = {Fallback.ASK: "t: ask", Fallback.NEVER: "t: wait"}
    for each in (Fallback.ASK, Fallback.NEVER):
        await mooring.chat.press(labels[each])
        if each is fallback:
            break
    await mooring.chat.until(
        lambda m: "Not sent yet" in m.text and labels[fallback] not in m.labels
    )


async def down(mooring: Mooring, telegram: Telegram, number: int) -> None:
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.until_state(number, "RETRYING")


async def up(mooring: Mooring, telegram: Telegram) -> None:
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")


async def test_where_an_operator_is_to_be_asked_the_bot_sends_only_on_their_word(
    mooring: Mooring, telegram: Telegram
):
    number, bob, inbox = await ready(mooring, telegram)
    chat = await with_bot(mooring, telegram, bob)
    await mooring.write_draft(number, f"@{bob['username']}", "shall it?")
    await choose(mooring, Fallback.ASK)
    await down(mooring, telegram, number)
    await mooring.chat.press("Send as account")
    asked = await mooring.chat.shows("go out as the account now", "Shall the bot send it?")
    assert asked.labels == [
        "🤖 Send as bot",
        "⏳ Wait for the account",
        "✖️ Don\N{RIGHT SINGLE QUOTATION MARK}t send",
    ]
    assert await texts(chat) == []
    await mooring.chat.press("Send as bot")
    await mooring.chat.shows("Sent as the bot, because", "is not connected", "Olga pressed")
    assert await texts(chat) == ["shall it?"]
    assert await texts(inbox) == []


async def test_who_is_asked_can_let_it_wait_for_the_account(mooring: Mooring, telegram: Telegram):
    number, bob, inbox = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "it can wait")
    await choose(mooring, Fallback.ASK)
    await down(mooring, telegram, number)
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Shall the bot send it?")
    await mooring.chat.press("Wait for the account")
    await mooring.chat.shows("Olga pressed “Wait for the account”", "Waiting to go out")
    await up(mooring, telegram)
    await mooring.chat.shows("it can wait", "Sent as the account")
    assert await texts(inbox) == ["it can wait"]


async def test_what_never_falls_back_waits_and_can_be_called_off(
    mooring: Mooring, telegram: Telegram
):
    number, bob, inbox = await ready(mooring, telegram)
    chat = await with_bot(mooring, telegram, bob)
    await mooring.write_draft(number, f"@{bob['username']}", "never mind")
    await choose(mooring, Fallback.NEVER)
    await down(mooring, telegram, number)
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Waiting to go out as the account", "is not connected")
    await mooring.chat.press("✖️ Don")
    await mooring.chat.shows("never mind", "Discarded.")
    await up(mooring, telegram)
    await mooring.until_state(number, "ONLINE")
    assert (await texts(chat), await texts(inbox)) == ([], [])


@pytest.mark.parametrize(("press", "arrived"), [("It arrived", 1), ("Send again", 2)])
async def test_a_lost_answer_asks_the_operator(
    mooring: Mooring, telegram: Telegram, press: str, arrived: int
):
    number, bob, _ = await ready(mooring, telegram)
    chat = await with_bot(mooring, telegram, bob)
    await mooring.write_draft(number, f"@{bob['username']}", "did it?")
    await telegram.post("botapi/faults/drop_reply", method="sendMessage")
    await mooring.chat.press("Send as bot")
    card = await mooring.chat.shows("tell whether it arrived as the bot", "may arrive twice")
    assert card.labels[:2] == ["It arrived", "Send again (may arrive twice)"]
    await mooring.chat.press(press)
    await mooring.chat.shows("Sent as the bot.", f"Olga pressed “{press}”")
    assert await texts(chat) == ["did it?"] * arrived


async def test_a_429_on_the_card_only_delays_it(mooring: Mooring, telegram: Telegram):
    number, bob, _ = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "patience")
    await telegram.post("botapi/faults/throttle", method="editMessageText", retry_after=1)
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("patience", "Sent as the account")


async def test_a_card_is_edited_about_once_a_second_however_often_its_row_moves(
    mooring: Mooring, telegram: Telegram
):
    number, bob, _ = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "busy")
    database = database_of(mooring)
    delivery = await the_only(database)
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/messages"
    before, began = (await telegram.get(path))["counter"], time.monotonic()
    for n in range(30):
        async with database.transaction() as tx:
            await deliveries.change(tx, delivery.id, text=f"busy {n}")
        await asyncio.sleep(EDIT_EVERY_S / 15)
    await mooring.chat.shows("busy 29", "Not sent yet")
    edits = (await telegram.get(path))["counter"] - before
    assert edits <= 2 + (time.monotonic() - began) / EDIT_EVERY_S


async def test_a_long_text_has_one_card_for_all_its_messages(mooring: Mooring, telegram: Telegram):
    number, bob, inbox = await ready(mooring, telegram)
    await mooring.chat.say("/send")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows("to whom?")
    await mooring.chat.say(f"@{bob['username']}")
    await mooring.chat.shows("What is the text?")
    await mooring.chat.say("word " * 800)
    await mooring.chat.say("more " * 800)
    await mooring.chat.press("Send as 2 messages")
    await mooring.chat.shows("Not sent yet", "0 of 2 messages have gone out")
    await mooring.chat.press("Send as account")
    receipt = await mooring.chat.shows("Sent as the account", "2 of 2 messages have gone out")
    assert {"✏️ Edit 1 of 2", "✏️ Edit 2 of 2"} <= set(receipt.labels)
    assert len(await texts(inbox)) == 2
    await mooring.chat.press("Edit 2 of 2")
    await mooring.chat.say("and that is all")
    await mooring.chat.shows("✏️ Edited.")
    assert (await texts(inbox))[1] == "and that is all"
    await mooring.chat.press("Delete for everyone")
    await mooring.chat.shows("All 2 messages")
    await mooring.chat.press("Delete it for everyone")
    await mooring.chat.shows("Deleted for everyone at")
    assert await texts(inbox) == []


async def test_a_draft_shows_the_latest_messages_of_its_chat(mooring: Mooring, telegram: Telegram):
    number, bob, inbox = await ready(mooring, telegram)
    await inbox.say("are you <there>?")
    await mooring.write_draft(number, f"@{bob['username']}", "yes")
    await mooring.chat.press("Last messages")
    await mooring.chat.shows("Latest messages with", "Bob", "are you <there>?")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert "yes" in await texts(inbox)


async def test_a_chat_that_cannot_be_read_offers_to_reconnect(
    mooring: Mooring, telegram: Telegram
):
    number, bob, _ = await ready(mooring, telegram)
    await mooring.write_draft(number, f"@{bob['username']}", "yes")
    await down(mooring, telegram, number)
    await mooring.chat.press("Last messages")
    told = await mooring.chat.shows("read that chat now: the account is not connected")
    assert told.labels == ["🔌 Reconnect", "‹ Card"]  # noqa: RUF001 - the button has it
    await up(mooring, telegram)
    await mooring.chat.press("Reconnect")
    await mooring.until_state(number, "ONLINE")


async def test_sent_lists_the_newest_first_and_a_failed_one_is_retried_from_there(
    mooring: Mooring, telegram: Telegram
):
    number, bob, inbox = await ready(mooring, telegram)
    await mooring.chat.ask("/sent")
    await mooring.chat.shows("Deliveries: all", "There are none.")
    name = f"@{bob['username']}"
    await mooring.write_draft(number, name, "first")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("first", "Sent as the account")
    await mooring.write_draft(number, name, "second")
    await mooring.chat.press("Send as bot")
    await mooring.chat.shows("second", "Not sent", "they have not started it")

    shown = await mooring.chat.ask("/sent")
    assert shown.text.index("second") < shown.text.index("first")
    await mooring.chat.press("❌ Failed")
    await mooring.chat.until(lambda m: "Deliveries: failed" in m.text and "first" not in m.text)
    for words in (f"/sent {name.upper()}", f"/sent #{number} sent", "/sent waiting"):
        shown = await mooring.chat.ask(words)
        assert ("first" in shown.text) == (words != "/sent waiting")
        assert ("second" in shown.text) == ("@" in words)
    assert "Deliveries: discarded" in (await mooring.chat.ask("/sent discarded")).text
    for words, told in (
        ("/sent yesterday", "tell what yesterday means"),
        ("/sent @stranger", "Nothing was ever written to @stranger"),
    ):
        assert told in (await mooring.chat.ask(words)).text
        await mooring.chat.press("📜 Sent")
        await mooring.chat.shows("Deliveries: all", "second")

    await mooring.chat.ask("/sent failed")
    await mooring.chat.press(f"❌ {name}")
    await mooring.chat.shows("second", "Not sent")
    await mooring.chat.press("Retry as account")
    await mooring.chat.shows("second", "Sent as the account", "Olga pressed “Send as account”")
    assert await texts(inbox) == ["first", "second"]


async def test_the_list_can_be_narrowed_by_account_and_target(
    mooring: Mooring, telegram: Telegram
):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    one, two = await mooring.start_with(alice, carol)
    async with database_of(mooring).transaction() as tx:
        for n in range(12):
            await deliveries.draft(
                tx, account_id=(one, two)[n % 2], target=f"@name_{n % 3}", text=f"text {n:02}"
            )
    shown = await mooring.chat.ask("/sent")
    assert "text 11" in shown.text
    await mooring.chat.press("Next")
    await mooring.chat.until(lambda m: "text 00" in m.text and "text 11" not in m.text)
    await mooring.chat.press("Account…")
    await mooring.chat.press(f"#{two} ")
    await mooring.chat.until(lambda m: "text 01" in m.text and "text 00" not in m.text)
    await mooring.chat.press("To…")
    await mooring.chat.shows("Deliveries to whom?")
    await mooring.chat.press("@name_1")
    shown = await mooring.chat.shows(f"as #{two}, to @name_1")
    assert [n for n in range(12) if f"text {n:02}" in shown.text] == [1, 7]
    await mooring.chat.press("All accounts")
    shown = await mooring.chat.shows("all, to @name_1")
    assert [n for n in range(12) if f"text {n:02}" in shown.text] == [1, 4, 7, 10]
