"""The journal: who did what to which account, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

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


async def note_all(tx: Tx, entries: Sequence[Entry]) -> None:
    """Add entries with times of their own. No secrets."""
    if entries:
        await tx.execute(insert(events), [asdict(entry) for entry in entries])


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


async def forget_before(tx: Tx, before: datetime, *, limit: int) -> int:
    """Delete the oldest entries made before, at most `limit`; returns how many went."""
    oldest = (
        select(events.c.id).where(events.c.at < before).order_by(events.c.at).limit(limit)
    ).scalar_subquery()
    result = await tx.execute(delete(events).where(events.c.id.in_(oldest)))
    return result.rowcount
