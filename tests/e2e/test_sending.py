"""Writing messages in the chat: from whom, to whom, what, when; and the drafts' options."""

import asyncio
import os
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.gathering import QUIET_S
from bot.program_drafts import add_draft
from bot.vault import open_vault
from sandbox.world.images import blank
from storage import attachments, due
from storage.database import open_database
from storage.delivery import Delivery, DeliveryState, Fallback, Media
from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Shown, Telegram


async def drafts(mooring: Mooring) -> list[Delivery]:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        return await due.in_state(tx, DeliveryState.DRAFT)


async def card(mooring: Mooring, *parts: str) -> Shown:
    return await mooring.chat.shows("Not sent yet", *parts)


async def test_a_line_is_an_order_and_the_card_names_its_sender(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_line")
    (number,) = await mooring.start_with(alice)
    await mooring.chat.say("/send @bob_line Good <morning> 🎉")
    shown = await card(mooring, "Good <morning> 🎉")
    assert f"#{number} Alice" in shown.text
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == [
        "Good <morning> 🎉"
    ]


async def test_the_account_can_be_named_and_the_rest_is_asked_for(
    mooring: Mooring, telegram: Telegram
):
    ann, eve = await telegram.person("Ann"), await telegram.person("Eve")
    _, second = await mooring.start_with(ann, eve)
    await mooring.chat.say(f"/send #{second} @nobody_yet")
    await mooring.chat.shows("To @nobody_yet. What is the text?")
    await mooring.chat.say("hello")
    assert f"#{second} Eve" in (await card(mooring, "hello")).text


async def test_what_is_wrong_in_a_line_is_named_and_the_dialog_goes_on(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send hello @bobby")
    await mooring.chat.shows("That is nobody I can write to", "In one line: /send @robert hello")
    await mooring.chat.say("@bobby")
    await mooring.chat.shows("To @bobby. What is the text?", f"From #{number} Alice")
    await mooring.chat.say("/send #99 @bobby kept in mind")
    await mooring.chat.shows("There is no account #99")
    await mooring.chat.press(f"#{number} ")
    await card(mooring, "kept in mind")
    await mooring.chat.say("/send @bobby at 25:00 hello")
    await mooring.chat.shows(
        "There is no such day or hour", "No time is set now", "“🕒 Send at…” on its card"
    )
    await mooring.chat.shows("To @bobby. What is the text?")


async def test_a_message_is_planned_for_a_time_in_the_operators_zone(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.stop()
    await mooring.start(time_zone="Asia/Kolkata")
    await mooring.chat.say("/send @bobby tomorrow 9:00 early bird")
    await card(mooring, "early bird", "09:00 (Asia/Kolkata)")
    (draft,) = await drafts(mooring)
    assert draft.not_before is not None
    assert f"{draft.not_before:%H:%M}" == "03:30"
    await mooring.chat.press("At once")
    await mooring.chat.until(lambda m: "early bird" in m.text and "09:00" not in m.text)
    await mooring.chat.press("Send at…")
    await mooring.chat.shows("When?", "(Asia/Kolkata)")
    await mooring.chat.say("when I say so")
    await mooring.chat.shows("understand that time")
    await mooring.chat.say("2020-01-01 10:00")
    await mooring.chat.shows("That is past")
    await mooring.chat.say("tomorrow 10:00")
    await mooring.chat.shows("Once you press “Send as account”", "10:00 (Asia/Kolkata)")
    await card(mooring, "early bird", "10:00 (Asia/Kolkata)")


async def test_without_an_account_that_can_send_the_operator_chooses_all_the_same(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.until_state(number, "RETRYING")
    await mooring.chat.say("/send @bobby are you there")
    shown = await mooring.chat.shows("No account can take that by itself", "1 not connected")
    assert any("Cancel" in label for label in shown.labels)
    await mooring.chat.press(f"#{number} ")
    await card(mooring, "are you there")


async def test_a_forward_or_a_contact_names_the_target(mooring: Mooring, telegram: Telegram):
    await mooring.start_with(await telegram.person("Alice"))
    bob = await telegram.person("Bob", username="bob_shared")
    chat = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}"
    await mooring.chat.say("/send")
    await mooring.chat.press("Automatic")
    await mooring.chat.shows("Send as the account that suits best, to whom?")
    await telegram.post(f"{chat}/forward", text="hi all", from_name="Somebody")
    await mooring.chat.shows("hides who they are")
    await telegram.post(f"{chat}/forward", text="hi all", from_user=bob["id"])
    await mooring.chat.shows("To @bob_shared. What is the text?")
    await mooring.chat.say("/send")
    await mooring.chat.press("Automatic")
    await mooring.chat.shows("to whom?")
    phone = bob["phone"].lstrip("+")
    await telegram.post(f"{chat}/contact", phone=f"+{phone}", first_name="Bob", user=bob["id"])
    await mooring.chat.shows(f"To +{phone}. What is the text?")


async def test_a_text_that_the_app_has_cut_goes_out_in_order_once_the_operator_agrees(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_long")
    await mooring.start_with(alice)
    first, second = "a" * 4000, "b" * 200
    await mooring.chat.say(f"/send @bob_long {first}")
    await mooring.chat.say(second)
    asked = await mooring.chat.shows("That makes 2 messages")
    assert any("Cancel" in label for label in asked.labels)
    await mooring.chat.press("Send as 2 messages")
    await card(mooring, "aaa")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    inbox = await telegram.chat(bob, alice)
    await inbox.shows("bbb")
    assert [m.text for m in await inbox.read()] == [first, second]


async def test_a_long_text_can_be_refused(mooring: Mooring, telegram: Telegram):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say(f"/send @bobby {'a' * 4000}")
    await mooring.chat.say("and more")
    await mooring.chat.shows("That makes 2 messages")
    await mooring.chat.press("Cancel")
    await mooring.chat.shows("OK, left.")
    assert await drafts(mooring) == []


@pytest.mark.req("S3.6")
async def test_a_draft_is_edited_silenced_and_told_its_fallback_on_its_card(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_edit")
    await mooring.start_with(alice)
    await mooring.chat.say("/send @bob_edit frist")
    await card(mooring, "frist")
    await mooring.chat.press("Silent")
    await mooring.chat.until(lambda m: any("With sound" in label for label in m.labels))
    await mooring.chat.press(": ask")
    await mooring.chat.until(lambda m: any(": wait" in label for label in m.labels))
    (draft,) = await drafts(mooring)
    assert (draft.is_silent, draft.fallback) == (True, Fallback.ASK)
    await mooring.chat.press("Edit")
    await mooring.chat.shows("Send me the new text")
    await mooring.chat.say("first")
    await mooring.chat.shows("The draft is changed")
    await card(mooring, "first")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["first"]


async def test_a_draft_that_was_decided_meanwhile_is_not_edited(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send me to myself")
    await card(mooring, "to myself")
    await mooring.chat.press("Edit")
    await mooring.chat.shows("Send me the new text")
    await mooring.chat.press("Discard")
    await mooring.chat.shows("Discarded")
    await mooring.chat.say("another text")
    await mooring.chat.shows("That is no draft any more")
    await mooring.chat.say("something else")
    await mooring.chat.shows("found no account for “something else”")


async def test_a_link_of_another_chat_is_no_message_to_answer(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @some_group hello")
    await card(mooring, "hello")
    await mooring.chat.press("Reply to…")
    await mooring.chat.shows("Which message should it answer?")
    await mooring.chat.say("that one")
    await mooring.chat.shows("That is no link to a message")
    await mooring.chat.say("https://t.me/other_group/7")
    await mooring.chat.shows("That message is in another chat")
    await mooring.chat.say("https://t.me/Some_Group/7")
    await mooring.chat.shows("It answers that message now")
    (draft,) = await drafts(mooring)
    assert draft.reply_to == 7
    await mooring.chat.press("No reply")
    await mooring.chat.until(lambda m: any("Reply to…" in label for label in m.labels))
    (draft,) = await drafts(mooring)
    assert draft.reply_to is None


async def test_a_draft_of_the_draft_command_is_in_the_admin_chat(
    mooring: Mooring, telegram: Telegram
):
    admin = await telegram.person("Adam")
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.stop()
    in_admin_chat = await telegram.chat(admin, mooring.bot)
    await in_admin_chat.say("/start")
    await mooring.start(admin_chat_id=admin["id"], admin_ids=[mooring.operator["id"], admin["id"]])
    await mooring.chat.say("/draft me shall we?")
    await mooring.chat.shows("The draft is in the admin chat now")
    await in_admin_chat.shows("Not sent yet", "shall we?")
    await in_admin_chat.press("Discard")
    await in_admin_chat.shows("Discarded")


async def test_while_sending_is_paused_nothing_goes_out_and_everybody_sees_who_paused_it(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_paus")
    (number,) = await mooring.start_with(alice)
    await mooring.chat.say("/pause")
    await mooring.chat.shows("Sending is paused: nothing goes out")
    await mooring.chat.say("/send @bob_paus later")
    await card(mooring, "later")
    await mooring.chat.press("Send as account")
    for command in ("/start", "/status"):
        shown = await mooring.chat.ask(command)
        assert re.search(r"Sending is paused since .*\(UTC\) by Olga\. /resume", shown.text)
    await mooring.stop()
    await mooring.start()
    await mooring.until_state(number, "ONLINE")
    assert await (await telegram.chat(bob, alice)).read() == []
    await mooring.chat.say("/pause")
    await mooring.chat.shows("It is paused already")
    await mooring.chat.press("Let sending go on")
    await mooring.chat.shows("Sending goes on")
    await (await telegram.chat(bob, alice)).shows("later")
    assert "paused" not in (await mooring.chat.ask("/start")).text


async def test_the_usual_fallback_is_set_in_the_chat(mooring: Mooring, telegram: Telegram):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/fallback")
    await mooring.chat.shows("Now: the bot sends it")
    await mooring.chat.press(": wait")
    await mooring.chat.shows("New drafts, when their account", "send: it waits")
    await mooring.chat.say("/send @bobby patience")
    await card(mooring, "patience")
    (draft,) = await drafts(mooring)
    assert draft.fallback is Fallback.NEVER


@pytest.mark.req("S3.6")
async def test_a_programs_draft_gets_a_card_in_the_admin_chat(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_prog")
    (number,) = await mooring.start_with(alice)
    done = await asyncio.to_thread(
        program.run,
        ["draft", "--account", f"{number}", "--to", "@bob_prog", "--text", "From a program"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **mooring.environment()},
    )
    assert done.returncode == 0, done.stderr
    await card(mooring, "From a program", "command line")
    await mooring.chat.press("Edit")
    await mooring.chat.shows("Send me the new text")
    await mooring.chat.say("From a person")
    await mooring.chat.shows("The draft is changed")
    await card(mooring, "From a person")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["From a person"]


async def test_a_draft_written_while_mooring_was_down_gets_its_card_once_it_runs(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.stop()
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    at = datetime.now(UTC) + timedelta(days=1)
    await add_draft(database, origin="billing", to="@bobby", text="Your bill", at=at)
    await database.close()
    await mooring.start()
    shown = await card(mooring, "Your bill", "billing")
    assert f"#{number} Alice" in shown.text
    await mooring.chat.press("At once")  # only a card that is known is kept true
    await mooring.chat.until(lambda m: "Your bill" in m.text and "Goes out at" not in m.text)
    await mooring.stop()
    await mooring.start()
    await mooring.chat.ask("/start")
    cards = [m for m in await mooring.chat.read() if "Your bill" in m.text]
    assert len(cards) == 1


async def send_files(mooring: Mooring, *files: dict[str, Any], caption: str = "") -> None:
    """Send files in the operator's chat: one, or an album; the first has the caption."""
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/media"
    listed = [{**f, "data": b64encode(f["data"]).decode()} for f in files]
    listed[0]["caption"] = caption
    await mooring.telegram.post(path, files=listed)


def a_photo(width: int = 40) -> dict[str, Any]:
    return {"kind": "photo", "data": blank(width, 30)}


def a_file(data: bytes = b"%PDF-1.7", name: str = "bill.pdf") -> dict[str, Any]:
    return {"kind": "document", "data": data, "name": name, "mime_type": "application/pdf"}


async def stored_files(mooring: Mooring, delivery_id: int) -> list[tuple[Media, str, bytes]]:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        found = await attachments.of(tx, delivery_id)
        return [(a.kind, a.name, await attachments.data(tx, a.id) or b"") for a in found]


async def test_a_photo_with_a_caption_is_fetched_and_sent(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_foto")
    await mooring.start_with(alice)
    await mooring.chat.say("/send @bob_foto")
    await mooring.chat.shows("What is the text?", "A photo, a file")
    await send_files(mooring, a_photo(), caption="Look")
    await card(mooring, "Look")
    (draft,) = await drafts(mooring)
    ((kind, _, data),) = await stored_files(mooring, draft.id)
    assert (draft.media, kind) == (Media.PHOTO, Media.PHOTO)
    assert data == blank(40, 30)
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    await (await telegram.chat(bob, alice)).shows("Look")


async def test_an_album_with_a_line_as_its_caption_is_one_draft(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await send_files(
        mooring, a_file(b"one", "1.pdf"), a_file(b"two", "2.pdf"), caption="/send @bobby The bills"
    )
    await card(mooring, "The bills", "1.pdf", "2.pdf")
    (draft,) = await drafts(mooring)
    assert draft.media is Media.ALBUM
    assert await stored_files(mooring, draft.id) == [
        (Media.DOCUMENT, "1.pdf", b"one"),
        (Media.DOCUMENT, "2.pdf", b"two"),
    ]


async def test_a_voice_message_needs_no_text(mooring: Mooring, telegram: Telegram):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await send_files(mooring, {"kind": "voice", "data": b"OggS" * 50, "duration": 65})
    await card(mooring, "1:05")
    (draft,) = await drafts(mooring)
    assert (draft.media, draft.text) == (Media.VOICE, "")


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await send_files(mooring, a_file(bytes(21 << 20), "film.bin"))
    one = await mooring.chat.shows("film.bin has 21.0 MB", "up to 20 MB")
    await send_files(mooring, a_file(b"small"), a_file(bytes(21 << 20), "film.bin"))
    await mooring.chat.until(lambda m: m.id > one.id and "film.bin has 21.0 MB" in m.text)
    assert await drafts(mooring) == []
    await mooring.chat.say("then only words")
    await card(mooring, "then only words")
    assert len(await drafts(mooring)) == 1


async def test_a_file_that_telegram_does_not_give_leaves_nothing_and_the_dialog_goes_on(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await telegram.post("botapi/faults/server_error", method="download")
    await send_files(mooring, a_file(), caption="The bill")
    await mooring.chat.shows("Telegram did not give me the file")
    assert await drafts(mooring) == []
    await send_files(mooring, a_file(), caption="The bill")
    await card(mooring, "The bill", "bill.pdf")


async def test_files_that_come_after_the_dialog_was_left_are_not_written(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await send_files(mooring, a_photo(), a_photo(50))
    await mooring.chat.say("/cancel")
    await mooring.chat.shows("OK, left.")
    await asyncio.sleep(QUIET_S + 0.5)  # an album is taken once it is complete
    await mooring.chat.ask("/start")
    assert await drafts(mooring) == []


async def test_a_text_right_after_an_album_follows_it(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_albu")
    await mooring.start_with(alice)
    await mooring.chat.say("/send @bob_albu")
    await mooring.chat.shows("What is the text?")
    await send_files(mooring, a_photo(), a_photo(50), caption="Two")
    await mooring.chat.say("And a word")
    await mooring.chat.shows("That makes 2 messages")
    await mooring.chat.press("Send as 2 messages")
    await card(mooring, "Two", "And a word")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    inbox = await telegram.chat(bob, alice)
    await inbox.shows("And a word")
    assert [m.text for m in await inbox.read()] == ["Two", "", "And a word"]


async def test_what_can_not_be_sent_is_answered_with_what_can(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    chat = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}"
    await telegram.post(f"{chat}/contact", phone="+442079460000", first_name="Bob")
    shown = await mooring.chat.shows("send that", "A text, a photo, a file")
    assert any("Cancel" in label for label in shown.labels)
    await mooring.chat.say("words then")
    await card(mooring, "words then")


async def test_in_a_group_the_operator_is_told_to_answer_by_a_reply(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    admins = await telegram.post(
        "groups",
        title="Admins",
        creator=mooring.operator["id"],
        members=[mooring.bot["id"]],
    )
    group = await telegram.chat(mooring.operator, admins)
    await group.say("/send @bobby")
    asked = await group.shows("To @bobby. What is the text?", "as a reply to this message")
    path = f"users/{mooring.operator['id']}/chats/{admins['id']}/messages"
    await telegram.post(path, text="hello", reply_to=asked.id)
    await group.shows("Not sent yet", "hello")
    await group.press("Edit")
    asked = await group.shows("Send me the new text", "as a reply to this message")
    await telegram.post(path, text="hello again", reply_to=asked.id)
    await group.shows("The draft is changed")
    await group.shows("Not sent yet", "hello again")


async def test_more_pictures_than_an_album_holds_are_refused_whole(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await send_files(mooring, *(a_photo(40 + n) for n in range(10)))
    await send_files(mooring, a_photo(60), a_photo(61))
    await mooring.chat.shows("An album holds up to 10 files, and those are 12")
    assert await drafts(mooring) == []


async def test_who_names_the_target_at_once_means_the_best_account(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send")
    await mooring.chat.shows("Send as which account?")
    await mooring.chat.say("Bob")
    await mooring.chat.shows("That is nobody I can write to")
    await mooring.chat.say("@bobby")
    await mooring.chat.shows("To @bobby. What is the text?", f"From #{number} Alice")


async def test_a_draft_whose_card_could_not_be_shown_is_not_kept(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send @bobby")
    await mooring.chat.shows("What is the text?")
    await telegram.post("botapi/faults/server_error", method="sendMessage")
    await mooring.chat.say("lost")
    await mooring.chat.shows("Something went wrong on my side")
    assert await drafts(mooring) == []
    await mooring.chat.say("found")
    await card(mooring, "found")


async def test_a_silent_answer_to_a_message_of_a_group(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob")
    await mooring.start_with(alice)
    username = f"group_{alice['id']}"
    members = [bob["id"]]
    group = await telegram.post(
        "groups", title="Group", creator=alice["id"], username=username, members=members
    )
    asked = await telegram.post(f"users/{bob['id']}/chats/{group['id']}/messages", text="When?")
    await mooring.chat.say(f"/send https://t.me/{username} At **noon**")
    await card(mooring, "At **noon**")
    await mooring.chat.press("Reply to…")
    await mooring.chat.shows("Which message should it answer?")
    await mooring.chat.say(f"https://t.me/{username}/{asked['message']['id']}")
    await mooring.chat.shows("It answers that message now")
    await mooring.chat.press("Silent")
    await mooring.chat.until(lambda m: any("With sound" in label for label in m.labels))
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    last = (await telegram.get(f"groups/{group['id']}/messages"))["messages"][-1]
    assert last["text"] == "At **noon**"
    assert last["reply_to"] == asked["message"]["id"]
    assert last["silent"]
