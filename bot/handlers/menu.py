"""The menu, /help, /cancel, and whatever nobody else understood."""

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Room
from bot.handlers import status
from bot.handlers.accounts import searching
from bot.handlers.context import Context, chat_of
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import overview as views
from bot.views.view import View, back, rows

_SAID = {
    ContentType.TEXT,
    ContentType.PHOTO,
    ContentType.DOCUMENT,
    ContentType.ANIMATION,
    ContentType.AUDIO,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
    ContentType.STICKER,
    ContentType.CONTACT,
    ContentType.LOCATION,
    ContentType.VENUE,
    ContentType.POLL,
    ContentType.DICE,
}
"""What somebody says to the bot. That a group got a member or another picture is not."""


def router() -> Router:
    """Handlers that hold in every dialog, so they come first."""
    menu = Router(name="menu")
    menu.message.register(start, CommandStart(), flags=LOOKING)
    menu.message.register(help_, Command("help"), flags=LOOKING)
    menu.callback_query.register(go_help, Go.filter(F.room == Room.HELP), flags=LOOKING)
    menu.callback_query.register(go_home, Go.filter(F.room == Room.HOME), flags=LOOKING)
    return menu


def last_router() -> Router:
    """Handlers for what no dialog and no command took."""
    last = Router(name="last")
    last.message.register(cancel, Command("cancel"), flags=LOOKING)
    last.callback_query.register(go_cancel, Go.filter(F.room == Room.CANCEL), flags=LOOKING)
    last.callback_query.register(stale, flags=LOOKING)
    last.message.register(not_understood, F.content_type.in_(_SAID), flags=LOOKING)
    return last


async def start(message: Message, state: FSMContext, ctx: Context) -> None:
    await state.clear()
    await reply(message, await _home(ctx, message))


async def help_(message: Message, ctx: Context) -> None:
    await reply(message, await _help(ctx))


async def cancel(message: Message, state: FSMContext, ctx: Context) -> None:
    if await state.get_state() is None:
        await reply(message, View(ctx.t("nothing-to-cancel")))
        return
    await state.clear()
    await reply(message, View(ctx.t("cancelled"), rows([back(ctx.t)])))


async def go_help(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _help(ctx))


async def go_home(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _home(ctx, query))


async def go_cancel(query: CallbackQuery, state: FSMContext, ctx: Context) -> None:
    await acknowledge(query)
    await state.clear()
    await replace(query, View(ctx.t("cancelled"), rows([back(ctx.t)])))


async def stale(query: CallbackQuery, ctx: Context) -> None:
    """A button of an older version."""
    await acknowledge(query, ctx.t("stale"))
    await replace(query, await _home(ctx, query))


async def not_understood(message: Message, ctx: Context) -> None:
    """A text names an account, where any is called so; else the menu."""
    if found := await searching.search(message, ctx):
        await reply(message, found)
        return
    home = await _home(ctx, message)
    words = searching.not_found(message, ctx)
    await reply(message, View(f"{words}\n\n{home.text}", home.keyboard))


async def _help(ctx: Context) -> View:
    return views.help_(ctx.t, is_paused=await ctx.rules.paused() is not None)


async def _home(ctx: Context, event: Message | CallbackQuery) -> View:
    held = await status.paused(ctx, await ctx.zones.of(chat_of(event)))
    return views.home(ctx.t, await ctx.desk.totals(), paused=held)
