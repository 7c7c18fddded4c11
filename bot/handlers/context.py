"""What every handler gets, and small steps that several of them take."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiogram.types import CallbackQuery, Message

from bot.desk import Desk
from bot.show import acknowledge, replace
from bot.texts import Texts
from bot.views import accounts as account_views
from bot.views.view import View, age, back, rows
from storage.accounts import Account
from userbot.nursery import Nursery


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that handlers share; aiogram passes it as `ctx`."""

    desk: Desk
    t: Texts
    nursery: Nursery
    attempts: int
    """How many attempts a reconnect has (MAX_RECONNECT_ATTEMPTS), for the words."""

    def card(self, account: Account, *, show_phone: bool = False) -> View:
        """An account's card as of now."""
        return account_views.card(
            self.t,
            account,
            now=self.desk.now(),
            attempts=self.attempts,
            show_phone=show_phone,
        )

    async def name(self, account_id: int) -> str:
        """How an account is called in texts."""
        account = await self.desk.account(account_id)
        return account_views.name(account) if account else f"#{account_id}"

    def in_background(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Do what takes long without holding up the chat; the press is answered already."""

        async def run() -> None:
            await work()

        self.nursery.start(run(), name=name)


def operator(event: Message | CallbackQuery) -> int:
    """Who acts. The access middleware has let only listed users through."""
    if event.from_user is None:
        raise LookupError("an update without a user reached a handler")
    return event.from_user.id


async def account_or_gone(query: CallbackQuery, ctx: Context, account_id: int) -> Account | None:
    """The account of a pressed button; where it is gone the operator is told so."""
    account = await ctx.desk.account(account_id)
    if account is None:
        await acknowledge(query)
        await replace(query, View(ctx.t("account-unknown"), rows([back(ctx.t)])))
    return account


def order_error(ctx: Context, outcome: Mapping[str, Any], state: str) -> str:
    """Why an order was not carried out, in words."""
    t = ctx.t
    match outcome.get("error"):
        case "flood":
            seconds = timedelta(seconds=int(outcome["seconds"]))
            return t("reconnect-flood", age=age(t, seconds))
        case "parked" if outcome.get("why") == "unconfirmed":
            return t("start-unconfirmed")
        case "parked":
            return t("reconnect-parked", state=state)
        case _:
            return t("fault")
