"""Ordering something of an account, and showing in its place what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram.types import CallbackQuery, Message

from bot.callbacks import Room
from bot.handlers.context import Context, chat_of, operator, order_error
from bot.show import put, replace
from bot.views import accounts as views
from bot.views import leaving
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

    async def show(view: View) -> None:
        await replace(query, view)

    _order(show, ctx, kind, account_id, by=by, seen_in=chat_of(query), args=args, done=done)


def order_below(
    message: Message,
    ctx: Context,
    kind: str,
    account_id: int,
    *,
    by: int,
    args: Mapping[str, Any] | None = None,
    done: Callable[[str], View] | None = None,
) -> None:
    """The same, but the card is shown in a message of ours."""

    async def show(view: View) -> None:
        await put(message, view)

    _order(show, ctx, kind, account_id, by=by, seen_in=message.chat.id, args=args, done=done)


def _order(
    show: Callable[[View], Awaitable[None]],
    ctx: Context,
    kind: str,
    account_id: int,
    *,
    by: int,
    seen_in: int,
    args: Mapping[str, Any] | None,
    done: Callable[[str], View] | None,
) -> None:
    async def work() -> None:
        name = await ctx.name(account_id)
        try:
            outcome = await ctx.desk.order(kind, by=by, account_id=account_id, args=args)
        except TimeoutError:
            late = ctx.t("press-again-later")
            await show(View(late, rows([leaving.to_card(ctx.t, account_id)])))
            return
        if "error" not in outcome and done is not None:
            await show(done(name))
        else:
            await show(await _card_after(ctx, account_id, outcome, seen_in))

    ctx.in_background(work, f"{kind} of account {account_id}")


async def _card_after(
    ctx: Context, account_id: int, outcome: Mapping[str, Any], seen_in: int
) -> View:
    """The account's card, under why the order was not carried out."""
    facts = await ctx.desk.facts(account_id)
    if facts is None:
        return View(ctx.t("account-unknown"), rows([back(ctx.t, Room.ACCOUNTS)]))
    card = await ctx.card(facts, seen_in=seen_in)
    if "error" not in outcome:
        return card
    state = views.state_in_words(ctx.t, facts.account, ctx.desk.now(), ctx.attempts)
    text = f"{order_error(ctx, outcome, state)}\n\n{card.text}"
    if outcome.get("why") == "unconfirmed":
        return leaving.confirm_start(ctx.t, account_id, View(text, card.keyboard))
    return View(text, card.keyboard)
