"""Beginning a login, taking it up again, and leaving it."""

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, Go, LoginAct, OnAccount, OnLogin, Room
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.login import importing, keypad, passwords, pictures
from bot.handlers.login.dialog import UNDER_WAY, Login, is_of
from bot.handlers.login.keypad import Typed
from bot.handlers.login.ordering import begin, order
from bot.handlers.login.pictures import DEEP_LINK, DEEP_LINK_AGAIN, offer_private
from bot.handlers.private import delete, is_private, number_of, numbered
from bot.show import acknowledge, reply
from bot.views import login as views
from bot.views.view import View, back, rows
from storage.accounts import Account
from userbot.targets import BadPhone, parse_phone


def router() -> Router:
    login = Router(name="login")
    login.message.register(ask, CommandStart(deep_link=True, magic=F.args == DEEP_LINK))
    login.message.register(linked, numbered(DEEP_LINK_AGAIN))
    login.message.register(ask, Command("add_account"))
    for step in UNDER_WAY:
        login.message.register(cancel, Command("cancel"), step)
    on, at = OnLogin.filter, OnAccount.filter
    login.callback_query.register(go_ask, Go.filter(F.room == Room.ADD_ACCOUNT))
    login.callback_query.register(log_in_again, at(F.act == AccountAct.LOGIN))
    login.callback_query.register(new_code, on(F.act == LoginAct.AGAIN))
    login.callback_query.register(discard, on(F.act == LoginAct.DISCARD))
    login.callback_query.register(go_cancel, on(F.act == LoginAct.CANCEL))
    login.message.register(take_phone, Login.phone, F.text, ~F.text.startswith("/"))
    login.message.register(not_text, Login.phone, ~F.text)
    login.include_routers(
        keypad.router(), passwords.router(), pictures.router(), importing.router()
    )
    return login


async def ask(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    if not is_private(message):
        await offer_private(message, None, ctx, bot)
        return
    await state.set_state(Login.phone)
    await reply(message, views.ask_phone(ctx.t))


async def go_ask(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    if isinstance(query.message, Message):
        await ask(query.message, state, ctx, bot)


async def take_phone(message: Message, state: FSMContext, ctx: Context, typed: Typed) -> None:
    try:
        phone = parse_phone(message.text or "")
    except BadPhone as exc:
        await reply(message, views.bad_phone(ctx.t, exc.reason))
        return
    typed.clear(operator(message))
    await begin(message, operator(message), phone, state, ctx)


async def log_in_again(
    query: CallbackQuery,
    callback_data: OnAccount,
    state: FSMContext,
    ctx: Context,
    typed: Typed,
    bot: Bot,
) -> None:
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None or not isinstance(query.message, Message):
        return
    await acknowledge(query)
    if not is_private(query.message):
        await offer_private(query.message, account, ctx, bot)
        return
    await _begin_again(query.message, operator(query), account, state, ctx, typed)


async def linked(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    ctx: Context,
    typed: Typed,
    bot: Bot,
) -> None:
    """From a group, by the link: what the button does in the private chat."""
    account = await ctx.desk.account(number_of(command, DEEP_LINK_AGAIN))
    if account is None:
        await reply(message, View(ctx.t("account-unknown"), rows([back(ctx.t)])))
    elif is_private(message):
        await _begin_again(message, operator(message), account, state, ctx, typed)
    else:
        await offer_private(message, account, ctx, bot)


async def new_code(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """The code expired, or the login was interrupted: begin with the same number again."""
    account = await account_or_gone(query, ctx, callback_data.id, is_forgotten=True)
    if account is not None and isinstance(query.message, Message):
        await acknowledge(query)
        await _begin_again(query.message, operator(query), account, state, ctx, typed)


async def _begin_again(
    message: Message, by: int, account: Account, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """By its number; by a picture where nobody knows it yet."""
    typed.clear(by)
    if account.phone:
        await begin(message, by, account.phone, state, ctx, again=account.id)
    else:
        await pictures.begin(message, by, account, state, ctx)


async def discard(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context
) -> None:
    """Log out what was logged in a second time."""
    await acknowledge(query)
    await order(query, operator(query), "enrol.discard", callback_data.id, {}, state, ctx)


async def go_cancel(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """Leave this login; another dialog that is open by now stays."""
    await acknowledge(query)
    if await is_of(state, callback_data.id):
        typed.clear(operator(query))
        await state.clear()
    where: Message | CallbackQuery = query
    if isinstance(query.message, Message) and query.message.photo:
        where = await reply(query.message, View(ctx.t("cancelled")))
        await delete(query.message)
    await order(where, operator(query), "enrol.cancel", callback_data.id, {}, state, ctx)


async def cancel(
    message: Message, state: FSMContext, ctx: Context, typed: Typed, bot: Bot
) -> None:
    dialog = await state.get_data()
    typed.clear(operator(message))
    await state.clear()
    waiting = await reply(message, View(ctx.t("cancelled")))
    if shown := dialog.get("picture"):
        await bot.delete_messages(message.chat.id, [int(shown)])
    if account_id := dialog.get("account"):  # none yet while it connects: see `left_meanwhile`
        await order(waiting, operator(message), "enrol.cancel", account_id, {}, state, ctx)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))
