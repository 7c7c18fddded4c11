"""What came of a step of a login: where its dialog goes, and what is shown."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup

from bot.handlers.context import Context
from bot.views import login as views
from bot.views.view import View, back, rows


class Login(StatesGroup):
    """Where a login is. Codes and passwords never enter the dialog's data."""

    phone = State()
    connecting = State()
    code = State()
    checking = State()
    password = State()


async def left_meanwhile(outcome: Mapping[str, Any], by: int, ctx: Context) -> View:
    """The operator left, or does something else by now: the dialog there is not ours to move."""
    if outcome.get("step") in {"code", "password"}:
        outcome = await ctx.desk.order("enrol.cancel", by=by, account_id=outcome["account"])
    if outcome.get("step") == "done":
        account_id = int(outcome["account"])
        return await _done(ctx, account_id)
    return cancelled(outcome, ctx)


def cancelled(outcome: Mapping[str, Any], ctx: Context) -> View:
    forgotten = "yes" if outcome.get("forgotten") else "no"
    return View(ctx.t("login-cancelled", forgotten=forgotten), rows([back(ctx.t)]))


async def next_step(outcome: Mapping[str, Any], state: FSMContext, ctx: Context) -> View:
    """Move the dialog on by an outcome, and say what comes next."""
    if "error" in outcome:
        return await _error(outcome, state, ctx)
    account_id = int(outcome["account"])
    dialog = await state.get_data()
    match outcome["step"]:
        case "code":
            dialog = {**dialog, **outcome}
            await state.set_state(Login.code)
            await state.set_data(dialog)
            return views.keypad(ctx.t, account_id, dialog, 0)
        case "password":
            await state.set_state(Login.password)
            await state.set_data({**dialog, "account": account_id})
            return views.ask_password(ctx.t, account_id, dialog.get("phone", ""), outcome["hint"])
        case "cancelled":
            return cancelled(outcome, ctx)
        case _:
            await state.clear()
            return await _done(ctx, account_id)


async def _done(ctx: Context, account_id: int) -> View:
    account = await ctx.desk.account(account_id)
    proxy = await ctx.proxies.get(account.proxy_id or 0) if account else None
    name, capacity = await ctx.name(account_id), ctx.proxies.capacity
    return views.done(ctx.t, account_id, name, proxy, capacity=capacity)


async def _error(outcome: Mapping[str, Any], state: FSMContext, ctx: Context) -> View:
    """A wrong code or password leaves the dialog where it was; the rest ends it."""
    account_id = int(outcome.get("account") or 0)
    shown = views.error(ctx.t, outcome, await ctx.name(account_id))
    match outcome["error"]:
        case "code_invalid":
            await state.set_state(Login.code)
            keypad = views.keypad(ctx.t, account_id, await state.get_data(), 0)
            return View(f"{shown.text}\n\n{keypad.text}", keypad.keyboard)
        case "password_invalid":
            dialog = await state.get_data()
            asked = views.ask_password(ctx.t, account_id, dialog.get("phone", ""), "")
            return View(shown.text, asked.keyboard)
        case "no_other_way":
            return shown
        case "phone_invalid":
            await state.set_state(Login.phone)
            return shown
        case _:
            await state.clear()
            return shown
