"""/instances: the processes that share the accounts. To let one end is for owners."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, InstanceAct, OnInstance, Room
from bot.crew import Crew
from bot.handlers.context import Context, operator
from bot.roles import LOOKING, OWNING
from bot.show import acknowledge, replace, reply
from bot.texts import Html
from bot.views import instances as views
from bot.views.view import View


def router() -> Router:
    instances = Router(name="instances")
    instances.message.register(show, Command("instances"), flags=LOOKING)
    instances.callback_query.register(go, Go.filter(F.room == Room.INSTANCES), flags=LOOKING)
    instances.callback_query.register(act, OnInstance.filter(), flags=OWNING)
    return instances


async def show(message: Message, ctx: Context, crew: Crew) -> None:
    await reply(message, await _all(ctx, crew))


async def go(query: CallbackQuery, callback_data: Go, ctx: Context, crew: Crew) -> None:
    await acknowledge(query)
    await replace(query, await _all(ctx, crew, page=callback_data.page))


async def act(query: CallbackQuery, callback_data: OnInstance, ctx: Context, crew: Crew) -> None:
    """Let it hand over and end: after a question, and where nobody takes over after two."""
    await acknowledge(query)
    seen = await crew.leaving(callback_data.id)
    if seen is None:
        await replace(query, await _all(ctx, crew, told=ctx.t("instances-gone")))
        return
    if callback_data.act is InstanceAct.ASK:
        await replace(query, views.ask(ctx.t, seen))
        return
    is_confirmed = callback_data.act is InstanceAct.DRAIN_ALL_THE_SAME
    told = ctx.t("instances-drained", id=seen.member.id[: views.SHORT])
    actor = f"operator {operator(query)}"
    try:
        would_leave = await crew.drain(seen.member.id, actor=actor, is_confirmed=is_confirmed)
    except LookupError:
        would_leave, told = None, ctx.t("instances-gone")
    if would_leave is not None:
        await replace(query, views.ask_again(ctx.t, would_leave))
        return
    await replace(query, await _all(ctx, crew, told=told))


async def _all(ctx: Context, crew: Crew, *, page: int = 0, told: Html | str = "") -> View:
    if crew.is_alone:
        return views.alone(ctx.t)
    members = await crew.members()
    return views.listing(ctx.t, members, now=ctx.desk.now(), page=page, told=told)
