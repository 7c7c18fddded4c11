"""Instances: one running process each, and whether it stopped gracefully."""

from sqlalchemy import insert, select, update

from storage.database import Tx
from storage.schema import instances


async def start(tx: Tx, instance_id: str, *, host: str, pid: int, version: str) -> bool:
    """Record a start; True where the one before ended without saying so: a crash."""
    before = await tx.one(
        select(instances.c.stopped_at).order_by(instances.c.started_at.desc()).limit(1)
    )
    await tx.execute(
        insert(instances).values(
            id=instance_id, host=host, pid=pid, version=version, started_at=tx.now
        )
    )
    return before is not None and before.stopped_at is None


async def stop(tx: Tx, instance_id: str) -> None:
    """Record a graceful stop."""
    await tx.execute(
        update(instances).where(instances.c.id == instance_id).values(stopped_at=tx.now)
    )
