"""Flood waits: what Telegram told us to wait, kept to the second and across restarts."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, select

from storage.schema import flood_waits
from storage.tx import Tx

CONNECTING = "connecting"
"""The method name under which a wait on any call that connecting needs is kept."""


@dataclass(frozen=True, slots=True)
class FloodWait:
    """A wait that Telegram asked for, as a change for the writer: it is never given up."""

    account_id: int
    method: str
    until: datetime

    @property
    def key(self) -> Hashable:
        return "flood", self.account_id, self.method

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["FloodWait"]) -> Sequence[None]:
        for wait in changes:
            await store(tx, wait.account_id, wait.method, wait.until)
        return [None] * len(changes)


async def store(tx: Tx, account_id: int, method: str, until: datetime) -> None:
    """Keep a wait; one that ends later than the one known replaces it."""
    await tx.upsert(
        flood_waits,
        [{"account_id": account_id, "method": method, "until": until}],
        keys=["account_id", "method"],
        merge=lambda new: {
            "until": case((new.until > flood_waits.c.until, new.until), else_=flood_waits.c.until)
        },
    )


async def active(tx: Tx, account_id: int, *methods: str) -> datetime | None:
    """Until when the account must not call these methods; None where it may."""
    row = await tx.one(
        select(func.max(flood_waits.c.until).label("until")).where(
            flood_waits.c.account_id == account_id,
            flood_waits.c.method.in_(methods),
            flood_waits.c.until > tx.now,
        )
    )
    return row.until if row else None


async def waits(tx: Tx, account_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """Until when each of these accounts must not call which methods."""
    found: dict[int, dict[str, datetime]] = {account_id: {} for account_id in account_ids}
    for row in await tx.all(_WAITS, of_accounts=list(account_ids), now=tx.now):
        found[row.account_id][row.method] = row.until
    return found


async def is_any_active(tx: Tx, account_id: int) -> bool:
    """Whether the account has any wait to keep."""
    active_now = select(flood_waits.c.until).where(
        flood_waits.c.account_id == account_id, flood_waits.c.until > tx.now
    )
    return await tx.one(active_now.limit(1)) is not None


async def forget_past(tx: Tx) -> None:
    """Drop waits that are over."""
    await tx.execute(delete(flood_waits).where(flood_waits.c.until <= tx.now))


_WAITS = select(flood_waits).where(
    flood_waits.c.account_id.in_(bindparam("of_accounts", expanding=True)),
    flood_waits.c.until > bindparam("now"),
)
