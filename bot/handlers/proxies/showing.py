"""Steps that several handlers about proxies take."""

from datetime import datetime

from aiogram.types import CallbackQuery, Message

from bot.following import Glance
from bot.handlers.context import Context
from bot.proxy_desk import Dossier
from bot.show import acknowledge, put, replace, reply
from bot.texts import Html
from bot.views.proxies import acts
from bot.views.proxies import card as views
from bot.views.view import Button, View
from storage.proxies import Proxy

RETURN_LIMIT_S = 120.0
"""How long a message follows the accounts that come back."""


async def proxy_or_gone(query: CallbackQuery, ctx: Context, proxy_id: int) -> Proxy | None:
    """The proxy of a pressed button; where it is gone the operator is told so."""
    proxy = await ctx.proxies.get(proxy_id)
    if proxy is None:
        await acknowledge(query)
        await replace(query, acts.gone(ctx.t))
    return proxy


def card_of(ctx: Context, dossier: Dossier, told: str = "") -> View:
    return views.card(ctx.t, dossier, capacity=ctx.proxies.capacity, told=told)


async def card(ctx: Context, proxy_id: int, told: str = "") -> View:
    """The proxy's card, under what has been done."""
    dossier = await ctx.proxies.dossier(proxy_id)
    return card_of(ctx, dossier, told) if dossier else acts.gone(ctx.t)


async def show_card(query: CallbackQuery, ctx: Context, proxy_id: int, told: str = "") -> None:
    await acknowledge(query)
    await replace(query, await card(ctx, proxy_id, told))


async def answer_with_card(message: Message, ctx: Context, proxy_id: int, told: str = "") -> None:
    await reply(message, await card(ctx, proxy_id, told))


async def follow_return(
    message: Message,
    ctx: Context,
    told: Html,
    numbers: list[int],
    *,
    since: datetime,
    button: Button,
) -> None:
    """Show in that message how these accounts come back, until all are there or it took long."""

    async def look(*, is_late: bool = False) -> Glance:
        so_far = await ctx.proxies.coming_back(numbers, since)
        others = len(numbers) - so_far.total
        view = acts.returning(ctx.t, told, so_far, others, button, is_late=is_late)
        return Glance(view, so_far.back == so_far.total)

    if not await ctx.following.follow(message, look, ctx.proxies.changes, limit_s=RETURN_LIMIT_S):
        await put(message, (await look(is_late=True)).view)
