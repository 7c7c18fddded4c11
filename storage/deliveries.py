"""Deliveries: what is to be sent, as rows; rows before acts."""

import secrets
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    Update,
    bindparam,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from storage.delivery import Delivery, DeliveryState, Fallback, Media, TargetPeer, of_row, plain
from storage.schema import attachments, deliveries
from storage.tx import Tx

CHANGED = "deliveries"
"""Topic: a delivery was added or moved."""
TO_SEND = "deliveries.to_send"
"""Topic: somebody wants a delivery to be sent as its account."""
OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
"""The states in which the account is to send it."""


async def draft(
    tx: Tx,
    *,
    account_id: int,
    target: str,
    text: str,
    entities: Sequence[Mapping[str, Any]] = (),
    media: Media = Media.NONE,
    reply_to: int | None = None,
    is_silent: bool = False,
    not_before: datetime | None = None,
    fallback: Fallback = Fallback.AUTOMATIC,
    head_id: int | None = None,
    ordered_by: int | None = None,
    origin: str = "",
) -> int:
    """Add a draft; its `random_id` is fixed here, once and for good."""
    delivery_id = await tx.insert(
        insert(deliveries).values(
            account_id=account_id,
            state=DeliveryState.DRAFT,
            target=target,
            text=text,
            entities=list(entities),
            media=media,
            reply_to=reply_to,
            is_silent=is_silent,
            not_before=not_before,
            fallback=fallback,
            head_id=head_id,
            random_id=new_random_id(),
            steps=[],
            ordered_by=ordered_by,
            origin=origin,
            created_at=tx.now,
        )
    )
    tx.wake(CHANGED)
    return delivery_id


def new_random_id() -> int:
    """What Telegram knows a message by when it is sent again; 63 bits, never 0."""
    return secrets.randbits(63) or 1


async def get(tx: Tx, delivery_id: int) -> Delivery | None:
    row = await tx.one(select(deliveries).where(deliveries.c.id == delivery_id))
    return of_row(row) if row else None


async def parts(tx: Tx, head_id: int) -> list[Delivery]:
    """A delivery and the later parts of its text, in order; empty where it is gone."""
    is_part = or_(deliveries.c.id == head_id, deliveries.c.head_id == head_id)
    return await read_all(tx, select(deliveries).where(is_part).order_by(deliveries.c.id))


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery goes on, if it is in one of the `allowed` states.

    A change for the writer; its result is True for who was first. `values` are further columns
    to set: `peer` may be a `TargetPeer`, `steps` a sequence of `Step`.
    """

    delivery_id: int
    allowed: frozenset[DeliveryState]
    to: DeliveryState
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    attempts: int | None = None
    """Only where it was handed over so often so far: what was read may be old by now."""

    @property
    def key(self) -> Hashable:
        return "delivery", self.delivery_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Move"]) -> Sequence[bool]:
        """Compare and set, each as if alone."""
        if len(changes) == 1:
            return [await _move_one(tx, changes[0])]
        states = await _lock(tx, {move.delivery_id for move in changes})
        results = []
        for move in changes:
            known = states.get(move.delivery_id)
            is_first = known is not None and known.lets(move)
            results.append(is_first)
            if known is not None and is_first:
                known.follow(move)
        won = [move for move, is_first in zip(changes, results, strict=True) if is_first]
        for alike in _alike(won, tx.now):
            await tx.execute(_update_of(tuple(sorted(alike[0]))), alike)
        heads = {head for m in won if (head := states[m.delivery_id].head_id) is not None}
        await _renew(tx, heads)
        if won:
            tx.wake(CHANGED)
        return results


async def _move_one(tx: Tx, move: Move) -> bool:
    """The same for one alone, in one statement."""
    if not move.allowed:
        return False
    row = _as_row(move, tx.now)
    statement = _update_if(
        tuple(sorted(row)), len(move.allowed), is_counted=move.attempts is not None
    )
    allowed = {f"allowed_{n}": state for n, state in enumerate(sorted(move.allowed))}
    counted = {} if move.attempts is None else {"so_far": move.attempts}
    moved = await tx.one(statement, **row, **allowed, **counted)
    if moved is None:
        return False
    if moved.head_id is not None:
        await _renew(tx, {moved.head_id})
    tx.wake(CHANGED)
    return True


@cache
def _update_of(columns: tuple[str, ...]) -> Update:
    """An UPDATE of these columns, and `moved`, the row's number; built once."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns if name != "moved"}
    values["version"] = deliveries.c.version + 1
    return update(deliveries).where(deliveries.c.id == bindparam("moved")).values(values)


