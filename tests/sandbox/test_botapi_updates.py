"""Updates: long polls, offsets, two pollers, and a real aiogram bot."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)

from sandbox.world.messages import EditedMessage, NewMessage
from tests.sandbox.botapi_fixtures import TOKEN, Desk, running_desk
from tests.timing import limit

CONFLICT = (
    "Conflict: terminated by other getUpdates request;"
    " make sure that only one bot instance is running"
)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with running_desk() as running:
        yield running


def bot_for(desk: Desk, token: str = TOKEN) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(desk.url))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML"))


async def texts(desk: Desk, **parameters: object) -> list[str]:
    updates = await desk.result("getUpdates", **parameters)
    return [update["message"]["text"] for update in updates]


async def test_updates_wait_from_before_the_first_request_until_confirmed(desk: Desk) -> None:
    for text in ("/start", "two", "three"):
        desk.write(text)
    first = await desk.result("getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["/start", "two"]
    assert first[0]["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert await texts(desk) == ["/start", "two", "three"]
    assert await texts(desk, offset=first[0]["update_id"] + 1) == ["two", "three"]
    assert await texts(desk) == ["two", "three"]
    assert await texts(desk, offset=first[1]["update_id"] + 2) == []
    assert (await desk.result("getWebhookInfo"))["pending_update_count"] == 0


async def test_a_negative_offset_keeps_the_last_ones(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        desk.write(text)
    assert await texts(desk, offset=-1) == ["three"]
    assert await texts(desk) == ["three"]
    assert await texts(desk, offset=-5) == ["three"]


async def test_what_the_bot_sends_itself_is_no_update(desk: Desk) -> None:
    desk.write("/start")
    await desk.send()
    assert await texts(desk) == ["/start"]


async def test_a_long_poll_ends_with_the_first_update(desk: Desk) -> None:
    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        polling = group.create_task(texts(desk, timeout=50))
        await desk.result("getMe")
        desk.write("at last")
        assert await polling == ["at last"]


async def test_a_long_poll_ends_empty_when_its_time_is_over(desk: Desk) -> None:
    async with asyncio.timeout(limit(10)):
        assert await desk.result("getUpdates", timeout=1) == []


async def test_allowed_updates_hold_until_others_are_named(desk: Desk) -> None:
    assert await desk.result("getUpdates", allowed_updates=["callback_query"]) == []
    desk.write("unheard")
    assert await desk.result("getUpdates") == []
    assert await desk.result("getUpdates", allowed_updates=[]) == []
    desk.write("heard")
    assert await texts(desk) == ["heard"]
    refusal = await desk.refusal("getUpdates", allowed_updates="{")
    assert refusal == (400, "Bad Request: can't parse allowed_updates")


async def test_waiting_updates_can_be_dropped(desk: Desk) -> None:
    desk.write("old")
    assert await desk.result("deleteWebhook")
    assert await texts(desk) == ["old"]
    assert await desk.result("deleteWebhook", drop_pending_updates=True)
    assert await texts(desk) == []


async def test_the_earlier_of_two_pollers_is_terminated(desk: Desk) -> None:
    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        earlier = group.create_task(desk.refusal("getUpdates", timeout=50))
        while not polls(desk):
            await desk.result("getMe")
        later = group.create_task(texts(desk, timeout=50))
        assert await earlier == (409, CONFLICT)
        desk.write("to the later one")
        assert await later == ["to the later one"]


def polls(desk: Desk) -> bool:
    """Whether a poll is waiting: only the server itself knows that a request has arrived."""
    bots = desk.server._bots.values()
    return any(bot.updates._poll is not None for bot in bots)


async def test_updates_wait_through_an_outage(desk: Desk) -> None:
    port = desk.server.port
    bot = bot_for(desk)
    try:
        await desk.server.stop()
        assert not desk.server.is_running
        with pytest.raises(TelegramNetworkError):
            await bot.get_me()
        desk.write("meanwhile")
        await desk.server.start()
        assert desk.server.port == port
        assert await texts(desk) == ["meanwhile"]
    finally:
        await bot.session.close()


async def test_an_outage_cuts_a_waiting_poll(desk: Desk) -> None:
    bot = bot_for(desk)
    try:
        async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
            polling = group.create_task(settle(bot))
            while not polls(desk):
                await desk.result("getMe")
            await desk.server.stop()
            assert isinstance(await polling, TelegramNetworkError)
    finally:
        await bot.session.close()


async def settle(bot: Bot) -> Exception | None:
    try:
        await bot.get_updates(timeout=50)
    except TelegramNetworkError as error:
        return error
    return None


async def test_aiogram_understands_every_answer(desk: Desk) -> None:
    desk.write("/start")
    bot = bot_for(desk)
    try:
        me = await bot.me()
        assert me.username == "harbour_bot"
        commands = [BotCommand(command="start", description="Begin")]
        assert await bot.set_my_commands(commands)
        (command,) = await bot.get_my_commands()
        assert (command.command, command.description) == ("start", "Begin")
        assert await bot.delete_my_commands()
        assert await bot.delete_webhook(drop_pending_updates=False)
        assert (await bot.get_webhook_info()).pending_update_count == 1
        assert await bot.send_chat_action(desk.olga.id, "typing")
        assert (await bot.get_chat(desk.olga.id)).first_name == "Olga"
        sent = await bot.send_message(
            desk.olga.id,
            'Hello <a href="tg://user?id=5000000001">Olga</a> <pre><code class="language-py">1'
            "</code></pre>",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=ForceReply(),
        )
        assert sent.entities
        assert sent.entities[0].user
        assert sent.html_text.startswith('Hello <a href="tg://user?id=5000000001">Olga</a>')
        reply = await sent.reply("yes")
        assert reply.reply_to_message
        edited = await reply.edit_text("<b>no</b>")
        assert isinstance(edited, Message)
        assert edited.edit_date
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await reply.edit_text("<b>no</b>")
        assert await reply.delete()
        assert await bot.delete_messages(desk.olga.id, [sent.message_id])
        with pytest.raises(TelegramBadRequest, match="can't parse entities"):
            await bot.send_message(desk.olga.id, "1 < 2")
        desk.world.block(desk.olga.id, desk.bot.id)
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(desk.olga.id, "x")
    finally:
        await bot.session.close()
    stranger = bot_for(desk, "7000000009:nobody")
    try:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()
    finally:
        await stranger.session.close()


async def test_aiogram_polls_answers_a_command_and_a_press(desk: Desk) -> None:
    dispatcher = Dispatcher()
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Press", callback_data="p:1")]]
    )

    @dispatcher.message(Command("start"))
    async def start(message: Message) -> None:
        await message.answer("Welcome", reply_markup=keyboard)

    @dispatcher.callback_query(F.data == "p:1")
    async def press(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("Pressed")
        await query.answer("Thanks")

    events: asyncio.Queue[Any] = asyncio.Queue()
    desk.world.messages.listen(desk.olga.id, events.put_nowait)
    bot = bot_for(desk)
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        polling = group.create_task(dispatcher.start_polling(bot, handle_signals=False))
        desk.write("/start")
        assert (await events.get()).message.is_outgoing
        welcome = await events.get()
        assert isinstance(welcome, NewMessage)
        copy = desk.world.messages.twin(welcome.message)
        assert copy
        pressed = desk.world.presses.press(desk.olga.id, copy, "p:1")
        edit = await events.get()
        assert isinstance(edit, EditedMessage)
        assert edit.message.content.text == "Pressed"
        assert (await pressed.answered).text == "Thanks"
        await dispatcher.stop_polling()
        await polling


async def test_aiogram_sees_the_conflict_of_two_pollers(desk: Desk) -> None:
    one, two = bot_for(desk), bot_for(desk)

    async def poll(bot: Bot) -> str:
        try:
            await bot.get_updates(timeout=2)
        except TelegramConflictError:
            return "conflict"
        return "none"

    try:
        async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
            earlier = group.create_task(poll(one))
            while not polls(desk):
                await desk.result("getMe")
            later = group.create_task(poll(two))
        assert (earlier.result(), later.result()) == ("conflict", "none")
    finally:
        await one.session.close()
        await two.session.close()
