"""The journal: who did what to which account, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, select

from storage.schema import events
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    kind: str
    account_id: int | None
    actor: str
    cause: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often something happened: within the last hour, the last day, and in all."""

    hour: int = 0
    day: int = 0
    all: int = 0
    """Since the journal begins, which keeps its entries for a while only."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How an account's line fared."""

    reconnects: Counts = field(default_factory=Counts)
    """How often it came up."""
    failures: Counts = field(default_factory=Counts)
    """How often a line dropped, or an attempt at one failed."""


_ONLINE = "state.online"
_DOWN = ("state.retrying", "state.failed", "state.waiting", "state.needs_login", "state.banned")


async def note(
    tx: Tx,
    kind: str,
    *,
    actor: str,
    account_id: int | None = None,
    cause: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry. No secrets.

    `actor` is "mooring", "command line", "operator 123" or "stranger 123".
    """
    await tx.execute(
        insert(events).values(
            at=tx.now,
            kind=kind,
            account_id=account_id,
            actor=actor,
            cause=cause,
            data=dict(data or {}),
        )
    )


_INSERT = insert(events)


async def note_all(tx: Tx, entries: Sequence[Entry]) -> None:
    """Add entries with times of their own. No secrets."""
    if entries:
        await tx.execute(_INSERT, [asdict(entry) for entry in entries])


async def latest(
    tx: Tx,
    *,
    account_id: int | None = None,
    kind: str = "",
    since: datetime | None = None,
    limit: int = 20,
) -> list[Entry]:
    """The latest entries, newest first. `kind` is what their kind begins with."""
    statement = select(events).order_by(events.c.id.desc()).limit(limit)
    if account_id is not None:
        statement = statement.where(events.c.account_id == account_id)
    if kind:
        statement = statement.where(events.c.kind.startswith(kind, autoescape=True))
    if since is not None:
        statement = statement.where(events.c.at >= since)
    return [
        Entry(r.at, r.kind, r.account_id, r.actor, r.cause, r.data)
        for r in await tx.all(statement)
    ]


async def tallies(tx: Tx, *, account_id: int | None = None) -> dict[int, Tally]:
    """The tallies by account, of all or of one; an account with no entries is not in it.

    Reads the whole journal where it is for all: seconds, where that has a million entries.
    """
    is_up = events.c.kind == _ONLINE
    # What has no cause was ordered by somebody.
    has_failed = events.c.kind.in_(_DOWN) & (events.c.cause != "")
    hour, day = (events.c.at >= tx.now - timedelta(hours=h) for h in (1, 24))
    counted = (
        _count(what, within) for what in (is_up, has_failed) for within in (hour, day, None)
    )
    # An expression, or SQLite would group along the index and look each entry up by itself.
    number = events.c.account_id + 0
    statement = (
        select(number, *counted)
        .where(events.c.kind.in_([_ONLINE, *_DOWN]), events.c.account_id.is_not(None))
        .group_by(number)
    )
    if account_id is not None:
        statement = statement.where(events.c.account_id == account_id)
    return {row[0]: Tally(Counts(*row[1:4]), Counts(*row[4:7])) for row in await tx.all(statement)}


def _count(what: ColumnElement[bool], within: ColumnElement[bool] | None) -> ColumnElement[int]:
    counted = what if within is None else what & within
    return func.count(case((counted, 1)))


async def forget_before(tx: Tx, before: datetime, *, limit: int) -> int:
    """Delete the oldest entries made before, at most `limit`; returns how many went."""
    oldest = (
        select(events.c.id).where(events.c.at < before).order_by(events.c.at).limit(limit)
    ).scalar_subquery()
    result = await tx.execute(delete(events).where(events.c.id.in_(oldest)))
    return result.rowcount
