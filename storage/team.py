"""The instances that share a PostgreSQL database, as operators see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from storage import journal, lease
from storage import seats as seat_rows
from storage.instances import Role
from storage.lease import TTL, is_past
from storage.schema import UtcTime, accounts, instances, leases, recoveries
from storage.seats import Seat
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
    heard: timedelta
    """How long ago it renewed its lease, by the server's clock."""
    state: Condition
    accounts: int
    """How many it owns."""
    seats: Sequence[str]
    """What it alone does."""
    recovering: tuple[int, int] | None = None
    """How many accounts are back, and of how many, while its start brings them back."""

    @property
    def runs_userbots(self) -> bool:
        return self.role.runs_userbots


@dataclass(frozen=True, slots=True)
class Leaving:
    """An instance that may be told to go, and who could take over from it."""

    member: Member
    heirs: int
    """How many others that are well run userbots."""
    speakers: int
    """How many others that are well can talk with the operators."""

    @property
    def leaves_offline(self) -> bool:
        """Whether its accounts would be offline until another instance starts."""
        return self.member.runs_userbots and not self.heirs

    @property
    def leaves_silent(self) -> bool:
        """Whether nobody would answer the operators then."""
        return Seat.BOT in self.member.seats and not self.speakers

    @property
    def is_grave(self) -> bool:
        return self.leaves_offline or self.leaves_silent


async def members(tx: Tx) -> list[Member]:
    """All of them, the oldest first."""
    sitting = await seat_rows.holders(tx)
    recovering = await _recovering(tx)
    owned = select(func.count()).where(accounts.c.owner == leases.c.instance).scalar_subquery()
    rows = await tx.all(
        select(
            instances,
            leases.c.until,
            is_past(leases.c.until).label("is_over"),
            func.clock_timestamp(type_=UtcTime).label("seen_at"),
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
            max(timedelta(0), row.seen_at - (row.until - TTL)),
            _state(is_over=row.is_over, is_draining=row.is_draining),
            row.accounts,
            [seat for seat, instance in sitting.items() if instance == row.id],
            recovering.get(row.id),
        )
        for row in rows
    ]


def leaving(found: Sequence[Member], instance: str) -> Leaving | None:
    """Who could take over from that one; None where it is gone, or leaves already. Pure."""
    member = next((m for m in found if m.id == instance and m.state is Condition.WELL), None)
    if member is None:
        return None
    others = [m for m in found if m.id != instance and m.state is Condition.WELL]
    return Leaving(
        member, sum(m.runs_userbots for m in others), sum(m.role.runs_bot for m in others)
    )


async def drain(tx: Tx, instance: str, *, actor: str) -> bool:
    """Tell an instance to hand over what it has and end; False where it is gone."""
    if not await lease.drain(tx, instance):
        return False
    data = {"instance": instance}
    await journal.note(tx, "instance.drain_ordered", actor=actor, cause=instance, data=data)
    return True


async def _recovering(tx: Tx) -> dict[str, tuple[int, int]]:
    rows = await tx.all(
        select(recoveries.c.instance, recoveries.c.back, recoveries.c.total)
        .where(recoveries.c.ended_at.is_(None))
        .order_by(recoveries.c.id)
    )
    return {row.instance: (row.back, row.total) for row in rows}


def _state(*, is_over: bool, is_draining: bool) -> Condition:
    if is_over:
        return Condition.SILENT
    return Condition.DRAINING if is_draining else Condition.WELL
