"""An account's latest messages: private, so they are shown in the private chat only."""

from collections.abc import Mapping
from typing import Any

from aiogram import Bot, F, Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, OnAccount
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.private import is_private, to_private
from bot.show import acknowledge, put, replace, reply
from bot.views import accounts as account_views
from bot.views import messages as views
from bot.views.view import View, back, rows
from storage.accounts import Account
from storage.operators import Role

_LINK = "last_"


def router() -> Router:
    """With a deep link of its own, so it comes before the menu's /start."""
    messages = Router(name="messages of accounts")
    linked_here = CommandStart(deep_link=True, magic=F.args.regexp(rf"^{_LINK}[0-9]{{1,18}}$"))
    messages.message.register(linked, linked_here)
    messages.callback_query.register(pressed, OnAccount.filter(F.act == AccountAct.LAST))
    return messages


async def pressed(
    query: CallbackQuery, callback_data: OnAccount, ctx: Context, bot: Bot, role: Role
) -> None:
    account = await account_or_gone(query, ctx, callback_data.id)
    message = query.message
    if account is None or not isinstance(message, Message):
        return
    await acknowledge(query)
    if not is_private(message):
        words = ctx.t("messages-in-private")
        await to_private(message, ctx, bot, f"{_LINK}{account.id}", words)
    elif message.text is None:  # a picture, which has no text to edit
        told = await reply(message, views.reading(ctx.t, account))
        _read(told, account, ctx, role, by=operator(query))
    else:
        await replace(query, views.reading(ctx.t, account))
        _read(message, account, ctx, role, by=operator(query))


async def linked(message: Message, command: CommandObject, ctx: Context, role: Role) -> None:
    """From a group, by the link."""
    number = int((command.args or "").removeprefix(_LINK))
    account = await ctx.desk.account(number)
    if account is None:
        await reply(message, View(ctx.t("account-unknown"), rows([back(ctx.t)])))
    elif is_private(message):
        told = await reply(message, views.reading(ctx.t, account))
        _read(told, account, ctx, role, by=operator(message))


def _read(told: Message, account: Account, ctx: Context, role: Role, *, by: int) -> None:
    """Have them read, and show them in place of `told`; login codes are for owners' eyes."""
    args = {"with_codes": role.covers(Role.OWNER)}

    async def work() -> None:
        try:
            outcome = await ctx.desk.order("account.last", by=by, account_id=account.id, args=args)
        except TimeoutError:
            await put(told, await _failed(account, None, ctx))
            return
        if "error" in outcome:
            await put(told, await _failed(account, outcome, ctx))
        else:
            zone = await ctx.zones.of(told.chat.id)
            await put(told, views.shown(ctx.t, account, outcome, zone))

    ctx.in_background(work, f"messages of account {account.id}")


async def _failed(account: Account, outcome: Mapping[str, Any] | None, ctx: Context) -> View:
    now = await ctx.desk.account(account.id) or account
    state = account_views.state_in_words(ctx.t, now, ctx.desk.now(), ctx.attempts)
    return views.failed(ctx.t, now, outcome, state)
