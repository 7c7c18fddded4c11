"""The use cases about proxies: rows only. What dials is ordered of the process that may."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot import costs, paid, proxy_adding
from bot.costs import Costs
from bot.proxy_adding import Added
from bot.proxy_standing import is_for_accounts, is_gone
from storage import accounts, assignments, commands, journal, proxies, proxy_checks, proxy_leases
from storage.accounts import Account, Desired
from storage.database import Database
from storage.proxies import Cost, Kind, Lease, Proxy
from storage.proxy_checks import Record
from storage.tx import Tx
from storage.wakeups import Subscription
from userbot.proxies import Parsing
from userbot.states import State

RELEASE_AFTER = timedelta(hours=1)
"""So long a leased proxy waits to be given back; until then that can be taken back (S1.7)."""
NAMED = 5
"""So many of a proxy's accounts are named; the others are counted."""
_NEVER_BY_ITSELF = {State.NEW, State.NEEDS_LOGIN, State.BANNED, State.STOPPED}


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one proxy."""

    proxy: Proxy
    named: Sequence[Account]
    """The first of its accounts."""
    day: Record | None
    week: Record | None
    """How its checks went, where there were any."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Return:
    """How far accounts are that dial anew."""

    back: int
    total: int
    """How many of them are to be connected at all."""


