"""How well recoveries went, and what using leased proxies again has saved (S1.9)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage import recoveries
from storage.recoveries import Outcome
from storage.schema import events, purchases, recovered_accounts
from storage.schema import recoveries as recoveries_table
from storage.tx import Tx

SAVING = ("proxy.reactivated", "proxy.reused")
"""Journal entries that each stand for a proxy that was not bought; `cents` is its price."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Of all recoveries since some time; a rate is None where nothing was there to count."""

    accounts: int
    """How many were to come back, counted once a recovery."""
    back: int
    seconds: float | None
    """How long it took until an account was back, on average."""
    leased: int
    """Of those, how many have a leased proxy."""
    reactivated: int
    fallbacks: int
    spent_cents: int
    """What was spent on proxies meanwhile; a purchase that may have been made counts."""
    saved_cents: int
    """What would have been spent if each start had bought its proxies anew."""

    @property
    def success(self) -> float | None:
        return _share(self.back, self.accounts)

    @property
    def reactivation(self) -> float | None:
        """Of leased proxies: how often the one from before was used again."""
        return _share(self.reactivated, self.leased)

    @property
    def fallback(self) -> float | None:
        """Of leased proxies: how often another country had to do."""
        return _share(self.fallbacks, self.leased)

    @property
    def cents_per_recovered(self) -> float | None:
        return _share(self.spent_cents, self.back)


async def rates(tx: Tx, since: datetime) -> Rates:
    """Of the recoveries that began since then."""
    is_back = recovered_accounts.c.outcome == Outcome.BACK
    action = recovered_accounts.c.proxy_action
    row = await tx.one(
        select(
            func.count().label("accounts"),
            func.count().filter(is_back).label("back"),
            func.avg(recovered_accounts.c.seconds).filter(is_back).label("seconds"),
            func.count().filter(action != recoveries.KEPT).label("leased"),
            func.count().filter(action == recoveries.REACTIVATED).label("reactivated"),
            func.count().filter(action == recoveries.FALLBACK).label("fallbacks"),
        )
        .select_from(
            recovered_accounts.join(
                recoveries_table, recoveries_table.c.id == recovered_accounts.c.recovery_id
            )
        )
        .where(recoveries_table.c.started_at >= since)
    )
    spent = await tx.one(
        select(func.coalesce(func.sum(purchases.c.price_cents), 0).label("cents")).where(
            purchases.c.requested_at >= since, purchases.c.state.in_(["OPEN", "BOUGHT"])
        )
    )
    if row is None or spent is None:  # an aggregate always has its row
        raise LookupError("the sums vanished")
    return Rates(
        accounts=row.accounts,
        back=row.back,
        seconds=None if row.seconds is None else float(row.seconds),
        leased=row.leased,
        reactivated=row.reactivated,
        fallbacks=row.fallbacks,
        spent_cents=int(spent.cents),
        saved_cents=await _saved(tx, since),
    )


async def _saved(tx: Tx, since: datetime) -> int:
    found = await tx.all(
        select(events.c.data).where(events.c.at >= since, events.c.kind.in_(SAVING))
    )
    return sum(int(row.data.get("cents") or 0) for row in found)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
