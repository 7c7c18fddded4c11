"""Ordering something of an account, and showing in its place what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

from aiogram.types import CallbackQuery

from bot.callbacks import Room
from bot.handlers.context import Context, operator, order_error
from bot.show import replace
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
    """Order it in the background, then show the account's card.

    `done` makes another view of what was done, from the account's name: for one that is gone then.
    """
    by = operator(query)

    async def work() -> None:
        name = await ctx.name(account_id)
        try:
            outcome = await ctx.desk.order(kind, by=by, account_id=account_id, args=args)
        except TimeoutError:
            late = View(ctx.t("press-again-later"), rows([back(ctx.t, Room.ACCOUNTS)]))
            await replace(query, late)
            return
        if "error" not in outcome and done is not None:
            await replace(query, done(name))
        else:
            await replace(query, await _card_after(ctx, account_id, outcome))

    ctx.in_background(work, f"{kind} of account {account_id}")


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
