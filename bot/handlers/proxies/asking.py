"""What an operator tells of a proxy: what it costs, and where it is."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import OnProxy, ProxyAct
from bot.handlers.context import Context, operator
from bot.handlers.proxies.dialogs import ProxyDialog, enter, proxy_of
from bot.handlers.proxies.showing import answer_with_card, proxy_or_gone
from bot.prices import NOTHING, BadCost, parse_cost
from bot.show import acknowledge, replace, reply
from bot.views.proxies import acts
from bot.views.view import View
from userbot.providers.countries import NoSuchCountry, country_code

_STEPS = {ProxyAct.PRICE: ProxyDialog.price, ProxyAct.COUNTRY: ProxyDialog.country}


def router() -> Router:
    asking = Router(name="facts of proxies")
    asking.callback_query.register(ask, OnProxy.filter(F.act.in_(set(_STEPS))))
    plain = F.text & ~F.text.startswith("/")
    asking.message.register(take_price, ProxyDialog.price, plain)
    asking.message.register(take_country, ProxyDialog.country, plain)
    asking.message.register(not_text, ProxyDialog.price, ~F.text)
    asking.message.register(not_text, ProxyDialog.country, ~F.text)
    return asking


async def ask(
    query: CallbackQuery, callback_data: OnProxy, state: FSMContext, ctx: Context
) -> None:
    if proxy := await proxy_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await enter(state, _STEPS[callback_data.act], proxy.id)
        await replace(query, acts.ask(ctx.t, proxy, callback_data.act))


async def take_price(message: Message, state: FSMContext, ctx: Context) -> None:
    """A price that can't be read leaves the dialog where it was."""
    try:
        cost = parse_cost(message.text or "", ctx.proxies.now().date())
    except BadCost as exc:
        await reply(message, View(acts.bad_cost(ctx.t, exc.flaw)))
        return
    proxy_id = await proxy_of(state)
    await state.clear()
    await ctx.proxies.set_cost(proxy_id, cost, by=operator(message))
    await answer_with_card(message, ctx, proxy_id, ctx.t("saved"))


async def take_country(message: Message, state: FSMContext, ctx: Context) -> None:
    text = (message.text or "").strip()
    try:
        country = None if text == NOTHING else country_code(text)
    except NoSuchCountry:
        await reply(message, View(ctx.t("country-bad")))
        return
    proxy_id = await proxy_of(state)
    await state.clear()
    await ctx.proxies.set_country(proxy_id, country, by=operator(message))
    await answer_with_card(message, ctx, proxy_id, ctx.t("saved"))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))
