"""Deliveries: one message to send each, and what became of it. Rows before acts."""

import secrets
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, bindparam, insert, select, update

from storage.schema import accounts, deliveries
from storage.tx import Tx

CHANGED = "deliveries"
"""Topic: a delivery was added or moved."""


class DeliveryState(StrEnum):
    DRAFT = "DRAFT"
    """Waits for an operator's word."""
    PENDING = "PENDING"
    """To be sent as the account; certainly not handed over yet."""
    SENDING = "SENDING"
    """Possibly handed over; settled by the identical request."""
    SENT = "SENT"
    BOT_PENDING = "BOT_PENDING"
    """To be sent as the bot."""
    BOT_SENDING = "BOT_SENDING"
    """Possibly sent as the bot; never repeated by itself."""
    SENT_BY_BOT = "SENT_BY_BOT"
    UNKNOWN = "UNKNOWN"
    """The bot may or may not have sent it; an operator decides."""
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.SENT_BY_BOT,
        DeliveryState.FAILED,
        DeliveryState.CANCELLED,
    }
)


_OPEN = [DeliveryState.PENDING, DeliveryState.SENDING]


@dataclass(frozen=True, slots=True)
class TargetPeer:
    """The resolved target, fixed with the row: Telegram's deduplication is per peer."""

    kind: str
    """`user`, `chat`, `channel` or `self`."""
    id: int
    access_hash: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a send: what was reached, and when."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    account_id: int
    state: DeliveryState
    target: str = field(repr=False)  # may be a phone number
    peer: TargetPeer | None
    text: str = field(repr=False)
    random_id: int
    may_fall_back: bool
    attempts: int
    """How often it was handed to a line with an outcome that is not a definite no."""
    faults: int
    """How often Telegram answered with a fault of its own, since it was approved."""
    not_before: datetime | None
    message_id: int | None
    error: str
    detour: str
    """Why the bot sends it instead of the account."""
    steps: tuple[Step, ...]
    created_at: datetime
    approved_at: datetime | None
    finished_at: datetime | None
    ordered_by: int | None
    card_chat_id: int | None
    card_message_id: int | None
    version: int

    @property
    def is_possibly_sent(self) -> bool:
        """Whether an attempt as the account may have gone through: the bot must not repeat it."""
        return self.attempts > 0 and self.state is not DeliveryState.SENT


async def draft(
    tx: Tx, *, account_id: int, target: str, text: str, ordered_by: int | None = None
) -> int:
    """Add a draft; its `random_id` is fixed here, once and for good."""
    delivery_id = await tx.insert(
        insert(deliveries).values(
            account_id=account_id,
            state=DeliveryState.DRAFT,
            target=target,
            text=text,
            random_id=secrets.randbits(63) or 1,
            steps=[],
            ordered_by=ordered_by,
            created_at=tx.now,
        )
    )
    tx.wake(CHANGED)
    return delivery_id


async def get(tx: Tx, delivery_id: int) -> Delivery | None:
    row = await tx.one(select(deliveries).where(deliveries.c.id == delivery_id))
    return _delivery(row) if row else None


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

    @property
    def key(self) -> Hashable:
        return "delivery", self.delivery_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Move"]) -> Sequence[bool]:
        """Compare and set, each as if alone."""
        states = await _lock(tx, {move.delivery_id for move in changes})
        results = []
        for move in changes:
            is_first = states.get(move.delivery_id) in move.allowed
            results.append(is_first)
            if is_first:
                states[move.delivery_id] = move.to
        won = [move for move, is_first in zip(changes, results, strict=True) if is_first]
        statement = update(deliveries).where(deliveries.c.id == bindparam("moved"))
        for alike in _alike(won, tx.now):
            await tx.execute(statement.values(version=deliveries.c.version + 1), alike)
        if won:
            tx.wake(CHANGED)
        return results


async def move(
    tx: Tx,
    delivery_id: int,
    allowed: Collection[DeliveryState],
    to: DeliveryState,
    **values: object,
) -> bool:
    """`Move`, in a transaction of the caller's; True for who was first."""
    (is_first,) = await Move.apply(tx, [Move(delivery_id, frozenset(allowed), to, values)])
    return is_first


