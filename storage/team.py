"""The instances that share a PostgreSQL database, as operators see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from storage import seats as seat_rows
from storage.instances import Role
from storage.lease import is_past
from storage.schema import accounts, instances, leases
from storage.tx import Tx


class Condition(StrEnum):
    """How an instance is."""

    WELL = "well"
    DRAINING = "draining"
    """It hands over what it has, and ends."""
    SILENT = "silent"
    """Its lease has run out; soon others take over what it has."""


@dataclass(frozen=True, slots=True)
class Member:
    """An instance that has a lease, or had one until just now."""

    id: str
    host: str
    pid: int
    version: str
    role: Role
    started_at: datetime
    until: datetime
    """When its lease ends unless it is renewed; the server's clock."""
    state: Condition
    accounts: int
    """How many it owns."""
    seats: Sequence[str]
    """What it alone does."""

    @property
    def runs_userbots(self) -> bool:
        return self.role.runs_userbots


async def members(tx: Tx) -> list[Member]:
    """All of them, the oldest first."""
    sitting = await seat_rows.holders(tx)
    owned = select(func.count()).where(accounts.c.owner == leases.c.instance).scalar_subquery()
    rows = await tx.all(
        select(
            instances,
            leases.c.until,
            is_past(leases.c.until).label("is_over"),
            owned.label("accounts"),
        )
        .join(leases, leases.c.instance == instances.c.id)
        .order_by(instances.c.started_at, instances.c.id)
    )
    return [
        Member(
            row.id,
            row.host,
            row.pid,
            row.version,
            Role(row.role),
            row.started_at,
            row.until,
            _state(is_over=row.is_over, is_draining=row.is_draining),
            row.accounts,
            [seat for seat, instance in sitting.items() if instance == row.id],
        )
        for row in rows
    ]


def _state(*, is_over: bool, is_draining: bool) -> Condition:
    if is_over:
        return Condition.SILENT
    return Condition.DRAINING if is_draining else Condition.WELL
