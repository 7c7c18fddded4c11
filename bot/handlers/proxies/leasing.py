"""Leasing one more proxy, and another one for accounts whose provider lost theirs."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import LeaseAct, OnLease
from bot.handlers.context import Context, operator
from bot.handlers.proxies.dialogs import ProxyDialog, enter, proxy_of
from bot.handlers.proxies.showing import card
from bot.show import acknowledge, put, replace, reply
from bot.views.proxies import leasing as views
from bot.views.view import View
from userbot.providers.countries import NoSuchCountry, country_code


def router() -> Router:
    leasing = Router(name="leased proxies")
    leasing.callback_query.register(ask, OnLease.filter(F.act == LeaseAct.ASK))
    leasing.callback_query.register(buy, OnLease.filter(F.act == LeaseAct.BUY))
    leasing.message.register(take, ProxyDialog.lease, F.text & ~F.text.startswith("/"))
    leasing.message.register(not_text, ProxyDialog.lease, ~F.text)
    return leasing


async def ask(
    query: CallbackQuery, callback_data: OnLease, state: FSMContext, ctx: Context
) -> None:
    await acknowledge(query)
    await enter(state, ProxyDialog.lease, callback_data.id)
    await replace(query, views.ask(ctx.t, callback_data.id))


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """What is no country leaves the question open."""
    try:
        country = country_code((message.text or "").strip())
    except NoSuchCountry:
        await reply(message, views.no_country(ctx.t, await proxy_of(state)))
        return
    proxy_id = await proxy_of(state)
    await state.clear()
    await reply(message, views.confirm(ctx.t, proxy_id, country))


async def buy(query: CallbackQuery, callback_data: OnLease, ctx: Context) -> None:
    """Have it bought; the message says what came of it, and has no button meanwhile."""
    await acknowledge(query)
    message = query.message
    await replace(query, views.buying(ctx.t))
    if not isinstance(message, Message):
        return
    by, lost = operator(query), callback_data.id
    args: dict[str, Any] = {"country": callback_data.country}
    kind = "leases.buy"
    if lost:
        kind, args = "leases.replace", args | {"proxy": lost}

    async def work() -> None:
        try:
            outcome = await ctx.desk.order(kind, by=by, args=args)
        except TimeoutError:
            await put(message, views.late(ctx.t))
            return
        if "error" in outcome:
            await put(message, views.failed(ctx.t, lost, outcome))
        elif lost:
            told = ctx.t("lease-replaced", count=int(outcome["moved"]))
            await put(message, await card(ctx, lost, told))
        else:
            await put(message, await card(ctx, int(outcome["proxy"]), ctx.t("lease-bought")))

    ctx.in_background(work, f"{kind} in {callback_data.country}")


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))
