"""/uptime: a picture of who was connected when, drawn while the operator waits."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, InputMediaPhoto, Message
from loguru import logger

from bot.callbacks import Days, OnUptime
from bot.charts.child import Charts, NotDrawn
from bot.chronicle import Chronicle
from bot.errors import BOT_API_ERRORS
from bot.handlers.context import Context, chat_of
from bot.roles import LOOKING
from bot.show import acknowledge, edit, replace, reply
from bot.views import uptime as views
from bot.views.view import View, back, lines, rows
from storage.errors import StorageError

FILE = "uptime.png"
LONGEST_WORD = 40
_DAYS = {"24h": Days.DAY, "1d": Days.DAY, "7d": Days.WEEK, "week": Days.WEEK}
Show = Callable[[bytes, View], Awaitable[object]]
"""Shows a picture with its caption."""
Say = Callable[[View], Awaitable[object]]
"""Shows the caption alone, where there is no picture."""


def router() -> Router:
    uptime = Router(name="uptime")
    uptime.message.register(asked, Command("uptime"), flags=LOOKING)
    uptime.callback_query.register(pressed, OnUptime.filter(), flags=LOOKING)
    return uptime


async def asked(
    message: Message, command: CommandObject, ctx: Context, chronicle: Chronicle, charts: Charts
) -> None:
    """`/uptime`, `/uptime 17`, `/uptime 7d`, `/uptime 17 7d`."""
    words = (command.args or "").split()
    days = next((_DAYS[word.lower()] for word in words if word.lower() in _DAYS), Days.DAY)
    who = " ".join(word for word in words if word.lower() not in _DAYS)
    facts = await ctx.desk.find(who) if who else None
    if who and facts is None:
        is_number = who.removeprefix("#").isdecimal() or who.startswith("+")
        key = "uptime-no-account" if is_number else "uptime-usage"
        await reply(message, View(ctx.t(key, word=who[:LONGEST_WORD]), rows([back(ctx.t)])))
        return
    order = OnUptime(account=facts.account.id if facts else 0, days=days)
    waiting = await reply(message, View(ctx.t("uptime-drawing")))

    async def show(png: bytes, caption: View) -> None:
        await message.answer_photo(
            BufferedInputFile(png, FILE), caption=caption.text, reply_markup=caption.keyboard
        )
        await waiting.delete()

    async def say(view: View) -> None:
        if waiting.bot is not None:
            await edit(waiting.bot, waiting.chat.id, waiting.message_id, view)

    async def work() -> None:
        zone = await ctx.zones.of(message.chat.id)
        await _draw(ctx, chronicle, charts, order, zone, show, say)

    ctx.in_background(work, "drawing uptimes")


async def pressed(
    query: CallbackQuery,
    callback_data: OnUptime,
    ctx: Context,
    chronicle: Chronicle,
    charts: Charts,
) -> None:
    """Another picture, in place of the one whose button it was."""
    await acknowledge(query, ctx.t("uptime-drawing"))
    message = query.message

    async def show(png: bytes, caption: View) -> None:
        if message is None:
            return
        file = BufferedInputFile(png, FILE)
        if isinstance(message, Message) and message.photo:
            media = InputMediaPhoto(media=file, caption=caption.text, parse_mode="HTML")
            try:
                await message.edit_media(media, reply_markup=caption.keyboard)
            except TelegramBadRequest as exc:
                logger.bind(event="show.refused").debug("a new message: {}", exc.message)
            else:
                return
        await message.answer_photo(file, caption=caption.text, reply_markup=caption.keyboard)

    async def say(view: View) -> None:
        await replace(query, view)

    async def work() -> None:
        zone = await ctx.zones.of(chat_of(query))
        await _draw(ctx, chronicle, charts, callback_data, zone, show, say)

    ctx.in_background(work, "drawing uptimes")


async def _draw(
    ctx: Context,
    chronicle: Chronicle,
    charts: Charts,
    order: OnUptime,
    zone: tzinfo,
    show: Show,
    say: Say,
) -> None:
    """Read, draw, show; where that fails the figures are told in words."""
    try:
        seen = await chronicle.uptime(views.SPANS[order.days], order.account or None)
    except StorageError as exc:
        logger.bind(event="chart.failed").warning("the past could not be read: {}", exc)
        await say(View(ctx.t("fault-storage"), rows([back(ctx.t)])))
        return
    if not seen.rows:
        await say(views.nothing(ctx.t))
        return
    caption = views.caption(ctx.t, seen, order, zone)
    try:
        png = await charts.draw(views.picture(ctx.t, seen, order, zone))
    except NotDrawn as exc:
        words = ctx.t("uptime-late" if exc.is_late else "uptime-not-drawn")
        await say(View(lines([words, "", caption.text]), caption.keyboard))
        return
    try:
        await show(png, caption)
    except BOT_API_ERRORS as exc:
        logger.bind(event="chart.unsent").warning("a picture was not taken: {}", exc)
        await say(View(lines([ctx.t("uptime-not-sent"), "", caption.text]), caption.keyboard))
