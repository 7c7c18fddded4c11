"""Logging an account in: number, code on a keypad, two-step password."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, Go, Key, LoginAct, OnAccount, OnLogin, Room
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.login_outcomes import Login, cancelled, left_meanwhile, next_step
from bot.handlers.private import to_private
from bot.show import acknowledge, edit, reply
from bot.views import login as views
from bot.views.view import View, back, rows
from userbot.targets import BadPhone, hidden, parse_phone

DEEP_LINK = "add_account"
_COMMANDS = (
    r"^/(start|status|accounts|proxies|add_proxy|costs|send|draft|pause|resume|fallback|why|"
    r"add_account|help|cancel)\b"
)


class Typed:
    """Digits typed so far, by operator: in memory only, so that no code is ever stored."""

    def __init__(self) -> None:
        self._digits: dict[int, str] = {}

    def press(self, operator_id: int, key: str) -> str:
        digits = self._digits.get(operator_id, "")
        digits = digits[:-1] if key == views.ERASE else digits + key
        self._digits[operator_id] = digits
        return digits

    def clear(self, operator_id: int) -> None:
        self._digits.pop(operator_id, None)


def router() -> Router:
    login = Router(name="login")
    login.message.register(ask, CommandStart(deep_link=True, magic=F.args == DEEP_LINK))
    login.message.register(ask, Command("add_account"))
    for step in (Login.connecting, Login.code, Login.checking, Login.password):
        login.message.register(cancel, Command("cancel"), step)
    login.callback_query.register(go_ask, Go.filter(F.room == Room.ADD_ACCOUNT))
    login.callback_query.register(log_in_again, OnAccount.filter(F.act == AccountAct.LOGIN))
    login.callback_query.register(new_code, OnLogin.filter(F.act == LoginAct.AGAIN))
    login.callback_query.register(resend, OnLogin.filter(F.act == LoginAct.RESEND))
    login.callback_query.register(go_cancel, OnLogin.filter(F.act == LoginAct.CANCEL))
    login.callback_query.register(press, Key.filter())
    plain = F.text & ~F.text.startswith("/")
    login.message.register(take_phone, Login.phone, plain)
    # A password may start with a slash; our own commands are still commands.
    login.message.register(take_password, Login.password, F.text & ~F.text.regexp(_COMMANDS))
    login.message.register(type_on_keys, Login.code, plain)
    login.message.register(not_text, Login.phone, ~F.text)
    login.message.register(not_text, Login.password, ~F.text)
    return login


async def ask(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    if message.chat.type != "private":
        await to_private(message, ctx, bot, DEEP_LINK, ctx.t("login-in-private"))
        return
    await state.set_state(Login.phone)
    cancel_button = (ctx.t("button-cancel"), Go(room=Room.CANCEL))
    await reply(message, View(ctx.t("login-ask-phone"), rows([cancel_button])))


async def go_ask(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    if isinstance(query.message, Message):
        await ask(query.message, state, ctx, bot)


async def take_phone(message: Message, state: FSMContext, ctx: Context, typed: Typed) -> None:
    try:
        phone = parse_phone(message.text or "")
    except BadPhone as exc:
        await reply(message, View(ctx.t("login-bad-phone", reason=exc.reason)))
        return
    await _begin(message, operator(message), phone, state, ctx, typed)


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
    if query.message.chat.type != "private":
        words = ctx.t("login-in-private")
        await to_private(query.message, ctx, bot, DEEP_LINK, words)
        return
    await _begin(query.message, operator(query), account.phone, state, ctx, typed)


async def new_code(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """The code expired, or the login was interrupted: begin with the same number again."""
    account = await account_or_gone(query, ctx, callback_data.id, is_forgotten=True)
    if account is not None and isinstance(query.message, Message):
        await acknowledge(query)
        await _begin(query.message, operator(query), account.phone, state, ctx, typed)


async def press(
    query: CallbackQuery,
    callback_data: Key,
    state: FSMContext,
    ctx: Context,
    typed: Typed,
) -> None:
    """A key of the keypad; the last digit sends the code off."""
    await acknowledge(query)
    dialog = await state.get_data()
    step = await state.get_state()
    if step == Login.checking:
        return
    if step != Login.code or dialog.get("account") != callback_data.id:
        await _show(query, cancelled({}, ctx))
        return
    by = operator(query)
    digits = typed.press(by, callback_data.key)
    if len(digits) < int(dialog["length"]):
        view = views.keypad(ctx.t, callback_data.id, dialog, len(digits))
        await _show(query, view)
        return
    typed.clear(by)
    await state.set_state(Login.checking)  # presses that come meanwhile are of no login
    await _show(query, View(ctx.t("login-checking")))
    await _order(query, by, "enrol.code", callback_data.id, {"code": digits}, state, ctx)


async def take_password(message: Message, state: FSMContext, ctx: Context) -> None:
    """Use the password once; the message that held it is deleted first."""
    dialog = await state.get_data()
    try:
        await message.delete()
    except TelegramBadRequest:
        await reply(message, View(ctx.t("login-password-kept")))
    checking = await reply(message, View(ctx.t("login-checking")))
    args = {"password": message.text or ""}
    by = operator(message)
    await _order(checking, by, "enrol.password", int(dialog["account"]), args, state, ctx)


async def resend(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    await acknowledge(query)
    if await _is_of(state, callback_data.id):
        typed.clear(operator(query))
        await _order(query, operator(query), "enrol.resend", callback_data.id, {}, state, ctx)
    else:
        await _show(query, cancelled({}, ctx))


async def go_cancel(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """Leave this login; another dialog that is open by now stays."""
    await acknowledge(query)
    if await _is_of(state, callback_data.id):
        typed.clear(operator(query))
        await state.clear()
    await _order(query, operator(query), "enrol.cancel", callback_data.id, {}, state, ctx)


async def _is_of(state: FSMContext, account_id: int) -> bool:
    """Whether the dialog that is open is this account's login."""
    step = await state.get_state() or ""
    is_login = step.startswith(Login.__full_group_name__)
    return is_login and (await state.get_data()).get("account") == account_id


