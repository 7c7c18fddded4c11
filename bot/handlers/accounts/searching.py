"""One of many: /a17, /account, and any text that no dialog asked for."""

import re

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.callbacks import OnList
from bot.finding import plain
from bot.handlers.accounts.pages import page
from bot.handlers.context import Context, operator
from bot.roles import LOOKING
from bot.show import reply
from bot.texts import Html
from bot.views import accounts as account_views
from bot.views import leaving
from bot.views import listing as views
from bot.views.view import View, lines, rows
from storage.accounts import Account

_OWN_NUMBER = re.compile(r"a([0-9]{1,18})$")


def router() -> Router:
    """Commands, so they hold in every dialog."""
    searching = Router(name="searching")
    searching.message.register(numbered, Command(_OWN_NUMBER), flags=LOOKING)
    searching.message.register(asked, Command("account"), flags=LOOKING)
    return searching


async def numbered(message: Message, command: CommandObject, ctx: Context) -> None:
    """`/a17`, as it stands in lists."""
    number = command.command.removeprefix("a")
    found = await ctx.desk.account(int(number), is_forgotten=True)
    if found is None:
        to_all = views.to_all(ctx.t)
        words = ctx.t("account-none-numbered", number=number)
        await reply(message, View(words, rows([to_all])))
    else:
        await reply(message, await card(ctx, found, seen_in=message.chat.id))


async def asked(message: Message, command: CommandObject, ctx: Context) -> None:
    """`/account 17`, `/account @ann`, a label, a name, a number or its end."""
    who = (command.args or "").strip()
    to_all = views.to_all(ctx.t)
    if not who:
        await reply(message, View(ctx.t("account-usage"), rows([to_all])))
        return
    found = await ctx.finding.account(who, by=operator(message))
    if found is None:
        told = lines([views.nothing_found(ctx.t, who), "", ctx.t("account-usage")])
        await reply(message, View(told, rows([to_all])))
    else:
        await reply(message, await shown(ctx, found, seen_in=message.chat.id))


async def search(message: Message, ctx: Context) -> View | None:
    """What a text finds; None where it is none, or finds nobody."""
    text = message.text or ""
    if text.startswith("/"):
        return None
    find = ctx.finding.account if text.strip().startswith("#") else ctx.finding.search
    found = await find(text, by=operator(message))
    return None if found is None else await shown(ctx, found, seen_in=message.chat.id)


def not_found(message: Message, ctx: Context) -> Html:
    """What to say of a message that found nobody, or that nobody can search for."""
    text = message.text or ""
    if text.startswith("/") or not plain(text):
        return ctx.t("not-understood")
    return views.nothing_found(ctx.t, plain(text))


async def shown(ctx: Context, found: Account | OnList, *, seen_in: int) -> View:
    """The card of the one, or the list of several."""
    if isinstance(found, OnList):
        return await page(ctx, found)
    return await card(ctx, found, seen_in=seen_in)


async def card(ctx: Context, account: Account, *, seen_in: int) -> View:
    """The account's card; of one that was forgotten, that it can be taken back."""
    facts = None if account.removed_at else await ctx.desk.facts(account.id)
    if facts is not None:
        return await ctx.card(facts, seen_in=seen_in)
    return leaving.was_forgotten(ctx.t, account.id, account_views.name(account))
