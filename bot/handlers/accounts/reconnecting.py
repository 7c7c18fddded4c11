"""/reconnect: one account at once, or all that are down after a question."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.callbacks import GroupAct, OnList, Which
from bot.finding import Picked
from bot.handlers.accounts.searching import shown
from bot.handlers.context import Context, operator
from bot.handlers.ordering import order_below
from bot.show import reply
from bot.views import accounts as account_views
from bot.views import group, listing
from bot.views.view import View, lines, rows
from userbot.states import State

DOWN = OnList(which=Which.TROUBLE)


def router() -> Router:
    reconnecting = Router(name="reconnecting")
    reconnecting.message.register(asked, Command("reconnect"))
    return reconnecting


async def asked(message: Message, command: CommandObject, ctx: Context) -> None:
    who = (command.args or "").strip()
    if not who:
        await reply(message, await _all_that_are_down(ctx))
        return
    found = await ctx.finding.account(who, by=operator(message))
    if found is None:
        told = lines([listing.nothing_found(ctx.t, who), "", ctx.t("reconnect-usage")])
        await reply(message, View(told, rows([listing.to_all(ctx.t)])))
    elif isinstance(found, OnList) or found.removed_at is not None:
        await reply(message, await shown(ctx, found, seen_in=message.chat.id))
    else:
        words = ctx.t("account-reconnecting", light="🟡", account=account_views.name(found))
        below = await reply(message, View(words))
        order_below(below, ctx, "reconnect", found.id, by=operator(message))


async def _all_that_are_down(ctx: Context) -> View:
    found = await ctx.finding.candidates(DOWN) or []
    picked = Picked.of(GroupAct.RECONNECT, found)
    if not picked.fit:
        states = (await ctx.desk.totals()).states
        connecting = states.get(State.CONNECTING, 0)
        return group.nothing_to_reconnect(ctx.t, picked.total, connecting)
    return group.ask(ctx.t, picked, DOWN, "", per_second=ctx.finding.per_second)
