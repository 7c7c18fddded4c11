"""What a delivery is: one message to send, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row


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


class Fallback(StrEnum):
    """What happens where the account certainly did not send it, and can't for now."""

    AUTOMATIC = "automatic"
    """The bot sends it."""
    ASK = "ask"
    """An operator is asked; until then it waits for the account."""
    NEVER = "never"
    """It waits for the account."""


class Media(StrEnum):
    """What a message carries besides its text; the text is the caption then."""

    NONE = ""
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    ALBUM = "album"


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
    entities: tuple[Mapping[str, Any], ...] = field(repr=False)
    """The text's formatting in the Bot API's form: `type`, `offset`, `length` (UTF-16), …"""
    media: Media
    reply_to: int | None
    """The message in the target chat that this one answers."""
    is_silent: bool
    head_id: int | None
    """Of a later part of a text that was split: the first part."""
    random_id: int
    fallback: Fallback
    attempts: int
    """How often it was handed to a line with an outcome that is not a definite no."""
    faults: int
    """How often Telegram answered with a fault of its own, since it was approved."""
    not_before: datetime | None
    handed_at: datetime | None
    """When it was first handed to a line, or first given to the Bot API."""
    message_id: int | None
    link: str
    """Where the message can be opened; empty where Telegram has no link for it."""
    error: str
    detour: str
    """Why the bot sends it instead of the account, or why an operator is asked whether it shall."""
    steps: tuple[Step, ...]
    created_at: datetime
    approved_at: datetime | None
    finished_at: datetime | None
    edited_at: datetime | None
    """When an operator last changed what was sent."""
    deleted_at: datetime | None
    """When an operator deleted for everyone what was sent."""
    ordered_by: int | None
    origin: str
    """What wrote it where that was no operator: the name that a program gave itself."""
    act: str
    """The latest press on its card."""
    acted_by: int | None
    card_chat_id: int | None
    card_message_id: int | None
    version: int
    has_parts: bool = False
    """Whether later parts of its text follow; told where deliveries are read to be sent."""

    @property
    def may_fall_back(self) -> bool:
        """Whether the bot may send it without anybody being asked."""
        return self.fallback is Fallback.AUTOMATIC

    @property
    def is_possibly_sent(self) -> bool:
        """Whether an attempt as the account may have gone through: the bot must not repeat it."""
        return self.attempts > 0 and self.state is not DeliveryState.SENT

    @property
    def is_asking(self) -> bool:
        """Whether it waits for an operator to say that the bot may send it."""
        is_waiting = self.state is DeliveryState.PENDING and self.fallback is Fallback.ASK
        return is_waiting and bool(self.detour)


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values of a delivery as its columns: a peer and steps are spread."""
    columns = dict(values)
    peer = columns.pop("peer", None)
    if isinstance(peer, TargetPeer):
        columns |= {"peer_kind": peer.kind, "peer_id": peer.id, "peer_hash": peer.access_hash}
    steps = columns.get("steps")
    if isinstance(steps, Sequence):
        columns["steps"] = [[s.name, s.at.timestamp()] for s in steps if isinstance(s, Step)]
    return columns


def of_row(row: Row[Any]) -> Delivery:
    """The delivery that a row of the table holds."""
    peer = TargetPeer(row.peer_kind, row.peer_id, row.peer_hash) if row.peer_kind else None
    zone = row.created_at.tzinfo
    return Delivery(
        id=row.id,
        account_id=row.account_id,
        state=DeliveryState(row.state),
        target=row.target,
        peer=peer,
        text=row.text,
        entities=tuple(row.entities),
        media=Media(row.media),
        reply_to=row.reply_to,
        is_silent=row.is_silent,
        head_id=row.head_id,
        random_id=row.random_id,
        fallback=Fallback(row.fallback),
        attempts=row.attempts,
        faults=row.faults,
        not_before=row.not_before,
        handed_at=row.handed_at,
        message_id=row.message_id,
        link=row.link,
        error=row.error,
        detour=row.detour,
        steps=tuple(Step(name, datetime.fromtimestamp(at, zone)) for name, at in row.steps),
        created_at=row.created_at,
        approved_at=row.approved_at,
        finished_at=row.finished_at,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        ordered_by=row.ordered_by,
        origin=row.origin,
        act=row.act,
        acted_by=row.acted_by,
        card_chat_id=row.card_chat_id,
        card_message_id=row.card_message_id,
        version=row.version,
        has_parts=getattr(row, "has_parts", False),
    )
