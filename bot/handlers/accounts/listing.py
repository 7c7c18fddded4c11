"""/accounts: the list, narrowed by buttons."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import By, Go, OnList, OnNarrow, Room
from bot.handlers.accounts import acting, card, moving, reconnecting, searching, tagging
from bot.handlers.accounts.pages import page
from bot.handlers.context import Context
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import listing as views


def router() -> Router:
    """Every handler about accounts, but those of logins."""
    accounts = Router(name="accounts")
    accounts.message.register(show_all, Command("accounts"), flags=LOOKING)
    press = accounts.callback_query.register
    press(go_all, Go.filter(F.room == Room.ACCOUNTS), flags=LOOKING)
    press(turn, OnList.filter(), flags=LOOKING)
    press(choose, OnNarrow.filter(F.by.in_({By.PROXY, By.COUNTRY, By.TAG})), flags=LOOKING)
    accounts.include_routers(
        searching.router(),
        reconnecting.router(),
        card.router(),
        tagging.router(),
        moving.router(),
        acting.router(),
    )
    return accounts


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, await page(ctx, OnList()))


async def go_all(query: CallbackQuery, callback_data: Go, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await page(ctx, OnList(page=callback_data.page)))


async def turn(query: CallbackQuery, callback_data: OnList, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await page(ctx, callback_data))


async def choose(query: CallbackQuery, callback_data: OnNarrow, ctx: Context) -> None:
    """What to narrow the list by."""
    await acknowledge(query)
    found = await ctx.finding.groups(callback_data.by)
    await replace(query, views.choose(ctx.t, found, callback_data))
