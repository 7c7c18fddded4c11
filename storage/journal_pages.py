"""The journal a page at a time. A page is named by its edge, so that new entries shift none."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from storage.journal import Entry
from storage.schema import events
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Page:
    """Entries with their ids, the newest first, and whether there are others beyond."""

    entries: Sequence[tuple[int, Entry]]
    has_newer: bool
    has_older: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries."""

    account_id: int | None = None
    kinds: Sequence[str] = ()
    """What their kinds begin with; empty: all."""
    but: Sequence[str] = ()
    """Kinds that are left out."""


async def page(
    tx: Tx, wanted: Wanted, *, older_than: int = 0, newer_than: int = 0, limit: int = 10
) -> Page:
    """Up to `limit` entries next to an edge; without one, the newest of all."""
    statement = select(events)
    if wanted.account_id is not None:
        statement = statement.where(events.c.account_id == wanted.account_id)
    if wanted.kinds:
        begins = (events.c.kind.startswith(kind, autoescape=True) for kind in wanted.kinds)
        statement = statement.where(or_(*begins))
    if wanted.but:
        statement = statement.where(events.c.kind.not_in(wanted.but))
    older = statement.order_by(events.c.id.desc())
    newer = statement.order_by(events.c.id)
    if newer_than:
        rows = await tx.all(newer.where(events.c.id > newer_than).limit(limit + 1))
        has_newer, rows = len(rows) > limit, rows[:limit][::-1]
        edge = rows[-1].id if rows else newer_than + 1
        beyond = await tx.one(older.where(events.c.id < edge).limit(1))
        has_older = beyond is not None
    else:
        if older_than:
            older = older.where(events.c.id < older_than)
        rows = await tx.all(older.limit(limit + 1))
        has_older, rows = len(rows) > limit, rows[:limit]
        edge = rows[0].id if rows else older_than - 1
        beyond = await tx.one(newer.where(events.c.id > edge).limit(1)) if older_than else None
        has_newer = beyond is not None
    entries = [(r.id, Entry(r.at, r.kind, r.account_id, r.actor, r.cause, r.data)) for r in rows]
    return Page(entries, has_newer, has_older)
