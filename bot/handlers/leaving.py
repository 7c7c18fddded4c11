"""What ends something: stop, forget here, log out. Each asks first; the second press is meant.

To forget an account whose number is good for one login only takes its typed label. Forgetting and
logging out are owners' acts.
"""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, OnAccount
from bot.handlers.context import Context, account_or_gone, chat_of, facts_or_gone, operator
from bot.handlers.ordering import order_and_show, order_below
from bot.handlers.private import is_private
from bot.roles import LOOKING, OWNING
from bot.show import acknowledge, replace, reply
from bot.views import accounts as account_views
from bot.views import leaving as views
from bot.views.view import View, back, rows
from storage import labels
from storage.accounts import Account
from userbot import states

_FORCE = {"force": True}
_ENDING = {AccountAct.FORGET, AccountAct.LOG_OUT}
_ENDING_NOW = {AccountAct.FORGET_NOW, AccountAct.LOG_OUT_NOW}
_FORGETTING = {AccountAct.FORGET, AccountAct.FORGET_NOW}


class Forgetting(StatesGroup):
    """The label was asked for."""

    label = State()


def router() -> Router:
    leaving = Router(name="leaving")
    on = OnAccount.filter
    press = leaving.callback_query.register
    press(more, on(F.act == AccountAct.MORE), flags=LOOKING)
    press(ask, on(F.act == AccountAct.STOP))
    press(act, on(F.act == AccountAct.STOP_NOW))
    press(ask, on(F.act.in_(_ENDING)), flags=OWNING)
    press(act, on(F.act.in_(_ENDING_NOW)), flags=OWNING)
    press(restore, on(F.act == AccountAct.RESTORE))
    plain = F.text & ~F.text.startswith("/")
    leaving.message.register(take, Forgetting.label, plain, flags=OWNING)
    leaving.message.register(not_text, Forgetting.label, ~F.text, flags=OWNING)
    return leaving


async def more(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, views.more(ctx.t, account))


async def ask(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context
) -> None:
    """Say what happens and what can't be undone, before anything does."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    await acknowledge(query)
    if _takes_a_label(account, callback_data.act):
        await _ask_label(query, account, state, ctx)
    elif _needs_a_line(account, callback_data.act):
        words = account_views.state_in_words(ctx.t, account, ctx.desk.now(), ctx.attempts)
        await replace(query, views.not_connected(ctx.t, account, words))
    else:
        await replace(query, views.ask(ctx.t, account, callback_data.act))


async def act(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context
) -> None:
    """The second press: the order carries it as its `force`."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    if _takes_a_label(account, callback_data.act):  # a button of an older message
        await acknowledge(query, ctx.t("stale"))
        await _ask_label(query, account, state, ctx)
        return
    await acknowledge(query)
    await replace(query, _closing(ctx, account))

    def forgotten(name: str) -> View:
        return views.forgotten(ctx.t, account.id, name)

    def logged_out(name: str) -> View:
        return views.logged_out(ctx.t, name)

    match callback_data.act:
        case AccountAct.STOP_NOW:
            order_and_show(query, ctx, "stop", account.id, args=_FORCE)
        case AccountAct.FORGET_NOW:
            order_and_show(query, ctx, "forget", account.id, args=_FORCE, done=forgotten)
        case _:
            order_and_show(query, ctx, "log_out", account.id, args=_FORCE, done=logged_out)


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """The label, if it is that; else nothing is forgotten, and the question stands."""
    account = await ctx.desk.account(int((await state.get_data())["account"]))
    if account is None:
        await state.clear()
        await reply(message, View(ctx.t("account-unknown"), rows([back(ctx.t)])))
        return
    if not labels.confirms(message.text or "", label=account.label, number=account.id):
        await reply(message, views.wrong_label(ctx.t, account))
        return
    await state.clear()
    number = account.id

    def forgotten(name: str) -> View:
        return views.forgotten(ctx.t, number, name)

    told = await reply(message, _closing(ctx, account))
    by = operator(message)
    order_below(told, ctx, "forget", number, by=by, args=_FORCE, done=forgotten)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


async def restore(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    """Take a forgotten account back; where it is back already, that is shown."""
    await ctx.desk.restore(callback_data.id, by=operator(query))
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        card = await ctx.card(facts, seen_in=chat_of(query))
        words = ctx.t("restored", account=account_views.name(facts.account))
        await replace(query, View(f"{words}\n\n{card.text}", card.keyboard))


def _takes_a_label(account: Account, wanted: AccountAct) -> bool:
    return account.one_time_phone and wanted in _FORGETTING


def _needs_a_line(account: Account, wanted: AccountAct) -> bool:
    """Whether that is done over the account's own line, which it does not have now."""
    is_online = account_views.state_of(account) is states.State.ONLINE
    return wanted is AccountAct.LOG_OUT and not is_online


async def _ask_label(
    query: CallbackQuery, account: Account, state: FSMContext, ctx: Context
) -> None:
    await state.set_state(Forgetting.label)
    await state.set_data({"account": account.id})
    is_group = isinstance(query.message, Message) and not is_private(query.message)
    await replace(query, views.ask_label(ctx.t, account, is_group=is_group))


def _closing(ctx: Context, account: Account) -> View:
    return View(ctx.t("leaving", light="🟡", account=account_views.name(account)))
