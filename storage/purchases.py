"""Purchases: rows before they are calls, so that none is made twice (S1.7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, update

from storage.schema import purchases
from storage.tx import Tx


class PurchaseState(StrEnum):
    """How far a purchase is."""

    OPEN = "OPEN"
    """It may have been made; only the provider's list tells."""
    BOUGHT = "BOUGHT"
    REFUSED = "REFUSED"
    """The provider said no: nothing was spent."""
    ABANDONED = "ABANDONED"
    """The call was lost, and the provider's list shows that nothing came of it."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One proxy that was or is to be bought for an account."""

    id: int
    account_id: int | None
    provider: str
    wanted_country: str
    country: str
    state: PurchaseState
    held_before: Sequence[str]
    """What the provider listed before the call, by its own names."""
    requested_at: datetime
    settled_at: datetime | None
    proxy_id: int | None
    price_cents: int
    error: str


async def begin(
    tx: Tx,
    *,
    account_id: int | None,
    provider: str,
    wanted_country: str,
    country: str,
    held_before: Sequence[str],
    price_cents: int,
) -> int:
    """A row for a purchase that is about to be made; returns its id.

    The database refuses a second open one for the same account.
    """
    return await tx.insert(
        insert(purchases).values(
            account_id=account_id,
            provider=provider,
            wanted_country=wanted_country,
            country=country,
            state=PurchaseState.OPEN,
            held_before=list(held_before),
            requested_at=tx.now,
            price_cents=price_cents,
            error="",
        )
    )


async def settle(
    tx: Tx,
    purchase_id: int,
    state: PurchaseState,
    *,
    proxy_id: int | None = None,
    error: str = "",
) -> bool:
    """It is known what came of it; False where that was known already.

    One that was given up may turn out to have been made after all.
    """
    open_to = [PurchaseState.OPEN]
    if state is PurchaseState.BOUGHT:
        open_to.append(PurchaseState.ABANDONED)
    result = await tx.execute(
        update(purchases)
        .where(purchases.c.id == purchase_id, purchases.c.state.in_(open_to))
        .values(state=state, settled_at=tx.now, proxy_id=proxy_id, error=error)
    )
    return result.rowcount == 1


async def open_ones(tx: Tx, provider: str) -> list[Purchase]:
    """Those of which only the provider's list tells what came of them, oldest first."""
    return await _of(tx, provider, purchases.c.state == PurchaseState.OPEN)


async def is_open(tx: Tx, account_ids: Iterable[int | None]) -> bool:
    """Whether one that was begun for these accounts may still turn out to have been made."""
    known = [number for number in account_ids if number is not None]
    is_theirs = purchases.c.account_id.in_(known)
    row = await tx.one(
        select(purchases.c.id).where(is_theirs, purchases.c.state == PurchaseState.OPEN).limit(1)
    )
    return row is not None


async def given_up(tx: Tx, provider: str, since: datetime) -> list[Purchase]:
    """Those of which nothing was found, begun since then: they may still turn up."""
    is_late = purchases.c.requested_at >= since
    return await _of(tx, provider, is_late & (purchases.c.state == PurchaseState.ABANDONED))


async def _of(tx: Tx, provider: str, condition: ColumnElement[bool]) -> list[Purchase]:
    rows = await tx.all(
        select(purchases)
        .where(purchases.c.provider == provider, condition)
        .order_by(purchases.c.id)
    )
    return [_purchase(row) for row in rows]


async def of_account(tx: Tx, account_id: int) -> list[Purchase]:
    """What was bought, or tried, for the account, oldest first."""
    rows = await tx.all(
        select(purchases).where(purchases.c.account_id == account_id).order_by(purchases.c.id)
    )
    return [_purchase(row) for row in rows]


async def spent_since(tx: Tx, since: datetime) -> int:
    """Cents spent since then; one that may have been made counts."""
    row = await tx.one(
        select(func.coalesce(func.sum(purchases.c.price_cents), 0).label("spent")).where(
            purchases.c.requested_at >= since,
            purchases.c.state.in_([PurchaseState.OPEN, PurchaseState.BOUGHT]),
        )
    )
    return int(row.spent) if row else 0


async def page(tx: Tx, *, since: datetime) -> list[Purchase]:
    """All that were begun since then, oldest first."""
    rows = await tx.all(
        select(purchases).where(purchases.c.requested_at >= since).order_by(purchases.c.id)
    )
    return [_purchase(row) for row in rows]


def _purchase(row: Row[Any]) -> Purchase:
    return Purchase(
        row.id,
        row.account_id,
        row.provider,
        row.wanted_country,
        row.country,
        PurchaseState(row.state),
        tuple(row.held_before),
        row.requested_at,
        row.settled_at,
        row.proxy_id,
        row.price_cents,
        row.error,
    )
