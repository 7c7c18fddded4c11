"""/accounts and an account's card: reconnect, start, show the number."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, Go, OnAccount, Room
from bot.handlers.context import Context, account_or_gone, operator, order_error
from bot.show import acknowledge, replace, reply
from bot.views import accounts as views
from bot.views.view import View, back, rows


def router() -> Router:
    accounts = Router(name="accounts")
    accounts.message.register(show_all, Command("accounts"))
    accounts.callback_query.register(go_all, Go.filter(F.room == Room.ACCOUNTS))
    on = OnAccount.filter
    accounts.callback_query.register(show, on(F.act == AccountAct.SHOW))
    accounts.callback_query.register(show_phone, on(F.act == AccountAct.PHONE))
    accounts.callback_query.register(reconnect, on(F.act == AccountAct.RECONNECT))
    accounts.callback_query.register(start, on(F.act == AccountAct.START))
    return accounts


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, await _listing(ctx, 0))


async def go_all(query: CallbackQuery, callback_data: Go, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _listing(ctx, callback_data.page))


async def show(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, ctx.card(account))


async def show_phone(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, ctx.card(account, show_phone=True))


async def reconnect(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Force a fresh start; the card says how it ended."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    await acknowledge(query)
    t = ctx.t
    waiting = t("account-reconnecting", light="🟡", account=views.name(account))
    await replace(query, View(waiting))
    await _order_and_show(query, ctx, "reconnect", account.id)


async def start(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Let a stopped account run."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await _order_and_show(query, ctx, "start", account.id)


async def _order_and_show(query: CallbackQuery, ctx: Context, kind: str, account_id: int) -> None:
    by = operator(query)

    async def work() -> None:
        try:
            outcome = await ctx.desk.order(kind, by=by, account_id=account_id)
        except TimeoutError:
            late = View(ctx.t("press-again-later"), rows([back(ctx.t, Room.ACCOUNTS)]))
            await replace(query, late)
            return
        account = await ctx.desk.account(account_id)
        if account is None:
            return
        card = ctx.card(account)
        if "error" in outcome:
            state = views.state_in_words(ctx.t, account, ctx.desk.now(), ctx.attempts)
            words = order_error(ctx, outcome, state)
            card = View(f"{words}\n\n{card.text}", card.keyboard)
        await replace(query, card)

    ctx.in_background(work, f"{kind} of account {account_id}")


async def _listing(ctx: Context, page: int) -> View:
    seen = await ctx.desk.overview()
    return views.listing(ctx.t, seen.accounts, page=page, now=seen.now, attempts=ctx.attempts)
