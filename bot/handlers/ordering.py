"""Ordering something of an account, and showing in its place what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

from aiogram.types import CallbackQuery, Message

from bot.callbacks import Room
from bot.handlers.context import Context, operator, order_error
from bot.show import put, replace
from bot.views import accounts as views
from bot.views.view import View, back, rows


def order_and_show(
    query: CallbackQuery,
    ctx: Context,
    kind: str,
    account_id: int,
    *,
    args: Mapping[str, Any] | None = None,
    done: Callable[[str], View] | None = None,
) -> None:
    """Order it in the background, then show the account's card in place of what was pressed.

    `done` makes another view of what was done, from the account's name: for one that is gone then.
    """
    by = operator(query)

    async def work() -> None:
        name = await ctx.name(account_id)
        outcome = await _ordered(ctx, kind, account_id, by, args)
        if outcome is not None and "error" not in outcome and done is not None:
            await replace(query, done(name))
        else:
            await replace(query, await _after(ctx, account_id, outcome))

    ctx.in_background(work, f"{kind} of account {account_id}")


def order_below(message: Message, ctx: Context, kind: str, account_id: int, *, by: int) -> None:
    """The same, but the card is shown in a message of ours."""

    async def work() -> None:
        outcome = await _ordered(ctx, kind, account_id, by)
        await put(message, await _after(ctx, account_id, outcome))

    ctx.in_background(work, f"{kind} of account {account_id}")


async def _ordered(
    ctx: Context, kind: str, account_id: int, by: int, args: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """What came of it; None where nobody answered in time."""
    try:
        return await ctx.desk.order(kind, by=by, account_id=account_id, args=args)
    except TimeoutError:
        return None


async def _after(ctx: Context, account_id: int, outcome: Mapping[str, Any] | None) -> View:
    if outcome is None:
        return View(ctx.t("press-again-later"), rows([back(ctx.t, Room.ACCOUNTS)]))
    return await _card_after(ctx, account_id, outcome)


async def _card_after(ctx: Context, account_id: int, outcome: Mapping[str, Any]) -> View:
    """The account's card, under why the order was not carried out."""
    facts = await ctx.desk.facts(account_id)
    if facts is None:
        return View(ctx.t("account-unknown"), rows([back(ctx.t, Room.ACCOUNTS)]))
    card = ctx.card(facts)
    if "error" not in outcome:
        return card
    state = views.state_in_words(ctx.t, facts.account, ctx.desk.now(), ctx.attempts)
    return View(f"{order_error(ctx, outcome, state)}\n\n{card.text}", card.keyboard)
