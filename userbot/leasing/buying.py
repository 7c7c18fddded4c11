"""Buys proxies so that none is bought twice, whatever crashes, and never over the day's limit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from loguru import logger

from storage import incidents, journal, proxies, proxy_leases, purchases
from storage.database import Database
from storage.incidents import About
from storage.proxies import Cost, Kind, Lease
from storage.purchases import PurchaseState
from storage.tx import Tx
from userbot.providers import money, purchasing, spending
from userbot.providers.errors import Down, OutcomeUnknown, OutOfStock, ProviderError, Refused
from userbot.providers.protocol import Leased, Provider
from userbot.providers.purchasing import Bought, NotBought, State
from userbot.providers.spending import Level, May

SPENDING = "spending"


class NotAllowed(Exception):
    """Nothing may be bought; `why` says what stands against it."""

    def __init__(self, why: May) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be bought: where, for whom, and where it was wanted first."""

    country: str
    account_id: int | None = None
    wanted_country: str | None = None
    sharers: Sequence[int] = ()
    """Every account that it is needed for: what was begun for one of them is for all."""


class Buyer:
    """Buys from the providers in their order. One purchase at a time."""

    def __init__(
        self, database: Database, providers: Sequence[Provider], *, limit: Decimal | None
    ) -> None:
        self._database = database
        self._limit = limit
        self.providers = tuple(providers)
        self.lock = asyncio.Lock()
        """Held by whoever compares the rows with a provider's list: it must not grow meanwhile."""

    async def buy(self, wish: Wish) -> int:
        """Buy one; returns the proxy's id.

        Raises `OutOfStock` where no provider has one there, `NotAllowed` for want of money or of
        a limit, and what else a provider raises. After `OutcomeUnknown` the purchase may have
        been made: `settle` tells.
        """
        for provider in self.providers:
            try:
                return await self._buy_from(provider, wish)
            except OutOfStock:
                continue
        raise OutOfStock(", ".join(p.name for p in self.providers) or "nobody", wish.country)

    async def _buy_from(self, provider: Provider, wish: Wish) -> int:
        async with self.lock:
            held = await provider.list()
            price = await provider.price()
            purchase, row = await self._begin(provider, wish, held, price)
            try:
                leased = await self._lease(provider, wish.country, row)
            except OutcomeUnknown:
                logger.bind(event="purchase.unknown").warning("a purchase may have been made")
                raise
            except ProviderError as exc:
                async with self._database.transaction() as tx:
                    await purchases.settle(tx, purchase, PurchaseState.REFUSED, error=exc.reason)
                raise
            async with self._database.transaction() as tx:
                return await self._keep(
                    tx, purchase, provider, leased, money.in_cents(price or Decimal(0))
                )

    async def _lease(self, provider: Provider, country: str, row: purchasing.Purchase) -> Leased:
        """The one request of a purchase, and an answer that came in time."""
        if not row.may_request(self._database.now()):
            raise Down(provider.name, "this machine stood still")
        leased = await provider.lease(country)
        if not row.is_in_time(self._database.now()):
            raise OutcomeUnknown(provider.name, "the answer came late")
        return leased

    async def _begin(
        self, provider: Provider, wish: Wish, held: Sequence[Leased], price: Decimal | None
    ) -> tuple[int, purchasing.Purchase]:
        """The row before the call. Raises `NotAllowed`, and `OutcomeUnknown` of one before."""
        async with self._database.transaction() as tx:
            await tx.lock(SPENDING)
            if await purchases.is_open(tx, {*wish.sharers, wish.account_id}):
                raise OutcomeUnknown(provider.name, "a purchase before is not settled yet")
            spent = await self._spent(tx)
            why = spending.may_buy(self._limit, spent, price)
            await self._tell(tx, spent, price)
            if why is May.BUY:
                ids = [each.id for each in held]
                number = await purchases.begin(
                    tx,
                    account_id=wish.account_id,
                    provider=provider.name,
                    wanted_country=wish.wanted_country or wish.country,
                    country=wish.country,
                    held_before=ids,
                    price_cents=money.in_cents(price or Decimal(0)),
                )
                return number, purchasing.Purchase(number, wish.country, tx.now, frozenset(ids))
        raise NotAllowed(why)

    async def _keep(
        self, tx: Tx, purchase: int, provider: Provider, leased: Leased, price_cents: int
    ) -> int:
        """What was bought is a proxy of ours, and the purchase is settled."""
        proxy_id = await proxies.add(
            tx,
            leased.endpoint,
            kind=Kind.LEASED,
            country=leased.country,
            lease=Lease(provider.name, leased.id),
            cost=Cost(price_cents),
        ) or await proxies.find(tx, leased.endpoint)
        if proxy_id is None:
            raise LookupError("a proxy that was bought vanished")
        await purchases.settle(tx, purchase, PurchaseState.BOUGHT, proxy_id=proxy_id)
        data = {"proxy": leased.endpoint.name, "country": leased.country, "cents": price_cents}
        await journal.note(tx, "proxy.bought", actor="mooring", data=data)
        logger.bind(event="proxy.bought").info(
            "a proxy in {} from {}", leased.country, provider.name
        )
        await self._tell(tx, await self._spent(tx), None)
        return proxy_id

    async def settle(self, provider: Provider) -> datetime | None:
        """Find out what became of purchases that were cut off; when to ask again, if ever.

        Call with `lock` held.
        """
        async with self._database.read() as tx:
            listed_at = tx.now
            if not await self._unsettled(tx, provider, listed_at):
                return None
        held = await provider.list()
        again_at = None
        async with self._database.transaction() as tx:
            rows = {p.id: p for p in await self._unsettled(tx, provider, listed_at)}
            owned = {p.lease.ref for p in await proxy_leases.leased(tx, provider.name) if p.lease}
            found = [_for_settling(row) for row in rows.values()]
            for verdict in purchasing.settle(found, held, owned=owned, listed_at=listed_at):
                if isinstance(verdict, Bought):
                    row = rows[verdict.id]
                    # As with an answer that came: a listing may have it elsewhere, and whoever
                    # it was bought for is to find it.
                    leased = replace(verdict.leased, country=row.country)
                    await self._keep(tx, row.id, provider, leased, row.price_cents)
                elif isinstance(verdict, NotBought):
                    await purchases.settle(tx, verdict.id, PurchaseState.ABANDONED)
                else:
                    again_at = min(again_at or verdict.at, verdict.at)
        return again_at

    async def refresh_alert(self) -> None:
        """A new day frees the limit; the alert says so."""
        async with self._database.transaction() as tx:
            await self._tell(tx, await self._spent(tx), None)

    async def _unsettled(
        self, tx: Tx, provider: Provider, now: datetime
    ) -> list[purchases.Purchase]:
        since = now - timedelta(seconds=purchasing.LATE_S)
        late = await purchases.given_up(tx, provider.name, since)
        return [*await purchases.open_ones(tx, provider.name), *late]

    async def _spent(self, tx: Tx) -> Decimal:
        today = datetime.combine(tx.now.astimezone(UTC).date(), datetime.min.time(), UTC)
        return money.from_cents(await purchases.spent_since(tx, today))

    async def _tell(self, tx: Tx, spent: Decimal, wanted: Decimal | None) -> None:
        """Keep the alert on today's spending as it is now."""
        if spending.level(self._limit, spent, wanted) is Level.LOW:
            await incidents.close_about(tx, SPENDING, About.SPENDING)
            return
        cause = f"{spent} of {self._limit}"
        if wanted and self._limit is not None and spent + wanted > self._limit:
            cause += f"; {wanted} more would be too much, nothing is bought until tomorrow (UTC)"
        await incidents.open_about(tx, SPENDING, About.SPENDING, cause=cause)


async def tell_refusal(database: Database, error: ProviderError | None) -> None:
    """Open or close the alert that a provider rejects what we are."""
    async with database.transaction() as tx:
        if isinstance(error, Refused):
            await incidents.open_about(tx, error.provider, About.PROVIDER, cause=str(error))
        elif error is None:
            for subject in await incidents.open_subjects(tx, About.PROVIDER):
                await incidents.close_about(tx, subject, About.PROVIDER)


def _for_settling(row: purchases.Purchase) -> purchasing.Purchase:
    return purchasing.Purchase(
        row.id, row.country, row.requested_at, frozenset(row.held_before), State(row.state)
    )
