"""Leases: the right of an instance to hold lines, on PostgreSQL.

An instance renews one row, however many accounts it owns. All times are the server's own clock
(`clock_timestamp()`, for `now()` stands still within a transaction). Who takes over waits until
Telegram's timer has closed what the former owner may have left open: docs/lease_model/.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import commands, ownership
from storage.errors import Fenced
from storage.schema import UtcTime, accounts, instances, leases, seats, timelines
from storage.tx import Tx

TTL = timedelta(seconds=15)
TAKEOVER_AFTER = timedelta(seconds=30)
"""From a lease's end until others may take over what it covered.

The owner's last ping leaves 3 s before the lease's end at the latest, and asks Telegram to close
the line 25 s after it arrives: 22 s, and 8 s for the ping's way and for clocks that drift.
"""
RECENT = timedelta(seconds=3)
"""A lease that still lasts so long was renewed while its owner was well: 12 s ago at most."""
SETTLING = TTL + TAKEOVER_AFTER
"""On a new timeline nothing is taken over for so long: the rows may tell an older story, and
whoever lived by the newer one must have noticed by then."""

CHANGED = "leases"
"""Topic: an instance came, went or was told to drain."""

_CLOCK = func.clock_timestamp(type_=UtcTime)
_TIMELINE = func.substr(func.pg_walfile_name(func.pg_current_wal_lsn()), 1, 8)
"""The timeline that is written to now; the control file's follows at the next checkpoint."""


