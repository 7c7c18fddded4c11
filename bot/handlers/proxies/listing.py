"""/proxies, a check of all of them, and /costs."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Room
from bot.following import Glance
from bot.handlers.context import Context, operator
from bot.handlers.proxies import adding, asking, card, changing, leasing, moving
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import costs as cost_views
from bot.views.proxies import listing as views
from bot.views.view import View
from storage.proxies import Proxy

CHECK_LIMIT_S = 120.0


def router() -> Router:
    """Every handler about proxies. Before the menu's: its links are special /starts."""
    proxies = Router(name="proxies")
    proxies.message.register(show_all, Command("proxies"), flags=LOOKING)
    proxies.message.register(show_costs, Command("costs"), flags=LOOKING)
    listed = Go.filter(F.room.in_({Room.PROXIES, Room.SICK_PROXIES}))
    proxies.callback_query.register(go_all, listed, flags=LOOKING)
    proxies.callback_query.register(check_all, Go.filter(F.room == Room.CHECK_PROXIES))
    proxies.callback_query.register(go_costs, Go.filter(F.room == Room.COSTS), flags=LOOKING)
    proxies.include_routers(
        adding.router(),
        card.router(),
        asking.router(),
        changing.router(),
        moving.router(),
        leasing.router(),
    )
    return proxies


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, await _listing(ctx))


async def go_all(query: CallbackQuery, callback_data: Go, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _listing(ctx, callback_data.room, callback_data.page))


async def show_costs(message: Message, ctx: Context) -> None:
    await reply(message, cost_views.costs(ctx.t, await ctx.proxies.costs()))


async def go_costs(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, cost_views.costs(ctx.t, await ctx.proxies.costs()))


async def check_all(query: CallbackQuery, ctx: Context) -> None:
    """Have all of them checked now; the list shows how far that is."""
    began = ctx.proxies.now()
    await ctx.proxies.order_check(None, by=operator(query))
    await acknowledge(query)
    message = query.message
    if not isinstance(message, Message):
        await replace(query, await _listing(ctx))
        return

    async def look() -> Glance:
        found = await ctx.proxies.page()
        done = sum(p.health is not None and p.health.checked_at >= began for p in found)
        told = views.checking(ctx.t, found, done)
        return Glance(_view(ctx, found, told=told), done == len(found))

    async def work() -> None:
        if not await ctx.following.follow(
            message, look, ctx.proxies.changes, limit_s=CHECK_LIMIT_S
        ):
            found = await ctx.proxies.page()
            done = sum(p.health is not None and p.health.checked_at >= began for p in found)
            told = ctx.t("proxies-still-checking", done=done, total=len(found))
            await replace(query, _view(ctx, found, told=told))

    ctx.in_background(work, "check of all proxies")


async def _listing(ctx: Context, room: Room = Room.PROXIES, page: int = 0) -> View:
    return _view(ctx, await ctx.proxies.page(), room=room, page=page)


def _view(
    ctx: Context, found: list[Proxy], *, room: Room = Room.PROXIES, page: int = 0, told: str = ""
) -> View:
    return views.listing(
        ctx.t,
        found,
        capacity=ctx.proxies.capacity,
        page=page,
        room=room,
        told=told,
        can_lease=ctx.proxies.can_lease,
    )
