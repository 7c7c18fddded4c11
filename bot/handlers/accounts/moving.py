"""Moving all accounts of a list to another proxy."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks import GroupAct, GroupStep, OnGroup
from bot.handlers.accounts.picking import Whom, whom_or_gone
from bot.handlers.context import Context, operator
from bot.handlers.proxies.moving import Telling, carry_out
from bot.show import acknowledge, replace
from bot.texts import Html
from bot.views import group as views
from bot.views.proxies import acts, words
from bot.views.view import View, rows
from storage.proxies import Proxy


def router() -> Router:
    moving = Router(name="moving many")
    on = OnGroup.filter
    is_move = on(F.act == GroupAct.MOVE)
    moving.callback_query.register(where, on(F.step == GroupStep.WHERE), is_move)
    moving.callback_query.register(ask, on(F.step == GroupStep.ASK), is_move)
    moving.callback_query.register(now, on(F.step == GroupStep.NOW), is_move)
    return moving


async def where(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    """The proxies, a page at a time."""
    if of := await whom_or_gone(query, callback_data, ctx):
        await acknowledge(query)
        found = await ctx.proxies.targets(but=None)
        capacity, page = ctx.proxies.capacity, callback_data.to
        view = views.where(ctx.t, of.picked, of.asked, found, capacity=capacity, page=page)
        await replace(query, view)


async def ask(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    """How many move where, and what Telegram may make of it."""
    of = await whom_or_gone(query, callback_data, ctx)
    if of is None:
        return
    await acknowledge(query)
    is_there, to = await _target(ctx, callback_data.to)
    await replace(query, _question(ctx, of, to) if is_there else acts.gone(ctx.t))


async def now(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    """All of them or none; then the message follows them as they come back."""
    of = await whom_or_gone(query, callback_data, ctx)
    if of is None or not isinstance(query.message, Message):
        return
    await acknowledge(query)
    is_there, to = await _target(ctx, callback_data.to)
    if not is_there:
        await replace(query, acts.gone(ctx.t))
    elif not of.picked.fit or not views.is_same(of.picked, callback_data):
        await replace(query, _question(ctx, of, to, ctx.t("group-changed")))
    else:
        await replace(query, View(ctx.t("move-doing")))
        _order(query.message, operator(query), of, to, ctx)


def _order(told: Message, by: int, of: Whom, to: Proxy | None, ctx: Context) -> None:
    t = ctx.t
    button = views.to_list(t, of.asked)

    async def moved(count: int) -> Html:
        return t("group-moved", count=count, to=words.name(to) if to else t("move-least-loaded"))

    async def work() -> None:
        telling = Telling(
            View(t("move-nowhere"), rows([button])), t("group-move-none"), moved, button
        )
        await carry_out(told, ctx, of.picked.numbers, to, telling, by=by)

    ctx.in_background(work, "move of many")


def _question(ctx: Context, of: Whom, to: Proxy | None, told: Html | None = None) -> View:
    return views.ask_move(
        ctx.t,
        of.picked,
        of.asked,
        to,
        capacity=ctx.proxies.capacity,
        per_second=ctx.finding.per_second,
        told=told,
    )


async def _target(ctx: Context, number: int) -> tuple[bool, Proxy | None]:
    """Whether that can still be moved to, and the proxy; (True, None) is the least loaded."""
    if not number:
        return True, None
    found = next((p for p in await ctx.proxies.targets(but=None) if p.id == number), None)
    return found is not None, found
