"""Checks of proxies: what each found, and how a proxy fared."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage.proxies import CHANGED
from storage.schema import proxies, proxy_checks
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found; a change for the writer."""

    proxy_id: int
    at: datetime
    fault: str
    """Why it failed; empty where it did not."""
    latency_ms: int | None = None

    @property
    def key(self) -> Hashable:
        return "proxy", self.proxy_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Check"]) -> Sequence[None]:
        rows = [
            {
                "proxy": c.proxy_id,
                "checked_at": c.at,
                "fault": c.fault,
                "latency_ms": c.latency_ms,
            }
            for c in changes
        ]
        await tx.execute(update(proxies).where(proxies.c.id == bindparam("proxy")), rows)
        known = {row.id for row in await tx.all(select(proxies.c.id))}
        lines = [
            {
                "proxy_id": c.proxy_id,
                "at": c.at,
                "fault": c.fault,
                "latency_ms": c.latency_ms,
            }
            for c in changes
            if c.proxy_id in known
        ]
        if lines:
            await tx.execute(insert(proxy_checks), lines)
        tx.wake(CHANGED)
        return [None] * len(changes)


@dataclass(frozen=True, slots=True)
class Record:
    """How a proxy fared since some time: how many checks, how many were well, how slow."""

    checks: int
    well: int
    latency_ms: int | None
    """The mean of those that were well."""

    @property
    def uptime(self) -> float | None:
        """The share of checks that were well; None where there was none."""
        return self.well / self.checks if self.checks else None


async def records(tx: Tx, since: datetime) -> dict[int, Record]:
    """How the proxies fared since then, by their ids; one with no check is not in it."""
    is_well = proxy_checks.c.fault == ""
    rows = await tx.all(
        select(
            proxy_checks.c.proxy_id,
            func.count().label("checks"),
            func.count().filter(is_well).label("well"),
            func.avg(proxy_checks.c.latency_ms).filter(is_well).label("latency"),
        )
        .where(proxy_checks.c.at >= since)
        .group_by(proxy_checks.c.proxy_id)
    )
    return {
        row.proxy_id: Record(
            row.checks, row.well, None if row.latency is None else round(row.latency)
        )
        for row in rows
    }


async def latest(tx: Tx, proxy_id: int, *, limit: int = 20) -> list[Check]:
    """The proxy's latest checks, newest first."""
    rows = await tx.all(
        select(proxy_checks)
        .where(proxy_checks.c.proxy_id == proxy_id)
        .order_by(proxy_checks.c.id.desc())
        .limit(limit)
    )
    return [Check(row.proxy_id, row.at, row.fault, row.latency_ms) for row in rows]


async def forget_before(tx: Tx, before: datetime, *, limit: int) -> int:
    """Delete the oldest checks made before, at most `limit`; returns how many went."""
    oldest = (
        select(proxy_checks.c.id)
        .where(proxy_checks.c.at < before)
        .order_by(proxy_checks.c.at)
        .limit(limit)
    ).scalar_subquery()
    result = await tx.execute(delete(proxy_checks).where(proxy_checks.c.id.in_(oldest)))
    return result.rowcount
