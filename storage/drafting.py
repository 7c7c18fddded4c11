"""Writing drafts: a delivery with its attachments, and the later parts of its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from storage import attachments, deliveries
from storage.attachments import File
from storage.delivery import Delivery, DeliveryState, Fallback, Media
from storage.schema import deliveries as table
from storage.tx import Tx

_DRAFT = frozenset({DeliveryState.DRAFT})


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one message, or its caption, with its formatting in the Bot API's form."""

    text: str = field(repr=False)
    entities: Sequence[Mapping[str, Any]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What is to be sent, if an operator says so."""

    account_id: int
    target: str = field(repr=False)
    parts: Sequence[Words]
    """A message each, in order; never empty. Files go with the first."""
    files: Sequence[File] = ()
    reply_to: int | None = None
    is_silent: bool = False
    not_before: datetime | None = None
    fallback: Fallback = Fallback.AUTOMATIC
    ordered_by: int | None = None
    origin: str = ""


async def write(tx: Tx, new: NewDraft) -> int:
    """Add the draft; returns the number of its first part."""
    first, *later = new.parts
    head_id = await deliveries.draft(
        tx,
        account_id=new.account_id,
        target=new.target,
        text=first.text,
        entities=first.entities,
        media=_media(new.files),
        reply_to=new.reply_to,
        is_silent=new.is_silent,
        not_before=new.not_before,
        fallback=new.fallback,
        ordered_by=new.ordered_by,
        origin=new.origin,
    )
    await attachments.add(tx, head_id, new.files)
    head = await deliveries.get(tx, head_id)
    if head is not None:
        await _append(tx, head, later)
    return head_id


def approved(now: datetime) -> dict[str, object]:
    """What an approval sets; a time that it was ordered for stays."""
    return {"approved_at": now, "error": "", "detour": "", "faults": 0}


async def approve(tx: Tx, head_id: int) -> None:
    """Have a draft, with all its parts, sent as its account."""
    for part in await deliveries.parts(tx, head_id):
        await deliveries.move(tx, part.id, _DRAFT, DeliveryState.PENDING, **approved(tx.now))


async def rewrite(tx: Tx, head_id: int, parts: Sequence[Words]) -> bool:
    """Give a draft another text; False where it is no draft any more."""
    first, *later = parts
    values = {"text": first.text, "entities": list(first.entities)}
    if not await deliveries.move(tx, head_id, _DRAFT, DeliveryState.DRAFT, **values):
        return False
    await tx.execute(
        delete(table).where(table.c.head_id == head_id, table.c.state == DeliveryState.DRAFT)
    )
    head = await deliveries.get(tx, head_id)
    if head is not None:
        await _append(tx, head, later)
    return True


async def change(tx: Tx, head_id: int, **values: object) -> bool:
    """Set columns of a draft; False where it is no draft any more."""
    return await deliveries.move(tx, head_id, _DRAFT, DeliveryState.DRAFT, **values)


async def change_all(tx: Tx, head_id: int, **values: object) -> bool:
    """Set columns of a draft and of all its later parts."""
    if not await change(tx, head_id, **values):
        return False
    for part in (await deliveries.parts(tx, head_id))[1:]:
        await change(tx, part.id, **values)
    return True


async def _append(tx: Tx, head: Delivery, later: Sequence[Words]) -> None:
    """The later parts follow the first by themselves: only that answers, and waits for a time."""
    for words in later:
        await deliveries.draft(
            tx,
            account_id=head.account_id,
            target=head.target,
            text=words.text,
            entities=words.entities,
            is_silent=head.is_silent,
            fallback=head.fallback,
            head_id=head.id,
            ordered_by=head.ordered_by,
            origin=head.origin,
        )


def _media(files: Sequence[File]) -> Media:
    if len(files) > 1:
        return Media.ALBUM
    return files[0].kind if files else Media.NONE
