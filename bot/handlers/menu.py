"""The menu, /help, /status, /cancel, and whatever nobody else understood."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Room
from bot.handlers.context import Context
from bot.show import acknowledge, replace, reply
from bot.texts import Html
from bot.times import shown
from bot.views import overview as views
from bot.views.view import View, back, rows


def router() -> Router:
    """Handlers that hold in every dialog, so they come first."""
    menu = Router(name="menu")
    menu.message.register(start, CommandStart())
    menu.message.register(help_, Command("help"))
    menu.message.register(status, Command("status"))
    menu.callback_query.register(go_home, Go.filter(F.room == Room.HOME))
    menu.callback_query.register(go_status, Go.filter(F.room == Room.STATUS))
    return menu


def last_router() -> Router:
    """Handlers for what no dialog and no command took."""
    last = Router(name="last")
    last.message.register(cancel, Command("cancel"))
    last.callback_query.register(go_cancel, Go.filter(F.room == Room.CANCEL))
    last.callback_query.register(stale)
    last.message.register(not_understood)
    return last


async def start(message: Message, state: FSMContext, ctx: Context) -> None:
    await state.clear()
    await reply(message, await _home(ctx))


async def help_(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("help"), rows([back(ctx.t)])))


async def status(message: Message, ctx: Context) -> None:
    await reply(message, await _status(ctx))


async def cancel(message: Message, state: FSMContext, ctx: Context) -> None:
    if await state.get_state() is None:
        await reply(message, View(ctx.t("nothing-to-cancel")))
        return
    await state.clear()
    await reply(message, View(ctx.t("cancelled"), rows([back(ctx.t)])))


async def go_home(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _home(ctx))


async def go_status(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _status(ctx))


async def go_cancel(query: CallbackQuery, state: FSMContext, ctx: Context) -> None:
    await acknowledge(query)
    await state.clear()
    await replace(query, View(ctx.t("cancelled"), rows([back(ctx.t)])))


async def stale(query: CallbackQuery, ctx: Context) -> None:
    """A button of an older version."""
    await acknowledge(query, ctx.t("stale"))
    await replace(query, await _home(ctx))


async def not_understood(message: Message, ctx: Context) -> None:
    home = await _home(ctx)
    await reply(message, View(f"{ctx.t('not-understood')}\n\n{home.text}", home.keyboard))


async def _home(ctx: Context) -> View:
    seen = await ctx.desk.overview()
    return views.home(ctx.t, seen.accounts, so_far=seen.recovering, paused=await _paused(ctx))


async def _status(ctx: Context) -> View:
    seen = await ctx.desk.overview()
    return views.status(
        ctx.t,
        seen.accounts,
        seen.proxies,
        now=seen.now,
        attempts=ctx.attempts,
        backups=seen.backups,
        instances=seen.instances,
        so_far=seen.recovering,
        paused=await _paused(ctx),
    )


async def _paused(ctx: Context) -> Html | None:
    """The line that says since when, and by whom, all sending is held."""
    held = await ctx.rules.paused()
    if held is None:
        return None
    return ctx.t("paused", at=shown(held.since, ctx.drafting.zone), who=held.by)
