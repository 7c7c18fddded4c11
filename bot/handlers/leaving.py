"""What ends something: stop, forget here, log out. Each asks first; the second press is meant."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.callbacks import AccountAct, OnAccount
from bot.handlers.context import Context, account_or_gone, facts_or_gone, operator
from bot.handlers.ordering import order_and_show
from bot.roles import LOOKING
from bot.show import acknowledge, replace
from bot.views import accounts as account_views
from bot.views import leaving as views
from bot.views.view import View
from storage.operators import Role

_ASKING = (AccountAct.STOP, AccountAct.FORGET, AccountAct.LOG_OUT)
_NOW = (AccountAct.STOP_NOW, AccountAct.FORGET_NOW, AccountAct.LOG_OUT_NOW)


def router() -> Router:
    leaving = Router(name="leaving")
    on = OnAccount.filter
    leaving.callback_query.register(more, on(F.act == AccountAct.MORE), flags=LOOKING)
    leaving.callback_query.register(ask, on(F.act.in_(_ASKING)))
    leaving.callback_query.register(act, on(F.act.in_(_NOW)))
    leaving.callback_query.register(restore, on(F.act == AccountAct.RESTORE))
    return leaving


async def more(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, views.more(ctx.t, account))


async def ask(query: CallbackQuery, callback_data: OnAccount, ctx: Context, role: Role) -> None:
    """Say what happens and what can't be undone, before anything does."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None or not await _may(query, ctx, callback_data.act, role):
        return
    await acknowledge(query)
    await replace(query, views.ask(ctx.t, account, callback_data.act))


async def act(query: CallbackQuery, callback_data: OnAccount, ctx: Context, role: Role) -> None:
    """The second press: the order carries it as its `force`."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None or not await _may(query, ctx, callback_data.act, role):
        return
    await acknowledge(query)
    closing = ctx.t("leaving", light="🟡", account=account_views.name(account))
    await replace(query, View(closing))
    force = {"force": True}

    def forgotten(name: str) -> View:
        return views.forgotten(ctx.t, account.id, name)

    def logged_out(name: str) -> View:
        return views.logged_out(ctx.t, name)

    match callback_data.act:
        case AccountAct.STOP_NOW:
            order_and_show(query, ctx, "stop", account.id, args=force)
        case AccountAct.FORGET_NOW:
            order_and_show(query, ctx, "forget", account.id, args=force, done=forgotten)
        case _:
            order_and_show(query, ctx, "log_out", account.id, args=force, done=logged_out)


async def restore(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Take a forgotten account back; where it is back already, that is shown."""
    await ctx.desk.restore(callback_data.id, by=operator(query))
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        card = ctx.card(facts)
        words = ctx.t("restored", account=account_views.name(facts.account))
        await replace(query, View(f"{words}\n\n{card.text}", card.keyboard))


async def _may(query: CallbackQuery, ctx: Context, wanted: AccountAct, role: Role) -> bool:
    """Whether whoever pressed may do that; else they are told who may."""
    is_log_out = wanted in {AccountAct.LOG_OUT, AccountAct.LOG_OUT_NOW}
    if not is_log_out or role.covers(Role.OWNER):
        return True
    await acknowledge(query, ctx.t("log-out-owner"))
    return False
