"""/pause, /resume and /fallback: what holds for all sending."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import DraftAct, Go, OnDraft, Room
from bot.delivery_desk import Presser
from bot.handlers.context import Context, operator
from bot.handlers.deliveries import presser
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import sending as views
from bot.views.view import View


def router() -> Router:
    holding = Router(name="holding all sending")
    holding.message.register(pause, Command("pause"))
    holding.message.register(resume, Command("resume"))
    holding.message.register(show_fallback, Command("fallback"), flags=LOOKING)
    holding.callback_query.register(go_fallback, Go.filter(F.room == Room.FALLBACK), flags=LOOKING)
    on = OnDraft.filter
    holding.callback_query.register(go_pause, on(F.act == DraftAct.PAUSE))
    holding.callback_query.register(go_resume, on(F.act == DraftAct.RESUME))
    usual = on(F.act.in_(set(views.FALLBACK_OF)))
    holding.callback_query.register(set_fallback, usual, on(F.id == 0))
    return holding


async def pause(message: Message, ctx: Context) -> None:
    await reply(message, await _pause(ctx, presser(message)))


async def go_pause(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _pause(ctx, presser(query)))


async def resume(message: Message, ctx: Context) -> None:
    await reply(message, await _resume(ctx, operator(message)))


async def go_resume(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _resume(ctx, operator(query)))


async def show_fallback(message: Message, ctx: Context) -> None:
    await reply(message, views.fallback(ctx.t, await ctx.rules.fallback()))


async def go_fallback(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, views.fallback(ctx.t, await ctx.rules.fallback()))


async def set_fallback(query: CallbackQuery, callback_data: OnDraft, ctx: Context) -> None:
    """What new drafts do from now on."""
    wanted = views.FALLBACK_OF[callback_data.act]
    await ctx.rules.set_fallback(wanted, by=operator(query))
    await acknowledge(query)
    await replace(query, views.fallback(ctx.t, wanted, is_set=True))


async def _pause(ctx: Context, by: Presser) -> View:
    is_new = await ctx.rules.pause(by=by.id, name=by.name)
    words = ctx.t("paused-now" if is_new else "paused-already")
    return views.pausing(ctx.t, words, is_paused=True)


async def _resume(ctx: Context, by: int) -> View:
    was_held = await ctx.rules.resume(by=by)
    words = ctx.t("resumed" if was_held else "resumed-already")
    return views.pausing(ctx.t, words, is_paused=False)
