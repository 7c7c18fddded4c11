"""Adding proxies: a line or many in a message, or a text file. The running process checks them."""

import asyncio
from io import BytesIO

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Document, Message
from aiohttp import ClientError

from bot.callbacks import Go, Room
from bot.errors import BOT_API_ERRORS
from bot.following import Glance
from bot.handlers.context import Context, operator
from bot.handlers.private import delete, is_private, to_private
from bot.proxy_adding import Added, may_hold_password
from bot.show import acknowledge, edit, replace, reply
from bot.views.proxies import adding as views
from bot.views.view import View
from userbot.proxies import TooManyLines, parse_many

DEEP_LINK = "add_proxy"
LARGEST_BYTES = 2_000_000
CHECK_LIMIT_S = 120.0
"""How long the answer follows the checks."""


class AddProxy(StatesGroup):
    """Adding proxies."""

    line = State()


class NoText(ValueError):
    """A file is none that proxies can be read from; `words` is the text that says so."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def router() -> Router:
    adding = Router(name="adding proxies")
    link = CommandStart(deep_link=True, magic=F.args == DEEP_LINK)
    adding.message.register(ask, link)
    adding.message.register(ask_or_add, Command("add_proxy"))
    adding.callback_query.register(go_ask, Go.filter(F.room == Room.ADD_PROXY))
    adding.message.register(take_text, AddProxy.line, F.text, ~F.text.startswith("/"))
    adding.message.register(take_file, AddProxy.line, F.document)
    adding.message.register(not_text, AddProxy.line, ~F.text)
    return adding


async def ask(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    if not is_private(message):
        await to_private(message, ctx, bot, DEEP_LINK, ctx.t("proxy-in-private"))
        return
    await state.set_state(AddProxy.line)
    await reply(message, views.question(ctx.t))


async def ask_or_add(
    message: Message, command: CommandObject, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """`/add_proxy`, or with the lines right behind it."""
    if command.args:
        await state.set_state(AddProxy.line)
        await _take(message, command.args, state, ctx)
    else:
        await ask(message, state, ctx, bot)


async def go_ask(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    if isinstance(query.message, Message) and not is_private(query.message):
        await to_private(query.message, ctx, bot, DEEP_LINK, ctx.t("proxy-in-private"))
        return
    await state.set_state(AddProxy.line)
    await replace(query, views.question(ctx.t))


async def take_text(message: Message, state: FSMContext, ctx: Context) -> None:
    await _take(message, message.text or "", state, ctx)


async def take_file(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    """Read a text file; anything else is answered with what it should be."""
    try:
        text = await _read(bot, message.document)
    except NoText as exc:
        await reply(message, View(ctx.t(exc.words)))
        return
    await _take(message, text, state, ctx)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("proxy-text-or-file")))


async def _take(message: Message, text: str, state: FSMContext, ctx: Context) -> None:
    """Keep the good lines; where there is none the dialog stays where it was."""
    try:
        parsing = await asyncio.to_thread(parse_many, text)
    except TooManyLines as exc:
        await delete(message)
        await reply(message, View(ctx.t("proxy-many-lines", lines=exc.lines)))
        return
    is_kept = may_hold_password(text, parsing) and not await delete(message)
    if not parsing.good:
        nothing = Added((), (), parsing.bad, parsing.duplicates)
        await reply(message, views.only_bad(ctx.t, nothing, is_message_kept=is_kept))
        return
    await state.clear()
    told = await reply(message, View(ctx.t("proxy-adding", count=len(parsing.good))))
    by = operator(message)

    async def work() -> None:
        added = await ctx.proxies.add(parsing, by=by)
        await _follow(told, added, ctx, is_message_kept=is_kept)

    ctx.in_background(work, "adding proxies")


async def _follow(told: Message, added: Added, ctx: Context, *, is_message_kept: bool) -> None:
    """Show the answer, then what the checks of the new ones find."""

    async def look(*, is_late: bool = False) -> Glance:
        found = await ctx.proxies.page()
        view = views.answer(ctx.t, added, found, is_late=is_late, is_message_kept=is_message_kept)
        return Glance(view, views.is_checked(added, found))

    limit_s = CHECK_LIMIT_S
    if await ctx.following.follow(told, look, ctx.proxies.changes, limit_s=limit_s):
        return
    if told.bot is not None:
        late = await look(is_late=True)
        await edit(told.bot, told.chat.id, told.message_id, late.view)


async def _read(bot: Bot, document: Document | None) -> str:
    """The text of a file that was sent. Raises `NoText`."""
    name = (document.file_name or "").lower() if document else ""
    if document is None or not (name.endswith(".txt") or document.mime_type == "text/plain"):
        raise NoText("proxy-file-kind")
    if (document.file_size or 0) > LARGEST_BYTES:
        raise NoText("proxy-file-large")
    content = BytesIO()
    try:
        await bot.download(document, destination=content)
    except (*BOT_API_ERRORS, ClientError, TimeoutError) as exc:
        raise NoText("proxy-file-lost") from exc
    return _decoded(content.getvalue())


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST_BYTES:  # Telegram need not say how large a file is
        raise NoText("proxy-file-large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoText("proxy-file-text") from None
    if "\0" in text:
        raise NoText("proxy-file-text")
    return text