@cache
def _update_if(columns: tuple[str, ...], states: int, *, is_counted: bool) -> ReturningUpdate[Any]:
    """The same where the row is in one of so many states; returns what it did to."""
    is_allowed = or_(
        *(deliveries.c.state == bindparam(f"allowed_{number}") for number in range(states))
    )
    is_expected = [deliveries.c.attempts == bindparam("so_far")] if is_counted else []
    statement = _update_of(columns).where(is_allowed, *is_expected)
    return statement.returning(deliveries.c.head_id)


async def move(
    tx: Tx,
    delivery_id: int,
    allowed: Collection[DeliveryState],
    to: DeliveryState,
    **values: object,
) -> bool:
    """`Move`, in a transaction of the caller's; True for who was first."""
    (is_first,) = await Move.apply(tx, [Move(delivery_id, frozenset(allowed), to, values)])
    if is_first and to in OPEN:
        tx.wake(TO_SEND)
    return is_first


async def change(tx: Tx, delivery_id: int, **values: object) -> bool:
    """Set columns whatever the state is; False where the delivery is gone."""
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(version=deliveries.c.version + 1, **plain(values))
    )
    tx.wake(CHANGED)
    return bool(result.rowcount)


@dataclass(slots=True)
class _Known:
    """A row, as the moves of a batch leave it."""

    state: DeliveryState
    attempts: int
    head_id: int | None

    def lets(self, move: Move) -> bool:
        return self.state in move.allowed and move.attempts in {None, self.attempts}

    def follow(self, move: Move) -> None:
        self.state = move.to
        attempts = move.values.get("attempts")
        self.attempts = attempts if isinstance(attempts, int) else self.attempts


async def _lock(tx: Tx, ids: Collection[int]) -> dict[int, _Known]:
    """These deliveries as they are; nobody else moves them in this transaction."""
    columns = deliveries.c.id, deliveries.c.state, deliveries.c.attempts, deliveries.c.head_id
    rows = await tx.all(
        select(*columns)
        .where(deliveries.c.id.in_(sorted(ids)))
        .order_by(deliveries.c.id)  # everybody in one order: no deadlock
        .with_for_update()
    )
    return {row.id: _Known(DeliveryState(row.state), row.attempts, row.head_id) for row in rows}


async def _renew(tx: Tx, heads: Collection[int]) -> None:
    """Let the cards of these first parts be shown anew: they tell of all parts."""
    if heads:
        await tx.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(sorted(heads)))
            .values(version=deliveries.c.version + 1)
        )


def _alike(moves: Iterable[Move], now: datetime) -> list[list[dict[str, object]]]:
    """The moves as rows, neighbours with the same columns together: one statement each."""
    groups: list[list[dict[str, object]]] = []
    for move in moves:
        row = _as_row(move, now)
        if groups and groups[-1][0].keys() == row.keys():
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _as_row(move: Move, now: datetime) -> dict[str, object]:
    row = {"moved": move.delivery_id, "state": move.to, **plain(move.values)}
    if move.to.is_final:
        row.setdefault("finished_at", now)
    return row


async def known_messages(
    tx: Tx, account_id: int, peer: TargetPeer, ids: Collection[int]
) -> set[int]:
    """Those of these messages in a chat of the account that are known to be deliveries."""
    of_chat = (
        deliveries.c.account_id == account_id,
        deliveries.c.peer_id == peer.id,
        deliveries.c.peer_kind == peer.kind,
    )
    own = select(deliveries.c.message_id).where(*of_chat, deliveries.c.message_id.in_(list(ids)))
    items = (
        select(attachments.c.message_id)
        .join(deliveries, deliveries.c.id == attachments.c.delivery_id)
        .where(*of_chat, attachments.c.message_id.in_(list(ids)))
    )
    rows = await tx.all(union(own, items))
    return {row.message_id for row in rows}


async def read_all(tx: Tx, statement: Select[Any]) -> list[Delivery]:
    return [of_row(row) for row in await tx.all(statement)]