def is_past(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether that time is over, by the server's clock."""
    return at < _CLOCK


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal saw: a surprise in it means that the rows were set back, or taken away."""

    timeline: str
    owned: int
    epochs: int
    """The sum of the epochs of what it owns."""
    is_draining: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """An instance that may hold lines."""

    instance: str
    accounts: int
    """How many it owns; 0 where they were not counted."""
    runs_userbots: bool
    is_draining: bool
    """It hands over what it has, or has ended and left its lease to run out."""
    is_over: bool
    """Its time has run out, and it was not renewed."""


async def take(tx: Tx, instance: str, *, runs_userbots: bool) -> str:
    """Begin one for an instance that has its row; returns the server's timeline.

    What is owned by nobody who has a lease, which no version of this one leaves behind, is freed.
    """
    await tx.execute(
        insert(leases).values(instance=instance, until=_CLOCK + TTL, runs_userbots=runs_userbots)
    )
    tx.wake(CHANGED)
    timeline = await _timeline(tx)
    if await is_settled(tx):
        await ownership.free_orphans(tx)
    return timeline


async def renew(tx: Tx, instance: str) -> Renewal:
    """Make it last another `TTL` from now on. Raises `Fenced` where others have ended it."""
    mine = accounts.c.owner == instance
    renewed = await tx.one(
        update(leases)
        .where(leases.c.instance == instance)
        .values(until=_CLOCK + TTL)
        .returning(
            _TIMELINE.label("timeline"),
            select(func.count()).where(mine).scalar_subquery().label("owned"),
            select(func.coalesce(func.sum(accounts.c.epoch), 0))
            .where(mine)
            .scalar_subquery()
            .label("epochs"),
            select(instances.c.is_draining)
            .where(instances.c.id == instance)
            .scalar_subquery()
            .label("is_draining"),
        )
    )
    if renewed is None:
        raise Fenced
    return Renewal(renewed.timeline, renewed.owned, int(renewed.epochs), bool(renewed.is_draining))


async def page(tx: Tx, *, with_counts: bool = True) -> list[Lease]:
    """All that have not been ended, by the age of their instances.

    Without the counts it costs the same however many accounts there are.
    """
    count = select(func.count()).where(accounts.c.owner == leases.c.instance).scalar_subquery()
    owned = count if with_counts else literal(0)
    rows = await tx.all(
        select(
            leases,
            or_(instances.c.is_draining, instances.c.stopped_at.is_not(None)).label("is_draining"),
            is_past(leases.c.until).label("is_over"),
            owned.label("accounts"),
        )
        .join(instances, instances.c.id == leases.c.instance)
        .order_by(instances.c.started_at, leases.c.instance)
    )
    return [
        Lease(row.instance, row.accounts, row.runs_userbots, row.is_draining, row.is_over)
        for row in rows
    ]


async def pids_at(tx: Tx, place: str) -> dict[str, int]:
    """The instances with a lease whose process numbers mean something there, with these.

    Without those that had not renewed it for long: before they went they were cut off, perhaps
    from Telegram too, which may have heard nothing of their end.
    """
    rows = await tx.all(
        select(instances.c.id, instances.c.pid)
        .join(leases, leases.c.instance == instances.c.id)
        .where(instances.c.place == place, leases.c.until > _CLOCK + RECENT)
    )
    return {row.id: row.pid for row in rows}


async def nobody_waits_for(tx: Tx, gone: Collection[str], *, goes_on: bool) -> list[str]:
    """Those of the gone that left no lines, and all of them where nobody else runs userbots.

    `goes_on`: who asks is about to run userbots itself.

    Who begins then on the same machine goes on where they were, over the same ways: to Telegram
    it is a reconnect. Others, silent ones too, may reach it by ways of their own, while it has not
    heard that the lines of the gone were closed: they wait as for one that fell silent.
    """
    rows = await tx.all(select(leases.c.instance).where(leases.c.runs_userbots))
    had_lines = {row.instance for row in rows}
    is_first = goes_on and not had_lines - set(gone)
    return [each for each in gone if is_first or each not in had_lines]


async def end(tx: Tx, instance: str, *, is_dead: bool = False) -> int:
    """Give it up, with all that it owned; returns how many accounts are free now.

    Only where every line of the instance is closed: others dial at once. `is_dead`: others end
    it, and what it had is remembered as left behind.
    """
    result = await tx.execute(delete(leases).where(leases.c.instance == instance))
    if result.rowcount == 0:
        return 0
    freed = await ownership.free_all(tx, instance, is_dead=is_dead)
    await commands.leave(tx, instance)
    await tx.execute(delete(seats).where(seats.c.instance == instance))
    tx.wake(CHANGED)
    return freed


async def leave(tx: Tx, instance: str) -> None:
    """Leave it to run out: what it still owns may have an open line, although its process is gone.

    So those on the same machine must not end it early. What else it had is for others at once.
    """
    await tx.execute(update(instances).where(instances.c.id == instance).values(place=""))
    await commands.leave(tx, instance)
    await tx.execute(delete(seats).where(seats.c.instance == instance))


async def is_settled(tx: Tx) -> bool:
    """Whether anything may be taken over on this timeline; not on one that nobody noted yet."""
    other = timelines.alias("other")
    is_first = ~exists().where(other.c.id != timelines.c.id)
    is_old = timelines.c.seen_at < _CLOCK - SETTLING
    settled = select(timelines.c.id).where(timelines.c.id == _TIMELINE, is_first | is_old)
    return await tx.one(settled) is not None


async def bury(tx: Tx) -> Sequence[tuple[str, int]]:
    """End the leases of the dead; each with how many accounts it leaves behind.

    A lease whose instance is in the middle of a transaction is left for the next time.
    """
    if not await is_settled(tx):
        return []
    dead = await tx.all(
        select(leases.c.instance)
        .where(leases.c.until + TAKEOVER_AFTER < _CLOCK)
        .with_for_update(skip_locked=True)
    )
    return [(row.instance, await bury_one(tx, row.instance) or 0) for row in dead]


async def bury_one(tx: Tx, instance: str) -> int | None:
    """End the lease of one of which it is known that its process is gone, with every socket.

    Returns how many accounts it leaves behind; None where others were first.
    """
    mine = select(leases.c.until).where(leases.c.instance == instance).with_for_update()
    lease = await tx.one(mine)
    if lease is None:
        return None
    freed = await end(tx, instance, is_dead=True)
    heard_at = lease.until - TTL  # by the server's clock, which `ownership` compares it with
    await tx.execute(
        update(instances)
        .where(instances.c.id == instance)
        .values(died_at=heard_at, left_behind=freed)
    )
    return freed


async def drain(tx: Tx, instance: str) -> bool:
    """Tell an instance to hand over what it has and end; False where it is gone."""
    alive = select(leases.c.instance).where(leases.c.instance == instance).exists()
    result = await tx.execute(
        update(instances).where(instances.c.id == instance, alive).values(is_draining=True)
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def _timeline(tx: Tx) -> str:
    """The server's timeline, noted where it is new."""
    its_own = select(_TIMELINE.label("id"), _CLOCK.label("seen_at"))
    await tx.execute(
        insert(timelines).from_select(["id", "seen_at"], its_own).on_conflict_do_nothing()
    )
    row = await tx.one(its_own)
    return str(row.id) if row else ""
