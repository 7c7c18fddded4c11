"""What was to be sent, the newest first, whatever became of it: for lists."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from storage.delivery import Delivery, DeliveryState, of_row
from storage.schema import deliveries
from storage.tx import Tx

_USUAL = frozenset({DeliveryState.SENT, DeliveryState.SENT_BY_BOT, DeliveryState.CANCELLED})
"""How most deliveries end; of the others there are few at any time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; those that say nothing say all."""

    account_id: int | None = None
    target: str = ""
    """In any case of its letters."""
    states: Collection[DeliveryState] = ()


async def page(tx: Tx, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Delivery]:
    """The newest that are wanted. The parts of a text are one, by its first part."""
    newest = _numbers(wanted).order_by(deliveries.c.id.desc()).limit(limit).offset(offset)
    rows = await tx.all(
        select(deliveries)
        .where(deliveries.c.id.in_(newest.scalar_subquery()))
        .order_by(deliveries.c.id.desc())
    )
    return [of_row(row) for row in rows]


async def newest_to(tx: Tx, target: str) -> int | None:
    """The newest delivery to that target; None where there is none."""
    found = await page(tx, Wanted(target=target), limit=1)
    return found[0].id if found else None


def _numbers(wanted: Wanted) -> Select[Any]:
    is_rare = bool(wanted.states) and _USUAL.isdisjoint(wanted.states)
    where = [_is_head(by_index=not is_rare)]
    if wanted.account_id is not None:
        where.append(deliveries.c.account_id == wanted.account_id)
    if wanted.target:
        where.append(func.lower(deliveries.c.target) == wanted.target.lower())
    if wanted.states:
        where.append(_state(wanted.states, by_index=is_rare))
    return select(deliveries.c.id).where(*where)


# What is rare is found by its state; of anything else the newest are found at once from the end,
# which SQLite sees only where the other index is kept from it by an expression.


def _is_head(*, by_index: bool) -> ColumnElement[bool]:
    if by_index:
        return deliveries.c.head_id.is_(None)
    return func.coalesce(deliveries.c.head_id, 0) == 0


def _state(states: Collection[DeliveryState], *, by_index: bool) -> ColumnElement[bool]:
    state = deliveries.c.state if by_index else func.coalesce(deliveries.c.state, "")
    return state.in_(list(states))
