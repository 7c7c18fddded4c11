"""What the admin chat is told of incidents: what waits, and what was said in which message."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, update

from storage import incidents
from storage.incidents import Incident
from storage.schema import accounts
from storage.schema import incidents as table
from storage.tx import Tx

NO_PROXY = 0
"""What stands for the way of accounts that have no proxy."""
_SHARED = ("offline", "failed")
"""Kinds that can have their cause in common with others."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An incident of which the chat does not know the end, and what counts for telling it."""

    incident: Incident
    importance: int = 0
    muted_until: datetime | None = None
    route: int = NO_PROXY
    """The proxy of its account."""
    owner: str = ""
    """The instance that has its account."""


async def unsettled(tx: Tx) -> list[Alert]:
    """Every incident that is open, or whose end was not told; oldest first."""
    rows = await tx.all(_UNSETTLED)
    return [
        Alert(
            incidents.of_row(row),
            row.importance or 0,
            row.muted_until,
            row.proxy_id or NO_PROXY,
            row.owner or "",
        )
        for row in rows
    ]


async def carried(tx: Tx) -> Mapping[int, int]:
    """How many lines are up by proxy; `NO_PROXY` stands for none."""
    route = func.coalesce(accounts.c.proxy_id, NO_PROXY).label("route")
    rows = await tx.all(
        select(route, func.count().label("lines"))
        .where(accounts.c.state == "ONLINE", accounts.c.removed_at.is_(None))
        .group_by(route)
    )
    return {row.route: row.lines for row in rows}


async def lines(tx: Tx) -> Mapping[str, int]:
    """How many lines are up by instance."""
    rows = await tx.all(
        select(accounts.c.owner, func.count().label("lines"))
        .where(
            accounts.c.state == "ONLINE",
            accounts.c.removed_at.is_(None),
            accounts.c.owner.is_not(None),
        )
        .group_by(accounts.c.owner)
    )
    return {row.owner: row.lines for row in rows}


async def set_told(
    tx: Tx, shown: Incident, told: str, *, chat_id: int | None, message_id: int | None
) -> None:
    """Record what was told ("open" or "closed"), and in which message.

    Where the incident has become another kind since it was `shown`, that is still to be told.
    """
    is_same = table.c.kind == shown.kind
    fresh: dict[str, object] = {
        "told": case((is_same, told), else_=""),
        "chat_id": chat_id,
        "message_id": message_id,
    }
    if shown.message_id is None:
        fresh["reminded_at"] = case((is_same, tx.now), else_=None)
    await tx.execute(update(table).where(table.c.id == shown.id).values(fresh))


async def join(
    tx: Tx, numbers: Collection[int], cause_key: str, place: tuple[int, int] | None
) -> None:
    """From now on these share a message: that one, or one that is yet to be sent."""
    chat_id, message_id = place or (None, None)
    await tx.execute(
        update(table)
        .where(table.c.id.in_(numbers), table.c.kind.in_(_SHARED), table.c.message_id.is_(None))
        .values(cause_key=cause_key, chat_id=chat_id, message_id=message_id)
    )


async def set_told_together(
    tx: Tx, numbers: Collection[int], cause_key: str, *, chat_id: int, message_id: int
) -> None:
    """Record where those that share a message have it."""
    # What has ended meanwhile as another kind is in no message of others any more.
    await tx.execute(
        update(table)
        .where(table.c.id.in_(numbers), table.c.cause_key == cause_key)
        .values(told="open", chat_id=chat_id, message_id=message_id)
    )


async def settle(tx: Tx, numbers: Collection[int]) -> None:
    """The end of these is told, or nobody is to hear of them. Those still open stay."""
    await tx.execute(
        update(table)
        .where(table.c.id.in_(numbers), table.c.closed_at.is_not(None))
        .values(told="closed")
    )


async def take_reply(tx: Tx, numbers: Collection[int]) -> bool:
    """Count the reply at their end as sent; False where it was already."""
    result = await tx.execute(
        update(table)
        .where(table.c.id.in_(numbers), table.c.replied_at.is_(None))
        .values(replied_at=tx.now)
    )
    return result.rowcount == len(numbers)


async def give_reply_back(tx: Tx, numbers: Collection[int]) -> None:
    """It certainly was not sent after all."""
    await tx.execute(update(table).where(table.c.id.in_(numbers)).values(replied_at=None))


async def set_reminded(tx: Tx, number: int, at: datetime | None) -> None:
    """When it was said last that it is open; None: that was never said aloud."""
    await tx.execute(update(table).where(table.c.id == number).values(reminded_at=at))


async def sharing(tx: Tx, number: int) -> list[int]:
    """The accounts that wait for the same as that incident's, and are in its message."""
    row = await tx.one(
        select(table.c.cause_key, table.c.chat_id, table.c.message_id).where(table.c.id == number)
    )
    if row is None or row.cause_key is None:
        return []
    rows = await tx.all(
        select(table.c.account_id)
        .where(
            table.c.cause_key == row.cause_key,
            table.c.chat_id == row.chat_id,
            table.c.message_id == row.message_id,
            table.c.closed_at.is_(None),
            table.c.account_id.is_not(None),
        )
        .order_by(table.c.account_id)
    )
    return [each.account_id for each in rows]


_UNSETTLED = (
    select(
        table,
        accounts.c.importance,
        accounts.c.muted_until,
        accounts.c.proxy_id,
        accounts.c.owner,
    )
    .outerjoin(accounts, accounts.c.id == table.c.account_id)
    .where(table.c.told.in_(["", "open"]))
    .order_by(table.c.id)
)
