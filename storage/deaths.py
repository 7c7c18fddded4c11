"""Instances that died: what each left behind, and how much of that is back. On PostgreSQL only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select

from storage import incidents, journal, lease
from storage.incidents import About
from storage.instances import Role
from storage.lease import is_past
from storage.schema import accounts, instances, leases
from storage.schema import incidents as incidents_table
from storage.tx import Tx

_LIVING = select(instances.c.host, instances.c.place, instances.c.pid).join(
    leases, leases.c.instance == instances.c.id
)
_PREFIX = "instance "
_ON_ITS_WAY = ("ONLINE", "CONNECTING", "RETRYING")
"""States of an account that is about to be connected again; ONLINE is from before."""
_FOR_OTHERS = ("WAITING", "FAILED", "NEEDS_LOGIN", "BANNED")
"""States that are told by themselves."""


@dataclass(frozen=True, slots=True)
class Death:
    """An instance that died, and how it stands with what it had."""

    instance: str
    host: str
    place: str
    pid: int
    role: Role
    died_at: datetime
    """When it was heard of last."""
    accounts: int
    """How many it had."""
    waiting: int
    """Those of them that are not connected again, and of which nothing else is told."""
    troubled: int
    """Those of them of which something else is told."""
    heirs: int
    """How many others run userbots now."""
    has_left: bool
    """Whether it ended by itself, and left its lease to run out."""

    @property
    def back(self) -> int:
        return max(0, self.accounts - self.waiting - self.troubled)


def subject(instance: str) -> str:
    """What the incident of its death is about."""
    return f"{_PREFIX}{instance}"


def instance_of(about: str | None) -> str | None:
    """The instance that an incident with this subject is about, if it is about one."""
    is_one = about is not None and about.startswith(_PREFIX)
    return about.removeprefix(_PREFIX) if about and is_one else None


async def bury_silent(tx: Tx) -> Sequence[tuple[str, int]]:
    """End the leases of those that were silent for long, and record each death.

    Returns each with how many accounts it leaves behind.
    """
    buried = await lease.bury(tx)
    for instance, _ in buried:
        await note(tx, instance)
    return buried


async def bury_gone(
    tx: Tx, gone: Iterable[str], *, goes_on: bool = True
) -> Sequence[tuple[str, int]]:
    """End the leases of those whose processes are known to be gone, and record each death.

    Only of those that nobody has to wait for (`lease.nobody_waits_for`): `goes_on` where the
    caller runs userbots. Returns each with how many accounts it leaves behind, without those that
    others have buried first.
    """
    at_once = await lease.nobody_waits_for(tx, list(gone), goes_on=goes_on)
    ended = [(instance, await lease.bury_one(tx, instance)) for instance in at_once]
    buried = [(instance, freed) for instance, freed in ended if freed is not None]
    for instance, _ in buried:
        await note(tx, instance)
    return buried


async def note(tx: Tx, instance: str) -> None:
    """Record that it was found dead, and have the admin chat told where others are there.

    Not of one that ended by itself and left its lease to run out, nor of one whose process goes
    on as another instance: it was cut off from the database, which is told by itself.
    """
    dead = await of(tx, instance)
    if dead is None or dead.has_left:
        return
    cause = f"process {dead.pid} on {dead.host}, with {dead.accounts} accounts"
    data = {"instance": instance, "host": dead.host, "pid": dead.pid, "accounts": dead.accounts}
    await journal.note(tx, "instance.died", actor="mooring", cause=cause, data=data)
    others = {(row.host, row.place, row.pid) for row in await tx.all(_LIVING)}
    if others and (dead.host, dead.place, dead.pid) not in others:
        await incidents.open_about(tx, subject(instance), About.INSTANCE_DIED, cause=cause)


async def of(tx: Tx, instance: str) -> Death | None:
    """How it stands with that one; None where it did not die, or that is long ago."""
    row = await tx.one(
        select(
            instances,
            _count(instance, _is_waiting()).label("waiting"),
            _count(instance, _is_troubled()).label("troubled"),
            _heirs(instance).label("heirs"),
        ).where(instances.c.id == instance, instances.c.died_at.is_not(None))
    )
    if row is None:
        return None
    return Death(
        row.id,
        row.host,
        row.place,
        row.pid,
        Role(row.role),
        row.died_at,
        row.left_behind,
        row.waiting,
        row.troubled,
        row.heirs,
        row.stopped_at is not None and not row.place,
    )


async def open_ones(tx: Tx) -> dict[str, Death | None]:
    """How it stands with those whose incidents are open, by their subjects."""
    subjects = await incidents.open_subjects(tx, About.INSTANCE_DIED)
    return {about: await of(tx, instance_of(about) or "") for about in sorted(subjects)}


def _heirs(instance: str) -> ScalarSelect[int]:
    other = instances.alias("other")
    return (
        select(func.count())
        .select_from(leases.join(other, other.c.id == leases.c.instance))
        .where(
            leases.c.instance != instance,
            leases.c.runs_userbots,
            ~is_past(leases.c.until),
            other.c.is_draining.is_(False),
            other.c.stopped_at.is_(None),
        )
        .scalar_subquery()
    )


def _count(instance: str, which: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many of what it left, and nobody has connected again, are so."""
    return (
        select(func.count())
        .select_from(accounts)
        .where(
            accounts.c.left_by == instance,
            accounts.c.desired == "RUN",
            accounts.c.removed_at.is_(None),
            which,
        )
        .scalar_subquery()
    )


def _is_told() -> ColumnElement[bool]:
    return (
        select(incidents_table.c.id)
        .where(
            incidents_table.c.account_id == accounts.c.id, incidents_table.c.closed_at.is_(None)
        )
        .exists()
    )


def _is_waiting() -> ColumnElement[bool]:
    return and_(accounts.c.state.in_(_ON_ITS_WAY), ~_is_told())


def _is_troubled() -> ColumnElement[bool]:
    return or_(accounts.c.state.in_(_FOR_OTHERS), _is_told())
