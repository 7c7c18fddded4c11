"""Instances: one running process each, and whether it stopped gracefully."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, exists, func, insert, or_, select, update

from storage.schema import accounts, incidents, instances, leases, liveness
from storage.tx import Tx


class Before(StrEnum):
    """How the last process on this database ended."""

    NOTHING = "first start"
    GRACEFUL = "started after a graceful stop"
    CRASH = "started after a crash"
    BESIDE = "started beside others"


class Role(StrEnum):
    """What an instance does."""

    RUN = "run"
    """Userbots and the bot."""
    WORKER = "worker"
    """Userbots only."""
    CONTROL = "control"
    """The bot only."""

    @property
    def runs_userbots(self) -> bool:
        return self is not Role.CONTROL

    @property
    def runs_bot(self) -> bool:
        return self is not Role.WORKER


async def start(
    tx: Tx,
    instance_id: str,
    *,
    host: str,
    pid: int,
    version: str,
    role: Role = Role.RUN,
    place: str = "",
) -> Before:
    """Record a start, and tell how the process before ended (S1.2)."""
    is_beside = await tx.one(select(leases.c.instance).limit(1)) is not None
    before = await tx.one(
        select(instances.c.stopped_at).order_by(instances.c.started_at.desc()).limit(1)
    )
    await tx.execute(
        insert(instances).values(
            id=instance_id,
            host=host,
            pid=pid,
            place=place,
            version=version,
            role=role,
            started_at=tx.now,
        )
    )
    if is_beside:
        return Before.BESIDE
    if before is None:
        return Before.NOTHING
    return Before.GRACEFUL if before.stopped_at else Before.CRASH


async def stop(tx: Tx, instance_id: str) -> bool:
    """Record a graceful stop; True where it was told to hand over and end, and has done so."""
    stopped = await tx.one(
        update(instances)
        .where(instances.c.id == instance_id)
        .values(stopped_at=tx.now)
        .returning(instances.c.is_draining, instances.c.died_at)
    )
    return stopped is not None and stopped.is_draining and stopped.died_at is None


async def is_draining(tx: Tx, instance_id: str) -> bool:
    """Whether it was told to hand over what it has and end."""
    row = await tx.one(select(instances.c.is_draining).where(instances.c.id == instance_id))
    return row is not None and row.is_draining


async def places(tx: Tx, ids: Collection[str]) -> dict[str, tuple[str, int]]:
    """The host and the process number of each of these, also of those that have ended."""
    rows = await tx.all(
        select(instances.c.id, instances.c.host, instances.c.pid).where(instances.c.id.in_(ids))
    )
    return {row.id: (row.host, row.pid) for row in rows}


async def forget_gone(tx: Tx, before: datetime) -> int:
    """Delete the rows of those that ended before; returns how many. The newest row stays.

    One that was killed on SQLite never says when it ended: for it, its start counts.
    """
    newest = select(instances.c.id).order_by(instances.c.started_at.desc()).limit(1)
    speaks = exists().where(liveness.c.instance == instances.c.id)
    is_needed = exists().where(leases.c.instance == instances.c.id)
    owns = exists().where(accounts.c.owner == instances.c.id)
    ended_at = func.coalesce(instances.c.stopped_at, instances.c.died_at, instances.c.started_at)
    result = await tx.execute(
        delete(instances).where(
            ended_at < before,
            instances.c.id.not_in(newest),
            ~speaks,
            ~is_needed,
            ~owns,
        )
    )
    return result.rowcount


@dataclass(frozen=True, slots=True)
class Off:
    """While no process ran."""

    since: datetime
    """When the last one stopped; of one that crashed, when it was heard of last."""
    until: datetime
    incidents: int
    """How many were open then."""


async def off_before(tx: Tx, instance_id: str) -> Off | None:
    """How long nothing ran before that process; None where it is the first, or they overlapped."""
    mine = await tx.one(select(instances.c.started_at).where(instances.c.id == instance_id))
    if mine is None:
        return None
    before = await tx.one(
        select(instances.c.started_at, instances.c.stopped_at, liveness.c.at)
        .outerjoin(liveness, liveness.c.instance == instances.c.id)
        .where(instances.c.started_at < mine.started_at)
        .order_by(instances.c.started_at.desc())
        .limit(1)
    )
    since = (before.stopped_at or before.at or before.started_at) if before else mine.started_at
    if since >= mine.started_at:
        return None
    went_on = or_(incidents.c.closed_at.is_(None), incidents.c.closed_at >= mine.started_at)
    found = await tx.one(
        select(func.count().label("open")).where(incidents.c.opened_at < mine.started_at, went_on)
    )
    return Off(since, mine.started_at, found.open if found else 0)
