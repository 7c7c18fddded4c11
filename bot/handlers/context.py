"""What every handler gets, and small steps that several of them take."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiogram.types import CallbackQuery, Message

from bot.admin_chat import AdminChat
from bot.delivery_desk import DeliveryDesk
from bot.desk import Desk
from bot.drafting import Drafting
from bot.exporter import Exporter
from bot.finding import Finding
from bot.following import Following
from bot.gathering import Gathering
from bot.importing import Importer
from bot.people import People
from bot.proxy_desk import ProxyDesk
from bot.sending_rules import SendingRules
from bot.show import acknowledge, replace
from bot.texts import Texts
from bot.traits import Traits
from bot.views import accounts as account_views
from bot.views import deliveries as delivery_views
from bot.views.view import View, age, back, rows
from bot.zones import Zones
from storage.accounts import Account
from storage.delivery import Delivery
from userbot.facts import Facts
from userbot.nursery import Nursery

_WHY_NO_START = {"unconfirmed": "start-unconfirmed", "forgotten": "start-forgotten"}
_ERRORS = {
    "forgotten": "leaving-gone",
    "unknown_account": "leaving-gone",
    "needs_force": "leaving-needs-force",
    "not_closed": "leaving-not-closed",
    "unknown": "leaving-unknown",
}


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that handlers share; aiogram passes it as `ctx`."""

    desk: Desk
    proxies: ProxyDesk
    drafting: Drafting
    rules: SendingRules
    deliveries: DeliveryDesk
    gathering: Gathering[Any]
    t: Texts
    nursery: Nursery
    attempts: int
    """How many attempts a reconnect has (MAX_RECONNECT_ATTEMPTS), for the words."""
    people: People
    admin_chat: AdminChat
    """Where alerts and drafts for everybody go."""
    environment: Mapping[str, str]
    """The settings that only the environment can change, by their variables; no secrets."""
    finding: Finding
    importer: Importer
    traits: Traits
    exporter: Exporter
    zones: Zones
    following: Following = field(default_factory=Following)

    async def card(self, facts: Facts, *, seen_in: int, show_phone: bool = False) -> View:
        """An account's card as of now, for that chat."""
        return account_views.card(
            self.t,
            facts.account,
            now=self.desk.now(),
            attempts=self.attempts,
            show_phone=show_phone,
            facts=facts,
            lately=await self.desk.lately(facts.account.id),
            zone=await self.zones.of(seen_in),
        )

    async def delivery_card(self, delivery: Delivery, *, seen_in: int) -> View:
        """A delivery's card as of now, for that chat."""
        story = await self.deliveries.story(delivery.id, seen_in=seen_in)
        if story is None:
            return delivery_views.gone(self.t)
        return delivery_views.of(self.t, story)

    async def name(self, account_id: int) -> str:
        """How an account is called in texts."""
        account = await self.desk.account(account_id, is_forgotten=True)
        return account_views.name(account) if account else f"#{account_id}"

    async def while_recovering(self) -> str | None:
        """What a press is answered with while a start brings accounts back."""
        so_far = await self.desk.recovering()
        return self.t("recovering-press", back=so_far[0], total=so_far[1]) if so_far else None

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


def chat_of(event: Message | CallbackQuery) -> int:
    """Where the answer is seen: `ctx.zones.of` has the time zone that is right there."""
    message = event if isinstance(event, Message) else event.message
    return message.chat.id if message else operator(event)


async def account_or_gone(
    query: CallbackQuery, ctx: Context, account_id: int, *, is_forgotten: bool = False
) -> Account | None:
    """The account of a pressed button; where it is gone the operator is told so."""
    account = await ctx.desk.account(account_id, is_forgotten=is_forgotten)
    if account is None:
        await _gone(query, ctx)
    return account


async def facts_or_gone(query: CallbackQuery, ctx: Context, account_id: int) -> Facts | None:
    """How the account of a pressed button is; where it is gone the operator is told so."""
    facts = await ctx.desk.facts(account_id)
    if facts is None:
        await _gone(query, ctx)
    return facts


async def _gone(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, View(ctx.t("account-unknown"), rows([back(ctx.t)])))


def order_error(ctx: Context, outcome: Mapping[str, Any], state: str) -> str:
    """Why an order was not carried out, in words."""
    t = ctx.t
    match outcome.get("error"):
        case "flood":
            seconds = timedelta(seconds=int(outcome["seconds"]))
            return t("reconnect-flood", age=age(t, seconds))
        case "parked" if outcome.get("why") in _WHY_NO_START:
            return t(_WHY_NO_START[outcome["why"]])
        case "parked":
            return t("reconnect-parked", state=state)
        case "not_online":
            return t("leaving-not-online", state=state)
        case "refused":
            return t("leaving-refused", words=str(outcome.get("words", "")))
        case error:
            return t(_ERRORS.get(str(error), "fault"))
