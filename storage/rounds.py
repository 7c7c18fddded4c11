"""Rounds: one order for many accounts, a command each, written together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage import commands
from storage.schema import commands as table
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Part:
    """The order for one account."""

    account_id: int
    outcome: Mapping[str, Any] | None
    """None while it waits or is carried out."""


@dataclass(frozen=True, slots=True)
class Round:
    """How far such an order is."""

    id: int
    """Its first command's."""
    kind: str
    parts: Sequence[Part]

    @property
    def done(self) -> int:
        return sum(part.outcome is not None for part in self.parts)

    @property
    def is_over(self) -> bool:
        return self.done == len(self.parts)


async def order(
    tx: Tx,
    kind: str,
    account_ids: Sequence[int],
    *,
    by: int,
    args: Mapping[str, Any] | None = None,
) -> int:
    """Order it of all of these; returns the round's id. Raises LookupError where there are none.

    Who has the same order before them already gets no second one; where all have, the round is
    the one that is under way.
    """
    await tx.lock("rounds")
    waiting = await tx.all(
        select(table.c.id, table.c.account_id)
        .where(table.c.state != "DONE", table.c.kind == kind)
        .order_by(table.c.id)
    )
    under_way = {row.account_id: row.id for row in waiting}
    ids = [
        await commands.order(tx, kind, account_id=number, args=args, ordered_by=by)
        for number in account_ids
        if number not in under_way
    ]
    ids += [under_way[number] for number in account_ids if number in under_way]
    if not ids:
        raise LookupError("a round of no accounts")
    return ids[0]


async def get(tx: Tx, round_id: int) -> Round | None:
    """How far the round is; None where there is none of that id."""
    first = await tx.one(select(table).where(table.c.id == round_id))
    if first is None:
        return None
    # Ordered in one transaction, so all have its time.
    rows = await tx.all(
        select(table.c.account_id, table.c.state, table.c.outcome)
        .where(
            table.c.id >= round_id,
            table.c.created_at == first.created_at,
            table.c.kind == first.kind,
            table.c.account_id.is_not(None),
        )
        .order_by(table.c.id)
    )
    parts = [Part(r.account_id, r.outcome if r.state == "DONE" else None) for r in rows]
    return Round(round_id, first.kind, parts) if parts else None