class ProxyDesk:
    """An operator's acts on proxies."""

    def __init__(
        self,
        database: Database,
        *,
        capacity: int,
        fewer_than: int | None = None,
        spend_limit: Decimal | None = None,
        can_lease: bool = False,
    ) -> None:
        """`capacity` is from where a proxy counts as full.

        `fewer_than`: one with so many accounts gets no further one (None: it may).
        `spend_limit` is what may be spent on purchases a day, `can_lease` whether there is anybody
        to buy from.
        """
        self._database = database
        self.capacity = capacity
        self._fewer_than = fewer_than
        self._spend_limit = spend_limit
        self.can_lease = can_lease

    def now(self) -> datetime:
        return self._database.now()

    def changes(self) -> AbstractContextManager[Subscription]:
        """Wakes when a proxy or an account has changed."""
        return self._database.wakeups.subscribe(proxies.CHANGED, accounts.CHANGED)

    async def page(self) -> list[Proxy]:
        """Every proxy that is in use or may be, oldest first."""
        async with self._database.read() as tx:
            return await proxies.page(tx)

    async def get(self, proxy_id: int) -> Proxy | None:
        async with self._database.read() as tx:
            return await proxies.get(tx, proxy_id)

    async def targets(self, *, but: int | None) -> list[Proxy]:
        """Where accounts can move to: what is in use, and not theirs already."""
        return [p for p in await self.page() if p.id != but and is_for_accounts(p)]

    async def dossier(self, proxy_id: int) -> Dossier | None:
        async with self._database.read() as tx:
            proxy = await proxies.get(tx, proxy_id)
            if proxy is None:
                return None
            day, week = [
                (await proxy_checks.records(tx, tx.now - span)).get(proxy_id)
                for span in (timedelta(days=1), timedelta(days=7))
            ]
            numbers = await assignments.accounts_on(tx, proxy_id)
            named = [await accounts.get(tx, number) for number in numbers[:NAMED]]
            return Dossier(proxy, [a for a in named if a is not None], day, week, tx.now)

    async def costs(self) -> Costs:
        """What all of them cost."""
        async with self._database.read() as tx:
            return await costs.read(tx, self._spend_limit)

    async def accounts_on(self, proxy_id: int) -> list[int]:
        """The numbers of all accounts that keep the proxy."""
        async with self._database.read() as tx:
            return await assignments.accounts_on(tx, proxy_id)

    async def coming_back(self, numbers: Collection[int], since: datetime) -> Return:
        """How many of these have connected since then, of those that will by themselves."""
        async with self._database.read() as tx:
            found = [a for a in await accounts.page(tx) if a.id in numbers]
        wanted = [
            a
            for a in found
            if a.desired is Desired.RUN and State(a.observed.state) not in _NEVER_BY_ITSELF
        ]
        return Return(sum(_is_back(a, since) for a in wanted), len(wanted))

    async def next_proxy(self, phone: str) -> tuple[Proxy | None, bool]:
        """The proxy that this number has, or would get; whether it would be one more on it."""
        async with self._database.read() as tx:
            account = await accounts.with_phone(tx, phone)
            if account is None:
                return await proxies.least_loaded(tx, fewer_than=self._fewer_than), True
            has = await proxies.get(tx, account.proxy_id) if account.proxy_id else None
            return has, False

    async def add(self, parsing: Parsing, *, by: int) -> Added:
        """Keep what a text names; what is there already stays as it is."""
        return await proxy_adding.add(self._database, parsing, actor=f"operator {by}")

    async def order_check(self, proxy_ids: Collection[int] | None, *, by: int) -> None:
        """Have these checked now, or all; each one's row tells what was found."""
        args = {} if proxy_ids is None else {"proxies": list(proxy_ids)}
        async with self._database.transaction() as tx:
            await commands.order(tx, "proxies.check", args=args, ordered_by=by)

    async def settle_scheme(self, proxy_id: int, scheme: str, *, by: int) -> bool:
        """An operator says what it is; False where another entry is that very one, or it is gone."""
        async with self._database.transaction() as tx:
            is_settled = await proxies.settle_scheme(tx, proxy_id, scheme)
            if is_settled:
                await _note(tx, "proxy.settled", by, proxy_id, scheme=scheme)
        return is_settled

    async def set_cost(self, proxy_id: int, cost: Cost, *, by: int) -> None:
        async with self._database.transaction() as tx:
            await proxy_leases.set_cost(tx, proxy_id, cost)
            await paid.settle(tx, proxy_id)
            until = cost.paid_until.date().isoformat() if cost.paid_until else None
            money = {"price_cents": cost.price_cents, "paid_until": until}
            await _note(tx, "proxy.cost", by, proxy_id, **money)

    async def set_country(self, proxy_id: int, country: str | None, *, by: int) -> None:
        async with self._database.transaction() as tx:
            await proxies.set_country(tx, proxy_id, country)
            await _note(tx, "proxy.country", by, proxy_id, country=country)

    async def set_kind(self, proxy_id: int, kind: Kind, *, by: int) -> bool:
        """False where it is leased: then the provider says what it is."""
        async with self._database.transaction() as tx:
            proxy = await proxies.get(tx, proxy_id)
            if proxy is None or proxy.kind is Kind.LEASED:
                return False
            await proxies.set_kind(tx, proxy_id, kind)
            await _note(tx, "proxy.kind", by, proxy_id, to=str(kind))
        return True

    async def remove(self, proxy_id: int, *, by: int) -> bool:
        """Give it to no new account; False where that is so already."""
        async with self._database.transaction() as tx:
            is_removed = await proxies.retire(tx, proxy_id)
            if is_removed:
                await _note(tx, "proxy.removed", by, proxy_id)
                await paid.settle(tx, proxy_id)
        return is_removed

    async def use_again(self, proxy_id: int, *, by: int) -> bool:
        """Give it to new accounts again; False where that is so, or a provider has it back."""
        async with self._database.transaction() as tx:
            proxy = await proxies.get(tx, proxy_id)
            if proxy is None or is_gone(proxy):
                return False
            lease = proxy.lease and Lease(proxy.lease.provider, proxy.lease.ref)
            back = await proxies.add(
                tx,
                proxy.endpoint,
                kind=proxy.kind,
                country=proxy.country,
                lease=lease,
                cost=proxy.cost,
            )
            if back is not None:
                await _note(tx, "proxy.added", by, proxy_id)
                await paid.settle(tx, proxy_id)
        return back is not None

    async def release(self, proxy_id: int, *, by: int) -> bool:
        """Give a leased one back in an hour; False where it is too late, or accounts need it."""
        async with self._database.transaction() as tx:
            if await _needed(tx, proxy_id):
                return False
            is_set = await proxy_leases.set_release(tx, proxy_id, tx.now + RELEASE_AFTER)
            if is_set:
                await _note(tx, "proxy.release_ordered", by, proxy_id)
        return is_set

    async def keep(self, proxy_id: int, *, by: int) -> bool:
        """Do not give it back after all; False where it is too late."""
        async with self._database.transaction() as tx:
            is_kept = await proxy_leases.keep(tx, proxy_id)
            if is_kept:
                await _note(tx, "proxy.kept", by, proxy_id)
        return is_kept

    async def needed_by(self, proxy_id: int) -> int:
        """How many of its accounts run or may run: they would lose their address."""
        async with self._database.read() as tx:
            return await _needed(tx, proxy_id)


async def _needed(tx: Tx, proxy_id: int) -> int:
    found = [await accounts.get(tx, n) for n in await assignments.accounts_on(tx, proxy_id)]
    kept = [a for a in found if a is not None and a.removed_at is None]
    return sum(State(a.observed.state) is not State.BANNED for a in kept)


def _is_back(account: Account, since: datetime) -> bool:
    seen = account.observed
    return State(seen.state) is State.ONLINE and seen.since >= since


async def _note(tx: Tx, kind: str, by: int, proxy_id: int, **data: Any) -> None:  # noqa: ANN401 - JSON
    proxy = await proxies.get(tx, proxy_id)
    name = proxy.endpoint.name if proxy else str(proxy_id)
    await journal.note(tx, kind, actor=f"operator {by}", data={"proxy": name, **data})
