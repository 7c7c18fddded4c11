"""What waits to be sent, for whoever sends it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, case, exists, func, or_, select

from storage.deliveries import OPEN
from storage.delivery import Delivery, DeliveryState, of_row
from storage.schema import accounts, deliveries
from storage.tx import Tx

_GONE = (DeliveryState.SENT, DeliveryState.SENT_BY_BOT)
_BEGUN = (DeliveryState.SENDING, DeliveryState.BOT_SENDING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an account has to send, or to try again: how many, and the newest one's id."""

    count: int
    newest: int


async def accounts_to_send(tx: Tx, owner: str) -> dict[int, Waiting]:
    """The accounts of this instance that have something to send."""
    rows = await tx.all(_ACCOUNTS_TO_SEND, its_owner=owner, now=tx.now)
    return {row.account_id: Waiting(row.waiting, row.newest) for row in rows}


async def to_send(tx: Tx, account_ids: Collection[int]) -> dict[int, list[Delivery]]:
    """All that waits to be sent as each of these accounts, in the order in which it is to go.

    What is to be tried again later is there too: it holds up what follows it to the same target.
    What was ordered for a later time is not, and neither is a later part of a text before all
    earlier ones have gone out.
    """
    waiting: dict[int, list[Delivery]] = {account_id: [] for account_id in account_ids}
    for row in await tx.all(_TO_SEND, of_accounts=list(account_ids), now=tx.now):
        waiting[row.account_id].append(of_row(row))
    return waiting


async def in_state(tx: Tx, state: DeliveryState) -> list[Delivery]:
    """All deliveries in one state, in the order in which they are to go; parts as in `to_send`."""
    return [of_row(row) for row in await tx.all(_IN_STATE, its_state=state)]


def _has_begun() -> ColumnElement[bool]:
    """Whether it is due, or was tried before."""
    is_due = deliveries.c.not_before.is_(None) | (deliveries.c.not_before <= bindparam("now"))
    return is_due | deliveries.c.handed_at.is_not(None) | (deliveries.c.faults > 0)


def _is_early() -> ColumnElement[bool]:
    """Whether an earlier part of the same text has not gone out yet."""
    other = deliveries.alias("earlier")
    is_of_it = or_(other.c.id == deliveries.c.head_id, other.c.head_id == deliveries.c.head_id)
    unsent = exists().where(is_of_it, other.c.id < deliveries.c.id, other.c.state.not_in(_GONE))
    return deliveries.c.head_id.is_not(None) & unsent


# Built once: they run at every wake, and to build one costs more than to run it.
_IS_OPEN = or_(*(deliveries.c.state == state for state in OPEN))
_ACCOUNTS_TO_SEND = (
    select(
        deliveries.c.account_id,
        func.count().label("waiting"),
        func.max(deliveries.c.id).label("newest"),
    )
    .join(accounts, accounts.c.id == deliveries.c.account_id)
    .where(accounts.c.owner == bindparam("its_owner"), _IS_OPEN, _has_begun())
    .group_by(deliveries.c.account_id)
)
_PART = deliveries.alias("part")
_HAS_PARTS = exists().where(
    _PART.c.head_id == func.coalesce(deliveries.c.head_id, deliveries.c.id),
    _PART.c.id > deliveries.c.id,
)
_ROWS = select(deliveries, _HAS_PARTS.label("has_parts"))
_IS_BEGUN = (
    (deliveries.c.state.in_(_BEGUN))
    | (deliveries.c.faults > 0)
    | (deliveries.c.handed_at.is_not(None))
)
_DUE_AT = case(
    (deliveries.c.not_before > deliveries.c.approved_at, deliveries.c.not_before),
    else_=deliveries.c.approved_at,
)
# What was begun keeps its place; the rest goes by approval, or by the time it was ordered for.
_IN_ORDER = (
    case((_IS_BEGUN, 0), else_=1),
    case((_IS_BEGUN, deliveries.c.approved_at), else_=_DUE_AT),
    deliveries.c.id,
)
_TO_SEND = _ROWS.where(
    deliveries.c.account_id.in_(bindparam("of_accounts", expanding=True)),
    _IS_OPEN,
    _has_begun(),
    ~_is_early(),
).order_by(*_IN_ORDER)
_IN_STATE = _ROWS.where(deliveries.c.state == bindparam("its_state"), ~_is_early()).order_by(
    *_IN_ORDER
)
