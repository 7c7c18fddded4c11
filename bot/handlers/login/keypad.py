"""The login code, typed on keys: Telegram voids codes that are sent in a chat."""

from datetime import timedelta

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Key, LoginAct, OnLogin
from bot.handlers.context import Context, operator
from bot.handlers.login.dialog import Login, is_of
from bot.handlers.login.ordering import order, show
from bot.handlers.login.outcomes import cancelled
from bot.show import acknowledge, reply
from bot.views import login as views
from bot.views.view import View, age

MOST_DIGITS = 16


class Typed:
    """Digits typed so far, by operator: in memory only, so that no code is ever stored."""

    def __init__(self) -> None:
        self._digits: dict[int, str] = {}

    def press(self, operator_id: int, key: str) -> str:
        digits = self._digits.get(operator_id, "")
        match key:
            case views.ERASE:
                digits = digits[:-1]
            case views.END:
                pass
            case digit:
                digits = (digits + digit)[:MOST_DIGITS]
        self._digits[operator_id] = digits
        return digits

    def clear(self, operator_id: int) -> None:
        self._digits.pop(operator_id, None)


def router() -> Router:
    keypad = Router(name="login codes")
    keypad.callback_query.register(press, Key.filter())
    keypad.callback_query.register(resend, OnLogin.filter(F.act == LoginAct.RESEND))
    keypad.message.register(type_on_keys, Login.code, F.text, ~F.text.startswith("/"))
    keypad.message.register(type_on_keys, Login.code, ~F.text)
    return keypad


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
        await show(query, cancelled({}, ctx))
        return
    by = operator(query)
    digits = typed.press(by, callback_data.key)
    length = int(dialog["length"])
    is_whole = len(digits) >= length if length else bool(digits) and callback_data.key == views.END
    if not is_whole:
        await show(
            query, views.keypad(ctx.t, callback_data.id, dialog, len(digits), ctx.desk.now())
        )
        return
    typed.clear(by)
    await state.set_state(Login.checking)  # presses that come meanwhile are of no login
    await show(query, View(ctx.t("login-checking")))
    await order(query, by, "enrol.code", callback_data.id, {"code": digits}, state, ctx)


async def resend(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, typed: Typed
) -> None:
    """The next way; not before Telegram allows it."""
    if not await is_of(state, callback_data.id):
        await acknowledge(query)
        await show(query, cancelled({}, ctx))
        return
    left = views.resend_left(await state.get_data(), ctx.desk.now())
    if left > timedelta():
        await acknowledge(query, ctx.t("login-resend-wait", age=age(ctx.t, left)))
        return
    await acknowledge(query)
    typed.clear(operator(query))
    await order(query, operator(query), "enrol.resend", callback_data.id, {}, state, ctx)


async def type_on_keys(message: Message, state: FSMContext, ctx: Context, typed: Typed) -> None:
    """Whoever sends the code as a message makes it worthless: show the keys again."""
    dialog = await state.get_data()
    typed.clear(operator(message))
    view = views.keypad(ctx.t, int(dialog["account"]), dialog, 0, ctx.desk.now())
    await reply(message, view)
