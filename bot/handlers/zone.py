"""In which time zone somebody sees and types times: a thing of their own, whatever their role."""

import asyncio
from datetime import tzinfo

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, OnZone, Room
from bot.handlers.context import Context, operator
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.texts import Html
from bot.times import name_of, shown, typed_zone
from bot.views import settings as views
from bot.views.view import View


class OwnZone(StatesGroup):
    """Its name was asked for."""

    name = State()


def router() -> Router:
    zone = Router(name="time zones")
    zone.callback_query.register(ask, Go.filter(F.room == Room.ZONE), flags=LOOKING)
    zone.callback_query.register(choose, OnZone.filter(), flags=LOOKING)
    zone.message.register(take, OwnZone.name, F.text & ~F.text.startswith("/"), flags=LOOKING)
    zone.message.register(not_text, OwnZone.name, ~F.text, flags=LOOKING)
    return zone


async def ask(query: CallbackQuery, state: FSMContext, ctx: Context) -> None:
    """By a button, or by a text."""
    await acknowledge(query)
    await state.set_state(OwnZone.name)
    await state.set_data({})
    await replace(query, await _view(ctx, operator(query)))


async def choose(
    query: CallbackQuery, callback_data: OnZone, state: FSMContext, ctx: Context
) -> None:
    """A name that a button brings is checked like a typed one."""
    await acknowledge(query)
    try:
        name = callback_data.name
        zone = await asyncio.to_thread(typed_zone, name) if name else None
    except ValueError:
        await replace(query, await _view(ctx, operator(query), ctx.t("zone-bad")))
        return
    await _leave(state)
    await replace(query, await _set(ctx, operator(query), zone))


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """What is no time zone leaves the question open."""
    try:
        zone = await asyncio.to_thread(typed_zone, message.text or "")
    except ValueError:
        await reply(message, views.bad_zone(ctx.t))
        return
    await state.clear()
    await reply(message, await _set(ctx, operator(message), zone))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, views.bad_zone(ctx.t))


async def _set(ctx: Context, by: int, zone: tzinfo | None) -> View:
    await ctx.zones.set(by, zone)
    return await _view(ctx, by, ctx.t("saved"))


async def _view(ctx: Context, by: int, told: Html | None = None) -> View:
    zone = await ctx.zones.of(by)
    return views.zone(
        ctx.t,
        shown(ctx.desk.now(), zone),
        usual=name_of(ctx.zones.usual),
        is_own=await ctx.zones.set_by(by) is not None,
        told=told,
    )


async def _leave(state: FSMContext) -> None:
    """Leave this question; another dialog stays open."""
    if await state.get_state() == OwnZone.name.state:
        await state.clear()
