"""A bot library that shares no code with aiogram, unmodified, against the sandbox's Bot API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import (
    BotCommand,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MessageEntity,
    MessageOriginUser,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from sandbox.world import World
from sandbox.world.chats import ChatKind, Standing
from sandbox.world.messages import Content, Entity
from sandbox.world.sharing import Contact
from tests.sandbox.botapi_fixtures import TOKEN, Desk, running_desk
from tests.sandbox.pictures import PHOTO
from tests.timing import limit

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture(autouse=True)
def without_its_old_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds as numbers are on their way out of this library; it warns of each."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@dataclass
class Bench:
    """The bot's side (`bot`, `updates`) and the person's (`desk`)."""

    desk: Desk
    application: AnyApplication
    updates: "asyncio.Queue[Update]" = field(default_factory=asyncio.Queue)

    @property
    def bot(self) -> Any:  # noqa: ANN401 - the library's own class has hundreds of methods
        return self.application.bot

    async def hear(self) -> Update:
        async with asyncio.timeout(limit(20)):
            return await self.updates.get()


def built(desk: Desk, token: str = TOKEN) -> AnyApplication:
    builder = ApplicationBuilder().token(token)
    builder = builder.base_url(f"{desk.url}/bot").base_file_url(f"{desk.url}/file/bot")
    return builder.build()


@asynccontextmanager
async def polling(desk: Desk) -> AsyncIterator[Bench]:
    application = built(desk)
    bench = Bench(desk, application)

    async def keep(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        await bench.updates.put(update)

    async def started(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"Hello, {' '.join(context.args or [])}")
        await keep(update, context)

    application.add_handler(CommandHandler("start", started))
    application.add_handler(CallbackQueryHandler(keep))
    application.add_handler(MessageHandler(filters.ALL, keep))
    async with application:
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling(timeout=20, drop_pending_updates=False)
        yield bench
        await application.updater.stop()
        await application.stop()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_desk() as desk, polling(desk) as running:
        yield running


@pytest.fixture
async def started(bench: Bench) -> Bench:
    bench.desk.write("/start ahoy")
    await bench.hear()
    return bench


async def test_a_command_is_answered_with_long_polling(bench: Bench) -> None:
    bench.desk.write("/start fair winds")
    update = await bench.hear()
    assert update.message is not None
    assert update.message.parse_entities() == {update.message.entities[0]: "/start"}
    assert bench.desk.seen()[-1].content.text == "Hello, fair winds"
    me = await bench.bot.get_me()
    assert (me.id, me.username, me.is_bot) == (7000000001, "harbour_bot", True)


async def test_commands_are_set_and_read_by_language(bench: Bench) -> None:
    await bench.bot.set_my_commands([BotCommand("start", "Begin"), ("help", "What I can do")])
    await bench.bot.set_my_commands([("start", "Anfangen")], language_code="de")
    assert [c.command for c in await bench.bot.get_my_commands()] == ["start", "help"]
    german = await bench.bot.get_my_commands(language_code="de")
    assert german == (BotCommand("start", "Anfangen"),)
    await bench.bot.delete_my_commands()
    assert await bench.bot.get_my_commands() == ()


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("<b>Bold</b> <u>🚢 <i>both</i></u>", {"parse_mode": ParseMode.HTML}),
        ("*Bold* __🚢 _both_**__", {"parse_mode": ParseMode.MARKDOWN_V2}),
        (
            "Bold 🚢 both",
            {
                "entities": [
                    MessageEntity("bold", 0, 4),
                    MessageEntity("underline", 5, 7),
                    MessageEntity("italic", 8, 4),
                ]
            },
        ),
    ],
)
async def test_formatting_goes_out_and_comes_back(
    started: Bench, text: str, more: dict[str, Any]
) -> None:
    sent = await started.bot.send_message(started.desk.olga.id, text, **more)
    assert sent.text == "Bold 🚢 both"
    assert sent.text_html == "<b>Bold</b> <u>🚢 <i>both</i></u>"
    shown = started.desk.seen()[-1].content
    assert [(e.kind, e.offset, e.length) for e in shown.entities] == [
        ("bold", 0, 4),
        ("underline", 5, 7),
        ("italic", 8, 4),
    ]
    content = Content("see this", (Entity("text_link", 4, 4, {"url": "https://a.io/"}),))
    started.desk.world.say(started.desk.olga.id, started.desk.bot.id, content)
    update = await started.hear()
    assert update.message is not None
    assert update.message.text_markdown_v2 == "see [this](https://a.io/)"


async def test_a_keyboard_is_pressed_answered_edited_and_deleted(started: Bench) -> None:
    keyboard = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Yes", callback_data="yes"), InlineKeyboardButton("Docs", "a.io")]]
    )
    sent = await started.bot.send_message(started.desk.olga.id, "Sure?", reply_markup=keyboard)
    seen = started.desk.seen()[-1]
    copy = started.desk.world.messages.twin(seen)
    assert copy is not None
    press = started.desk.world.presses.press(started.desk.olga.id, copy, "yes")
    query = (await started.hear()).callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("yes", started.desk.olga.id)
    await query.answer("Done", show_alert=True)
    answer = await press.answered
    assert (answer.text, answer.show_alert) == ("Done", True)
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer("again")
    edited = await sent.edit_text("Sure.", parse_mode=ParseMode.HTML)
    assert edited.edit_date is not None
    assert edited.reply_markup is None
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await edited.edit_text("Sure.")
    await edited.edit_reply_markup(keyboard)
    assert started.desk.seen()[-1].content.markup is not None
    assert await sent.delete()
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await sent.delete()


async def test_questions_and_answers_refer_to_messages(started: Bench) -> None:
    chat_id = started.desk.olga.id
    asked = await started.bot.send_message(
        chat_id, "Which?", reply_markup=ForceReply(selective=True)
    )
    theirs = started.desk.seen()[-1]
    started.desk.world.say(chat_id, started.desk.bot.id, Content("17"), reply_to_id=theirs.id)
    message = (await started.hear()).message
    assert message is not None
    assert message.reply_to_message == asked
    reply = await started.bot.send_message(
        chat_id, "So 17.", reply_parameters=ReplyParameters(message.message_id)
    )
    assert reply.reply_to_message == message
    with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
        await started.bot.send_message(chat_id, "?", reply_parameters=ReplyParameters(999))
    loose = ReplyParameters(999, allow_sending_without_reply=True)
    assert await started.bot.send_message(chat_id, "?", reply_parameters=loose)


async def test_files_go_up_and_come_down(started: Bench) -> None:
    chat_id, picture = started.desk.olga.id, PHOTO
    photo = await started.bot.send_photo(chat_id, picture, caption="*a*", parse_mode="MarkdownV2")
    assert photo.caption_html == "<b>a</b>"
    file = await photo.photo[-1].get_file()
    assert bytes(await file.download_as_bytearray()) == picture
    bill = await started.bot.send_document(chat_id, b"%PDF", filename="bill.pdf")
    assert (bill.document.file_name, bill.document.mime_type) == ("bill.pdf", "application/pdf")
    again = await started.bot.send_document(chat_id, bill.document.file_id)
    assert again.document.file_unique_id == bill.document.file_unique_id
    voice = await started.bot.send_voice(chat_id, b"OggS", duration=3)
    assert voice.voice.duration == timedelta(seconds=3)
    album = await started.bot.send_media_group(
        chat_id, [InputMediaPhoto(picture, caption="one"), InputMediaPhoto(picture)]
    )
    assert len({message.media_group_id for message in album}) == 1
    changed = await album[0].edit_caption("two")
    assert changed.caption == "two"

    files = started.desk.world.files
    started.desk.write_file(files.add_document(b"words", name="a.txt", mime_type="text/plain"))
    message = (await started.hear()).message
    assert message is not None
    assert message.document is not None
    file = await message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"words"


async def test_contacts_forwards_and_copies_are_passed_on(started: Bench) -> None:
    desk = started.desk
    sent = await started.bot.send_contact(desk.olga.id, "+15550001", "Ann", "Lee")
    assert (sent.contact.phone_number, sent.contact.last_name) == ("15550001", "Lee")
    content = Content("", contact=Contact("15550002", "Bob"))
    desk.world.say(desk.olga.id, desk.bot.id, content)
    theirs = (await started.hear()).message
    assert theirs is not None
    assert theirs.contact is not None
    assert theirs.contact.first_name == "Bob"
    words = desk.write("pass this on")
    message = (await started.hear()).message
    assert message is not None
    forwarded = await message.forward(desk.olga.id)
    assert isinstance(forwarded.forward_origin, MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == desk.olga.id
    copied = await message.copy(desk.olga.id)
    assert desk.seen()[-1].content == words.content
    assert copied.message_id == forwarded.message_id + 1


async def test_chats_and_members_are_described(started: Bench) -> None:
    desk, bot = started.desk, started.bot
    for action in (ChatAction.TYPING, ChatAction.UPLOAD_DOCUMENT):
        assert await bot.send_chat_action(desk.olga.id, action)
    private = await bot.get_chat(desk.olga.id)
    assert (private.type, private.username) == ("private", "olga")
    crew = desk.world.chats.create(
        ChatKind.SUPERGROUP, "Crew", desk.olga.id, username="crew", members=[desk.bot.id]
    )
    eve = desk.world.people.create("Eve")
    desk.world.chats.put(crew, eve.id, Standing.RESTRICTED)
    assert (await bot.get_chat("@crew")).title == "Crew"
    assert (await bot.get_chat_member(crew.id, desk.olga.id)).status == "creator"
    assert (await bot.get_chat_member(crew.id, bot.id)).status == "member"
    restricted = await bot.get_chat_member(crew.id, eve.id)
    assert (restricted.status, restricted.can_send_messages) == ("restricted", False)
    desk.world.chats.put(crew, desk.bot.id, Standing.ADMINISTRATOR)
    admins = await bot.get_chat_administrators(crew.id)
    assert {admin.status for admin in admins} == {"creator", "administrator"}
    assert await bot.get_chat_member_count(crew.id) == 3
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.get_chat(12345)


async def test_refusals_are_what_the_library_knows(started: Bench) -> None:
    desk, bot = started.desk, started.bot
    stranger = desk.world.people.create("Eve")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(stranger.id, "hello")
    desk.world.block(desk.olga.id, desk.bot.id)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(desk.olga.id, "hello")
    desk.world.unblock(desk.olga.id, desk.bot.id)
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities: character '.' is reserved"):
        await bot.send_message(desk.olga.id, "a.b", parse_mode=ParseMode.MARKDOWN_V2)
    desk.server.faults.throttle(7, "sendMessage")
    with pytest.raises(RetryAfter) as throttled:
        await bot.send_message(desk.olga.id, "hello")
    assert throttled.value.retry_after == timedelta(seconds=7)
    desk.server.faults.server_error(502, "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(desk.olga.id, "hello")
    wrong = built(desk, "7000000009:AAH-sandbox_token_of_35_characters_y")
    with pytest.raises(InvalidToken):
        await wrong.initialize()
    await wrong.bot.request.shutdown()  # it keeps its line where it could not begin


async def test_a_second_poll_ends_the_first_with_a_conflict() -> None:
    async with running_desk() as desk, built(desk) as one, built(desk) as other:

        async def wait() -> None:
            with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                await one.bot.get_updates(timeout=20)

        async with asyncio.TaskGroup() as group:
            group.create_task(wait(), name="the first")
            while not desk.server._bots or desk.server._bots[desk.bot.id].updates._poll is None:
                await desk.result("getMe")  # only the server knows that a request arrived
            await other.bot.get_updates(timeout=0)


async def test_webhooks_logging_out_and_closing_are_as_documented() -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    async with running_desk(World(lambda: clock[0])) as desk, built(desk) as application:
        bot = application.bot
        desk.write("one")
        waiting = await bot.get_webhook_info()
        assert (waiting.url, waiting.pending_update_count) == ("", 1)
        assert await bot.delete_webhook(drop_pending_updates=True)
        assert (await bot.get_webhook_info()).pending_update_count == 0
        with pytest.raises(BadRequest, match=r"(?i)an HTTPS URL must be provided"):
            await bot.set_webhook("http://a.io")
        with pytest.raises(RetryAfter):
            await bot.close()
        clock[0] += timedelta(minutes=11)
        assert await bot.close()
        assert await bot.log_out()
        with pytest.raises(BadRequest, match="Logged out"):
            await bot.get_me()
        clock[0] += timedelta(minutes=11)
        assert (await bot.get_me()).username == "harbour_bot"
