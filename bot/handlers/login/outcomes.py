"""What came of a step of a login: where its dialog goes, and what is shown."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.handlers.context import Context
from bot.handlers.login.dialog import Login
from bot.texts import Html
from bot.views import login as views
from bot.views import login_errors
from bot.views.view import View, back, rows


async def left_meanwhile(outcome: Mapping[str, Any], by: int, ctx: Context) -> View:
    """The operator left, or does something else by now: the dialog there is not ours to move."""
    if outcome.get("step") in {"code", "password", "qr"}:
        outcome = await ctx.desk.order("enrol.cancel", by=by, account_id=outcome["account"])
    if outcome.get("step") == "done":
        return await done(ctx, int(outcome["account"]))
    return cancelled(outcome, ctx)


def cancelled(outcome: Mapping[str, Any], ctx: Context) -> View:
    forgotten = "yes" if outcome.get("forgotten") else "no"
    return View(ctx.t("login-cancelled", forgotten=forgotten), rows([back(ctx.t)]))


async def next_step(outcome: Mapping[str, Any], state: FSMContext, ctx: Context) -> View:
    """Move the dialog on by an outcome, and say what comes next. Pictures: see `following`."""
    if "error" in outcome:
        return await _error(outcome, state, ctx)
    account_id = int(outcome.get("account") or 0)
    match outcome["step"]:
        case "code":
            dialog = {**await state.get_data(), **outcome}
            await state.set_state(Login.code)
            await state.set_data(dialog)
            return views.keypad(ctx.t, account_id, dialog, 0, ctx.desk.now())
        case "password":
            dialog = {**await state.get_data(), **outcome}
            await state.set_state(Login.password)
            # The hint is shown, and stored nowhere.
            await state.set_data({k: v for k, v in dialog.items() if k != "hint"})
            return views.ask_password(ctx.t, account_id, dialog)
        case "cancelled":
            return cancelled(outcome, ctx)
        case "discarded":
            return login_errors.discarded(ctx.t)
        case _:
            await state.clear()
            return await done(ctx, account_id)


async def done(ctx: Context, account_id: int) -> View:
    account = await ctx.desk.account(account_id)
    if account is None:
        return View(ctx.t("account-unknown"), rows([back(ctx.t)]))
    proxy = await ctx.proxies.get(account.proxy_id or 0)
    name, capacity = await ctx.name(account_id), ctx.proxies.capacity
    return views.done(ctx.t, account, name, proxy, capacity=capacity)


async def _error(outcome: Mapping[str, Any], state: FSMContext, ctx: Context) -> View:
    """A wrong code or password leaves the dialog where it was; the rest ends it."""
    dialog = await state.get_data()
    known = dialog.get("account") or dialog.get("again")
    account_id = int(outcome.get("account", known) or 0)  # None in an outcome: it is gone
    account = await ctx.desk.account(account_id, is_forgotten=True)
    shown = login_errors.error(
        ctx.t,
        {**outcome, "account": account_id},
        await ctx.name(account_id),
        proxy_id=account.proxy_id if account else None,
        is_forgotten=account is not None and account.removed_at is not None,
    )
    match outcome["error"]:
        case "code_invalid":
            await state.set_state(Login.code)
            return _above(shown, views.keypad(ctx.t, account_id, dialog, 0, ctx.desk.now()))
        case "no_other_way" | "sms_failed" if dialog.get("via"):
            return _above(shown, views.keypad(ctx.t, account_id, dialog, 0, ctx.desk.now()))
        case "password_invalid" | "password_changed":
            asked = views.ask_password(ctx.t, account_id, {**dialog, "hint": "", "reset_s": None})
            return View(shown.text, asked.keyboard)
        case "phone_invalid" if not account_id:
            await state.set_state(Login.phone)
            return views.no_such_phone(ctx.t)
        case _:
            await state.clear()
            return shown


def _above(told: View, asked: View) -> View:
    return View(Html(f"{told.text}\n\n{asked.text}"), asked.keyboard)
