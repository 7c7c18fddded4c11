"""Moving accounts to another proxy: one of them, or all of a proxy."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks import MoveStep, Moving, OnMove
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.proxies.showing import follow_return, proxy_or_gone
from bot.show import acknowledge, put, replace
from bot.texts import Html
from bot.views import accounts as account_views
from bot.views.proxies import acts
from bot.views.proxies import moving as views
from bot.views.proxies.moving import Move
from bot.views.view import Button, View, rows
from storage.proxies import Proxy


def router() -> Router:
    moving = Router(name="moving accounts")
    moving.callback_query.register(choose, OnMove.filter(F.step == MoveStep.CHOOSE))
    moving.callback_query.register(ask, OnMove.filter(F.step == MoveStep.ASK))
    moving.callback_query.register(move_now, OnMove.filter(F.step == MoveStep.NOW))
    return moving


async def choose(query: CallbackQuery, callback_data: OnMove, ctx: Context) -> None:
    """The others, a page at a time."""
    if move := await _move_or_gone(query, callback_data, ctx):
        await acknowledge(query)
        found = await _targets(ctx, move)
        view = views.choose(
            ctx.t, move, found, capacity=ctx.proxies.capacity, page=callback_data.page
        )
        await replace(query, view)


async def ask(query: CallbackQuery, callback_data: OnMove, ctx: Context) -> None:
    """What moves where, and what Telegram may make of it."""
    move = await _move_or_gone(query, callback_data, ctx)
    if move is None:
        return
    is_there, to = await _target(ctx, move, callback_data.to)
    await acknowledge(query)
    if is_there:
        await replace(query, views.ask(ctx.t, move, to, capacity=ctx.proxies.capacity))
    else:
        await replace(query, acts.gone(ctx.t))


async def move_now(query: CallbackQuery, callback_data: OnMove, ctx: Context) -> None:
    """All of them or none; then the message follows them as they come back."""
    move = await _move_or_gone(query, callback_data, ctx)
    if move is None or not isinstance(query.message, Message):
        return
    is_there, to = await _target(ctx, move, callback_data.to)
    await acknowledge(query)
    if not is_there:
        await replace(query, acts.gone(ctx.t))
        return
    await replace(query, View(ctx.t("move-doing")))
    _order(query.message, operator(query), move, to, ctx)


def _order(told: Message, by: int, move: Move, to: Proxy | None, ctx: Context) -> None:
    async def moved(count: int) -> Html:
        return await _done(ctx, move, to, count)

    async def work() -> None:
        is_one = move.who is Moving.ONE
        numbers = [move.id] if is_one else await ctx.proxies.accounts_on(move.id)
        telling = Telling(
            views.nowhere(ctx.t, move),
            ctx.t("move-none", name=move.name),
            moved,
            views.to_origin(ctx.t, move),
        )
        await carry_out(told, ctx, numbers, to, telling, by=by)

    ctx.in_background(work, f"move of {move.who} {move.id}")


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of how a move ended."""

    nowhere: View
    nothing: Html
    moved: Callable[[int], Awaitable[Html]]
    """Of so many."""
    button: Button


async def carry_out(
    told: Message,
    ctx: Context,
    numbers: Sequence[int],
    to: Proxy | None,
    telling: Telling,
    *,
    by: int,
) -> None:
    """Order the move of these accounts, and show in that message how they come back."""
    args = {"accounts": list(numbers)} | ({"to": to.id} if to else {})
    since = ctx.proxies.now()
    try:
        outcome = await ctx.desk.order("proxies.move", by=by, args=args)
    except TimeoutError:
        await put(told, View(ctx.t("press-again-later"), rows([telling.button])))
        return
    if outcome.get("error") == "no_proxy":
        await put(told, telling.nowhere)
    elif "error" in outcome:
        await put(told, View(ctx.t("change-failed"), rows([telling.button])))
    elif not outcome["accounts"]:
        await put(told, View(telling.nothing, rows([telling.button])))
    else:
        moved = outcome["accounts"]
        words = await telling.moved(len(moved))
        await follow_return(told, ctx, words, moved, since=since, button=telling.button)


async def _done(ctx: Context, move: Move, to: Proxy | None, count: int) -> Html:
    """One account's new proxy is named, even where nobody chose it."""
    if move.who is Moving.ONE and to is None:
        account = await ctx.desk.account(move.id)
        to = await ctx.proxies.get(account.proxy_id or 0) if account else None
    return views.done(ctx.t, move, to, count)


async def _move_or_gone(query: CallbackQuery, pressed: OnMove, ctx: Context) -> Move | None:
    if pressed.who is Moving.ONE:
        account = await account_or_gone(query, ctx, pressed.id)
        if account is None:
            return None
        has = await ctx.proxies.get(account.proxy_id) if account.proxy_id else None
        return Move(pressed.who, account.id, account_views.name(account), 1, has)
    proxy = await proxy_or_gone(query, ctx, pressed.id)
    if proxy is None:
        return None
    return Move(pressed.who, proxy.id, proxy.endpoint.name, proxy.accounts, proxy)


async def _targets(ctx: Context, move: Move) -> list[Proxy]:
    return await ctx.proxies.targets(but=move.has.id if move.has else None)


async def _target(ctx: Context, move: Move, number: int) -> tuple[bool, Proxy | None]:
    """Whether that can still be moved to, and the proxy; (True, None) is the least loaded."""
    if not number:
        return True, None
    found = next((p for p in await _targets(ctx, move) if p.id == number), None)
    return found is not None, found
