"""Liveness: what each process last said of itself and of its lines, one row a process.

One row, since every line is proven every 15 s: ten thousand rows would be written as often.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, null, select

from storage.instances import Role
from storage.schema import instances, liveness
from storage.tx import Tx

SILENT_AFTER = timedelta(seconds=45)
"""A process that said nothing for three beats is taken for dead."""
KEPT = timedelta(days=1)
"""How long the last word of a process that is gone is kept."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line that is up: its last answer, and how long the last ping took."""

    answered_at: datetime
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process says of itself; a change for the group-commit writer."""

    instance: str
    at: datetime
    monitor_at: datetime | None = None
    """When its monitor looked last."""
    lines: Mapping[int, LineFacts] = field(default_factory=dict)
    """The lines that are up, by account."""

    @property
    def key(self) -> Hashable:
        return "beat", self.instance

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Beat"]) -> Sequence[None]:
        last = {beat.instance: beat for beat in changes}
        await tx.upsert(liveness, [_row(beat) for beat in last.values()], keys=["instance"])
        return [None] * len(changes)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process that runs userbots, or did."""

    id: str
    host: str
    pid: int
    started_at: datetime
    stopped_at: datetime | None
    beat: Beat | None
    """Its last word; None where it has said none yet, or that is long ago."""
    role: Role = Role.RUN
    died_at: datetime | None = None
    """When it was heard of last, where others found it dead."""

    @property
    def heard_at(self) -> datetime:
        """When it was heard of last."""
        return max(self.started_at, self.beat.at) if self.beat else self.started_at

    def is_alive(self, now: datetime) -> bool:
        """Whether it still speaks. A process that was killed never says that it stopped."""
        has_ended = self.stopped_at is not None or self.died_at is not None
        return not has_ended and now - self.heard_at < SILENT_AFTER

    def is_silent(self, now: datetime) -> bool:
        """Whether it neither speaks nor is known to have ended."""
        has_ended = self.stopped_at is not None or self.died_at is not None
        return not has_ended and not self.is_alive(now)


async def page(tx: Tx, *, with_lines: bool = True) -> list[Instance]:
    """Of the processes that run userbots: the newest, and all that spoke within a day.

    The newest first. Without the lines it costs the same however many accounts there are.
    """
    runs_userbots = instances.c.role != Role.CONTROL
    newest = (
        select(instances.c.id)
        .where(runs_userbots)
        .order_by(instances.c.started_at.desc())
        .limit(1)
    )
    lines = liveness.c.lines if with_lines else null().label("lines")
    rows = await tx.all(
        select(instances, liveness.c.at, liveness.c.monitor_at, lines)
        .outerjoin(liveness, liveness.c.instance == instances.c.id)
        .where(liveness.c.at.is_not(None) | (instances.c.id == newest.scalar_subquery()))
        .order_by(instances.c.started_at.desc())
    )
    return [_instance(row) for row in rows]


async def forget_silent(tx: Tx) -> None:
    """Delete the last words of processes that were not heard of for a day."""
    await tx.execute(delete(liveness).where(liveness.c.at < tx.now - KEPT))


def _row(beat: Beat) -> dict[str, Any]:
    lines = {
        str(number): [line.answered_at.timestamp(), line.latency_ms]
        for number, line in beat.lines.items()
    }
    return {
        "instance": beat.instance,
        "at": beat.at,
        "monitor_at": beat.monitor_at,
        "lines": lines,
    }


def _instance(row: Row[Any]) -> Instance:
    beat = None
    if row.at is not None:
        lines = {
            int(number): LineFacts(datetime.fromtimestamp(answered, UTC), latency_ms)
            for number, (answered, latency_ms) in (row.lines or {}).items()
        }
        beat = Beat(row.id, row.at, row.monitor_at, lines)
    return Instance(
        row.id,
        row.host,
        row.pid,
        row.started_at,
        row.stopped_at,
        beat,
        Role(row.role),
        row.died_at,
    )
