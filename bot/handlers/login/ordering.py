"""Orders a step of a login and shows what came of it, without holding up the chat."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.handlers.context import Context
from bot.handlers.login.dialog import Login
from bot.handlers.login.outcomes import left_meanwhile, next_step
from bot.show import put, reply
from bot.views import login as views
from bot.views import login_errors
from bot.views.view import View, back, rows
from storage.accounts import Account
from storage.proxies import Proxy
from userbot.targets import hidden


async def begin(
    message: Message,
    by: int,
    phone: str,
    state: FSMContext,
    ctx: Context,
    *,
    again: int | None = None,
) -> None:
    """Show the proxy before anything dials, then have Telegram send a code.

    `again` is the account that is logged in anew, for the way on if nothing comes of it.
    """
    waiting = await connecting(message, phone, ctx)
    await state.set_state(Login.connecting)
    await state.set_data({"phone": hidden(phone), "login": secrets.token_hex(4), "again": again})
    await order(waiting, by, "enrol.begin", None, {"phone": phone}, state, ctx)


async def connecting(message: Message, phone: str, ctx: Context) -> Message:
    """Name the proxy that this number has, or that the next account gets."""
    proxy, is_new = await ctx.proxies.next_proxy(phone)
    return await _connecting(message, proxy, ctx, is_new=is_new)


async def connecting_again(message: Message, account: Account, ctx: Context) -> Message:
    """Name the proxy that this account has."""
    proxy = await ctx.proxies.get(account.proxy_id or 0)
    return await _connecting(message, proxy, ctx, is_new=False)


async def _connecting(
    message: Message, proxy: Proxy | None, ctx: Context, *, is_new: bool
) -> Message:
    carries = (proxy.accounts if proxy else 0) + is_new
    view = views.connecting(ctx.t, proxy, accounts=carries, capacity=ctx.proxies.capacity)
    return await reply(message, view)


async def order(
    where: Message | CallbackQuery,
    by: int,
    kind: str,
    account_id: int | None,
    args: Mapping[str, Any],
    state: FSMContext,
    ctx: Context,
) -> None:
    """Order it; the message of the login that is under way shows the outcome."""
    login = (await state.get_data()).get("login")

    async def work() -> None:
        if account_id and await ctx.desk.account(account_id, is_forgotten=True) is None:
            await show(where, login_errors.error(ctx.t, {"error": "gone"}, ""))
            return
        try:
            outcome = await ctx.desk.order(kind, by=by, account_id=account_id, args=args)
        except TimeoutError:
            await show(where, View(ctx.t("press-again-later"), rows([back(ctx.t)])))
            return
        if (await state.get_data()).get("login") == login:
            await show(where, await next_step(outcome, state, ctx))
        else:
            await show(where, await left_meanwhile(outcome, by, ctx))

    ctx.in_background(work, kind)


async def show(where: Message | CallbackQuery, view: View) -> None:
    """Edit the message of the login that is under way."""
    message = where.message if isinstance(where, CallbackQuery) else where
    if isinstance(message, Message):
        await put(message, view)
