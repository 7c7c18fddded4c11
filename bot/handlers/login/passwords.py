"""The password of two-step verification: used once, kept nowhere, its message deleted first."""

import re

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot import command_menu
from bot.handlers.context import Context, operator
from bot.handlers.login.dialog import Login
from bot.handlers.login.ordering import order
from bot.handlers.private import delete
from bot.show import reply
from bot.views.view import View

_MORE = {
    "account",
    "add_proxy",
    "alerts",
    "cancel",
    "costs",
    "draft",
    "events",
    "fallback",
    "instances",
    "operators",
    "reconnect",
    "resume",
    "settings",
    "uptime",
    "why",
}
"""Commands that are in no menu."""
_COMMANDS = re.compile(rf"/({'|'.join(sorted({*command_menu.ALL} | _MORE))})(@\w+)?(\s|$)")


def is_command(text: str) -> bool:
    """Whether that is one of our commands: a password may begin with a slash too."""
    return _COMMANDS.match(text) is not None


def router() -> Router:
    passwords = Router(name="login passwords")
    passwords.message.register(take, Login.password, F.text, ~F.text.func(is_command))
    passwords.message.register(not_text, Login.password, ~F.text)
    return passwords


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    dialog = await state.get_data()
    if not await delete(message):
        await reply(message, View(ctx.t("login-password-kept")))
    checking = await reply(message, View(ctx.t("login-checking")))
    args = {"password": message.text or ""}
    account_id = int(dialog["account"])
    await order(checking, operator(message), "enrol.password", account_id, args, state, ctx)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))
