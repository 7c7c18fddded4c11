"""Acts on all accounts of a list: the choice, the question, and how far it is."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks import GroupStep, OnGroup, OnList, OnRound
from bot.finding import KINDS, Picked
from bot.following import Glance
from bot.handlers.accounts.pages import page
from bot.handlers.accounts.picking import list_of, whom_or_gone
from bot.handlers.context import Context, operator
from bot.roles import LOOKING
from bot.show import acknowledge, put, replace
from bot.views import group
from bot.views import round as rounds
from bot.views.view import View

WATCH_S = 150.0
"""So long a message follows an order for many, and longer where there are many."""


def router() -> Router:
    acting = Router(name="acts on many")
    on = OnGroup.filter
    ordered = F.act.in_(set(KINDS))
    acting.callback_query.register(choose, on(F.step == GroupStep.CHOOSE))
    acting.callback_query.register(ask, on(F.step == GroupStep.ASK), on(ordered))
    acting.callback_query.register(now, on(F.step == GroupStep.NOW), on(ordered))
    acting.callback_query.register(look, OnRound.filter(), flags=LOOKING)
    return acting


async def choose(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    if of := await whom_or_gone(query, callback_data, ctx):
        await acknowledge(query)
        found = await ctx.finding.candidates(of.asked) or []
        picked = [Picked.of(act, found) for act in group.CHOICE]
        await replace(query, group.choose(ctx.t, of.asked, of.named, picked))


async def ask(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    """How many, what will happen, and how fast, before anything does."""
    if of := await whom_or_gone(query, callback_data, ctx):
        await acknowledge(query)
        rate = ctx.finding.per_second
        await replace(query, group.ask(ctx.t, of.picked, of.asked, of.named, per_second=rate))


async def now(query: CallbackQuery, callback_data: OnGroup, ctx: Context) -> None:
    """The second press. Where it would stop others than were asked about, it asks again."""
    of = await whom_or_gone(query, callback_data, ctx)
    if of is None:
        return
    if not of.picked.ordered or not group.is_same(of.picked, callback_data):
        await acknowledge(query)
        told = ctx.t("group-changed")
        rate = ctx.finding.per_second
        view = group.ask(ctx.t, of.picked, of.asked, of.named, per_second=rate, told=told)
        await replace(query, view)
        return
    await acknowledge(query, await ctx.while_recovering())
    by = operator(query)
    round_id = await ctx.finding.order(callback_data.act, of.picked.ordered, by=by)
    await _follow(query, ctx, round_id, of.asked)


async def look(query: CallbackQuery, callback_data: OnRound, ctx: Context) -> None:
    """How far an order is, also after a restart."""
    await acknowledge(query)
    await _follow(query, ctx, callback_data.id, list_of(callback_data))


async def _follow(query: CallbackQuery, ctx: Context, round_id: int, asked: OnList) -> None:
    begun = await ctx.finding.round(round_id)
    if begun is None:
        await replace(query, await page(ctx, asked, ctx.t("round-gone")))
        return
    message = query.message
    await replace(query, rounds.progress(ctx.t, begun, asked))
    if begun.is_over or not isinstance(message, Message):
        return

    async def glance(*, is_late: bool = False) -> Glance:
        so_far = await ctx.finding.round(round_id)
        if so_far is None:
            return Glance(View(ctx.t("round-gone")), is_over=True)
        view = rounds.progress(ctx.t, so_far, asked, is_late=is_late)
        return Glance(view, so_far.is_over)

    async def work() -> None:
        limit_s = WATCH_S + len(begun.parts) / ctx.finding.per_second
        answers = ctx.finding.answers
        if not await ctx.following.follow(message, glance, answers, limit_s=limit_s):
            await put(message, (await glance(is_late=True)).view)

    ctx.in_background(work, f"following round {round_id}")
