"""The journal: who did what to which account, when and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

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
    """Add an entry. `actor` is "mooring", "operator 123" or "stranger 123"; no secrets."""
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


async def latest(tx: Tx, *, account_id: int | None = None, limit: int = 20) -> list[Entry]:
    """The latest entries, newest first."""
    statement = select(events).order_by(events.c.id.desc()).limit(limit)
    if account_id is not None:
        statement = statement.where(events.c.account_id == account_id)
    return [
        Entry(r.at, r.kind, r.account_id, r.actor, r.cause, r.data)
        for r in await tx.all(statement)
    ]
