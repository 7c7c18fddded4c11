"""Instances: one running process each, and whether it stopped gracefully."""

from enum import StrEnum

from sqlalchemy import insert, select, update

from storage.schema import instances
from storage.tx import Tx


class Before(StrEnum):
    """How the last process on this database ended."""

    NOTHING = "first start"
    GRACEFUL = "started after a graceful stop"
    CRASH = "started after a crash"


async def start(tx: Tx, instance_id: str, *, host: str, pid: int, version: str) -> Before:
    """Record a start, and tell how the process before ended (S1.2)."""
    before = await tx.one(
        select(instances.c.stopped_at).order_by(instances.c.started_at.desc()).limit(1)
    )
    await tx.execute(
        insert(instances).values(
            id=instance_id, host=host, pid=pid, version=version, started_at=tx.now
        )
    )
    if before is None:
        return Before.NOTHING
    return Before.GRACEFUL if before.stopped_at else Before.CRASH


async def stop(tx: Tx, instance_id: str) -> None:
    """Record a graceful stop."""
    await tx.execute(
        update(instances).where(instances.c.id == instance_id).values(stopped_at=tx.now)
    )
