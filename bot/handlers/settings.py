"""/settings: what is set, with buttons to what the chat can change. For owners."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Room
from bot.handlers.context import Context
from bot.roles import OWNING
from bot.show import acknowledge, replace, reply
from bot.views import settings as views
from bot.views.view import View


def router() -> Router:
    settings = Router(name="settings")
    settings.message.register(show, Command("settings"), flags=OWNING)
    settings.callback_query.register(go, Go.filter(F.room == Room.SETTINGS), flags=OWNING)
    return settings


async def show(message: Message, ctx: Context) -> None:
    await reply(message, await _view(ctx))


async def go(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _view(ctx))


async def _view(ctx: Context) -> View:
    is_paused = await ctx.rules.paused() is not None
    return views.shown(
        ctx.t, ctx.environment, fallback=await ctx.rules.fallback(), is_paused=is_paused
    )
