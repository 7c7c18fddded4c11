"""/accounts and an account's card: reconnect, start, show the number; and what is behind More."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, Go, OnAccount, Room
from bot.handlers import leaving, why
from bot.handlers.context import Context, account_or_gone, facts_or_gone
from bot.handlers.ordering import order_and_show
from bot.show import acknowledge, replace, reply
from bot.views import accounts as views
from bot.views.view import View


def router() -> Router:
    accounts = Router(name="accounts")
    accounts.message.register(show_all, Command("accounts"))
    accounts.callback_query.register(go_all, Go.filter(F.room == Room.ACCOUNTS))
    on = OnAccount.filter
    accounts.callback_query.register(show, on(F.act == AccountAct.SHOW))
    accounts.callback_query.register(show_phone, on(F.act == AccountAct.PHONE))
    accounts.callback_query.register(reconnect, on(F.act == AccountAct.RECONNECT))
    accounts.callback_query.register(start, on(F.act == AccountAct.START))
    accounts.include_routers(leaving.router(), why.router())
    return accounts


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, await _listing(ctx, 0))


async def go_all(query: CallbackQuery, callback_data: Go, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _listing(ctx, callback_data.page))


async def show(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, ctx.card(facts))


async def show_phone(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, ctx.card(facts, show_phone=True))


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


async def _listing(ctx: Context, page: int) -> View:
    seen = await ctx.desk.overview()
    return views.listing(ctx.t, seen.accounts, page=page, now=seen.now, attempts=ctx.attempts)