async def _lock(tx: Tx, ids: Collection[int]) -> dict[int, DeliveryState]:
    """The states of these deliveries; nobody else moves them in this transaction."""
    rows = await tx.all(
        select(deliveries.c.id, deliveries.c.state)
        .where(deliveries.c.id.in_(sorted(ids)))
        .order_by(deliveries.c.id)  # everybody in one order: no deadlock
        .with_for_update()
    )
    return {row.id: DeliveryState(row.state) for row in rows}


def _alike(moves: Iterable[Move], now: datetime) -> list[list[dict[str, object]]]:
    """The moves as rows, neighbours with the same columns together: one statement each."""
    groups: list[list[dict[str, object]]] = []
    for move in moves:
        row = {"moved": move.delivery_id, "state": move.to, **_plain(dict(move.values))}
        if move.to.is_final:
            row.setdefault("finished_at", now)
        if groups and groups[-1][0].keys() == row.keys():
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


async def set_card(tx: Tx, delivery_id: int, chat_id: int, message_id: int, shown: int) -> None:
    """Remember where the card is and which version of the row it shows."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(card_chat_id=chat_id, card_message_id=message_id, card_version=shown)
    )
    tx.wake(CHANGED)


async def with_stale_cards(tx: Tx) -> list[Delivery]:
    """Deliveries whose card shows an older version than the row has."""
    rows = await tx.all(
        select(deliveries)
        .where(
            deliveries.c.card_message_id.is_not(None),
            deliveries.c.card_version < deliveries.c.version,
        )
        .order_by(deliveries.c.id)
    )
    return [_delivery(row) for row in rows]


async def accounts_to_send(tx: Tx, owner: str) -> list[int]:
    """The accounts of this instance that have something to send, due or not."""
    rows = await tx.all(
        select(deliveries.c.account_id)
        .join(accounts, accounts.c.id == deliveries.c.account_id)
        .where(accounts.c.owner == owner, deliveries.c.state.in_(_OPEN))
        .distinct()
    )
    return [row.account_id for row in rows]


async def to_send(tx: Tx, account_id: int) -> list[Delivery]:
    """All that waits to be sent as this account, in the order of approval.

    What is not due yet is there too: it holds up what follows it to the same target.
    """
    rows = await tx.all(
        select(deliveries)
        .where(deliveries.c.account_id == account_id, deliveries.c.state.in_(_OPEN))
        .order_by(deliveries.c.approved_at, deliveries.c.id)
    )
    return [_delivery(row) for row in rows]


async def in_state(tx: Tx, state: DeliveryState) -> list[Delivery]:
    """All deliveries in one state, in the order they were approved."""
    rows = await tx.all(
        select(deliveries)
        .where(deliveries.c.state == state)
        .order_by(deliveries.c.approved_at, deliveries.c.id)
    )
    return [_delivery(row) for row in rows]


def _plain(values: dict[str, object]) -> dict[str, object]:
    """Spread a peer and steps over their columns."""
    plain = dict(values)
    peer = plain.pop("peer", None)
    if isinstance(peer, TargetPeer):
        plain |= {"peer_kind": peer.kind, "peer_id": peer.id, "peer_hash": peer.access_hash}
    steps = plain.get("steps")
    if isinstance(steps, Sequence):
        plain["steps"] = [[s.name, s.at.timestamp()] for s in steps if isinstance(s, Step)]
    return plain


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    peer = TargetPeer(row.peer_kind, row.peer_id, row.peer_hash) if row.peer_kind else None
    return Delivery(
        id=row.id,
        account_id=row.account_id,
        state=DeliveryState(row.state),
        target=row.target,
        peer=peer,
        text=row.text,
        random_id=row.random_id,
        may_fall_back=row.may_fall_back,
        attempts=row.attempts,
        faults=row.faults,
        not_before=row.not_before,
        message_id=row.message_id,
        error=row.error,
        detour=row.detour,
        steps=tuple(
            Step(n, datetime.fromtimestamp(at, row.created_at.tzinfo)) for n, at in row.steps
        ),
        created_at=row.created_at,
        approved_at=row.approved_at,
        finished_at=row.finished_at,
        ordered_by=row.ordered_by,
        card_chat_id=row.card_chat_id,
        card_message_id=row.card_message_id,
        version=row.version,
    )