async def cancel(message: Message, state: FSMContext, ctx: Context, typed: Typed) -> None:
    dialog = await state.get_data()
    typed.clear(operator(message))
    await state.clear()
    waiting = await reply(message, View(ctx.t("cancelled")))
    if account_id := dialog.get("account"):  # none yet while it connects: see _left_meanwhile
        await _order(waiting, operator(message), "enrol.cancel", account_id, {}, state, ctx)


async def type_on_keys(message: Message, state: FSMContext, ctx: Context, typed: Typed) -> None:
    """Whoever sends the code as a message makes it worthless: show the keys again."""
    dialog = await state.get_data()
    typed.clear(operator(message))
    await reply(message, views.keypad(ctx.t, int(dialog["account"]), dialog, 0))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


async def _begin(
    message: Message, by: int, phone: str, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """Show the proxy before anything dials, then have Telegram send a code."""
    typed.clear(by)
    proxy, is_new = await ctx.proxies.next_proxy(phone)
    carries = (proxy.accounts if proxy else 0) + is_new
    capacity = ctx.proxies.capacity
    view = views.connecting(ctx.t, proxy, accounts=carries, capacity=capacity)
    waiting = await reply(message, view)
    await state.set_state(Login.connecting)
    await state.set_data({"phone": hidden(phone), "login": secrets.token_hex(4)})
    await _order(waiting, by, "enrol.begin", None, {"phone": phone}, state, ctx)


async def _order(
    where: Message | CallbackQuery,
    by: int,
    kind: str,
    account_id: int | None,
    args: Mapping[str, Any],
    state: FSMContext,
    ctx: Context,
) -> None:
    """Order a step of the login and show what came of it, without holding up the chat."""
    login = (await state.get_data()).get("login")

    async def work() -> None:
        try:
            outcome = await ctx.desk.order(kind, by=by, account_id=account_id, args=args)
        except TimeoutError:
            await _show(where, View(ctx.t("press-again-later"), rows([back(ctx.t)])))
            return
        if (await state.get_data()).get("login") == login:
            await _show(where, await next_step(outcome, state, ctx))
        else:
            await _show(where, await left_meanwhile(outcome, by, ctx))

    ctx.in_background(work, kind)


async def _show(where: Message | CallbackQuery, view: View) -> None:
    """Edit the message of the login that is under way."""
    message = where.message if isinstance(where, CallbackQuery) else where
    if isinstance(message, Message) and message.bot is not None:
        await edit(message.bot, message.chat.id, message.message_id, view)
