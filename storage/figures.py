"""Counts of the whole for whoever measures: a few rows each, however much is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, literal, or_, select

from storage.account import Desired
from storage.delivery import DeliveryState
from storage.floods import CONNECTING
from storage.schema import accounts, deliveries, flood_waits, incidents
from storage.tx import Tx

_QUEUED = (
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.BOT_PENDING,
    DeliveryState.BOT_SENDING,
)


@dataclass(frozen=True, slots=True)
class Waits:
    """What Telegram wants accounts to wait for."""

    connecting: int
    """How many accounts must not connect."""
    calls: int
    """How many waits there are on other calls."""
    until: datetime | None
    """When the last of them is over."""


async def answers(tx: Tx) -> None:
    """Prove that the database does."""
    await tx.one(select(literal(1)))


async def deliveries_by_state(tx: Tx) -> Mapping[DeliveryState, int]:
    rows = await tx.all(
        select(deliveries.c.state, func.count().label("n")).group_by(deliveries.c.state)
    )
    return {DeliveryState(row.state): row.n for row in rows}


async def due_since(tx: Tx) -> datetime | None:
    """Since when the one waits that has waited longest to be sent; None where none does.

    What was ordered for a later time waits from that time on.
    """
    columns = deliveries.c
    approved_at = func.coalesce(columns.approved_at, columns.created_at)
    due_at = case((columns.not_before > approved_at, columns.not_before), else_=approved_at)
    row = await tx.one(
        select(func.min(due_at).label("at")).where(
            or_(*(columns.state == state for state in _QUEUED)), due_at <= tx.now
        )
    )
    return row.at if row else None


async def open_incidents(tx: Tx) -> Mapping[str, int]:
    """How many are open, by kind."""
    rows = await tx.all(
        select(incidents.c.kind, func.count().label("n"))
        .where(incidents.c.closed_at.is_(None))
        .group_by(incidents.c.kind)
    )
    return {row.kind: row.n for row in rows}


async def flood_waits_now(tx: Tx) -> Waits:
    is_connecting = flood_waits.c.method == CONNECTING
    row = await tx.one(
        select(
            func.count().filter(is_connecting).label("connecting"),
            func.count().filter(~is_connecting).label("calls"),
            func.max(flood_waits.c.until).label("until"),
        ).where(flood_waits.c.until > tx.now)
    )
    return Waits(row.connecting, row.calls, row.until) if row else Waits(0, 0, None)


async def without_instance(tx: Tx) -> int:
    """How many accounts are to run, and no instance has them."""
    is_to_run = and_(
        accounts.c.desired == Desired.RUN,
        accounts.c.removed_at.is_(None),
        accounts.c.state.not_in(["NEW", "NEEDS_LOGIN", "BANNED"]),
    )
    row = await tx.one(
        select(func.count().label("n")).where(is_to_run, accounts.c.owner.is_(None))
    )
    return row.n if row else 0
