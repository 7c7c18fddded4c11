"""An account's card: reconnect, start, show the number; and what is behind More."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.callbacks import AccountAct, OnAccount
from bot.handlers import leaving, why
from bot.handlers.account_settings import Setting
from bot.handlers.asked import leave
from bot.handlers.context import Context, account_or_gone, chat_of, facts_or_gone
from bot.handlers.exporting import Exporting
from bot.handlers.leaving import Forgetting
from bot.handlers.ordering import order_and_show
from bot.roles import LOOKING
from bot.show import acknowledge, replace
from bot.views import accounts as views
from bot.views.view import View


def router() -> Router:
    card = Router(name="account cards")
    on = OnAccount.filter
    card.callback_query.register(show, on(F.act == AccountAct.SHOW), flags=LOOKING)
    card.callback_query.register(show_phone, on(F.act == AccountAct.PHONE))
    card.callback_query.register(reconnect, on(F.act == AccountAct.RECONNECT))
    card.callback_query.register(start, on(F.act == AccountAct.START))
    card.include_routers(leaving.router(), why.router())
    return card


async def show(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context
) -> None:
    """Also the way back from what was asked about it."""
    await leave(state, callback_data.id, Forgetting, Exporting, Setting)
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, await ctx.card(facts, seen_in=chat_of(query)))


async def show_phone(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, await ctx.card(facts, seen_in=chat_of(query), show_phone=True))


async def reconnect(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Force a fresh start; the card says how it ended."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    await acknowledge(query, await ctx.while_recovering())
    t = ctx.t
    waiting = t("account-reconnecting", light="🟡", account=views.name(account))
    await replace(query, View(waiting))
    order_and_show(query, ctx, "reconnect", account.id)


async def start(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Let a stopped account run."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query, await ctx.while_recovering())
        order_and_show(query, ctx, "start", account.id)
