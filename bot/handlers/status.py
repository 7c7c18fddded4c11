"""/status, which refreshes itself while it is open, and the legend of the lights."""

from datetime import datetime, tzinfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Room
from bot.handlers.context import Context, chat_of
from bot.live import Live, Render
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.texts import Html, Texts
from bot.times import name_of, shown
from bot.views import overview as views
from bot.views.view import View


def router() -> Router:
    status = Router(name="status")
    status.message.register(asked, Command("status"), flags=LOOKING)
    status.callback_query.register(opened, Go.filter(F.room == Room.STATUS), flags=LOOKING)
    status.callback_query.register(legend, Go.filter(F.room == Room.LEGEND), flags=LOOKING)
    return status


async def asked(message: Message, ctx: Context, live: Live) -> None:
    first, until = await _read(ctx, message.chat.id), live.until()
    _refresh(await reply(message, first(ctx.t, until)), first, until, ctx, live)


async def opened(query: CallbackQuery, ctx: Context, live: Live) -> None:
    """By its button, or [Refresh]: it refreshes itself from now on."""
    await acknowledge(query)
    first, until = await _read(ctx, chat_of(query)), live.until()
    await replace(query, first(ctx.t, until))
    if isinstance(query.message, Message) and query.message.text is not None:
        _refresh(query.message, first, until, ctx, live)


async def legend(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, views.legend(ctx.t))


async def paused(ctx: Context, zone: tzinfo) -> Html | None:
    """The line that says since when, and by whom, all sending is held."""
    held = await ctx.rules.paused()
    if held is None:
        return None
    return ctx.t("paused", at=shown(held.since, zone), who=held.by)


def _refresh(message: Message, first: Render, until: datetime, ctx: Context, live: Live) -> None:
    async def work() -> None:
        await live.refresh(message, first, until, lambda: _read(ctx, message.chat.id))

    ctx.in_background(work, f"status in chat {message.chat.id}")


async def _read(ctx: Context, chat_id: int) -> Render:
    """How everything stands now, to be shown with ages or without."""
    zone = await ctx.zones.of(chat_id)
    seen, held = await ctx.desk.situation(), await paused(ctx, zone)

    def clock(at: datetime) -> str:
        return f"{at.astimezone(zone):%H:%M} ({name_of(zone)})"

    def render(t: Texts, until: datetime | None) -> View:
        freshness = (
            t("status-live", at=clock(until)) if until else t("status-as-of", at=clock(seen.now))
        )
        return views.status(t, seen, attempts=ctx.attempts, paused=held, freshness=freshness)

    return render
