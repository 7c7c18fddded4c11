"""What deliveries carry besides their text: what an operator attached, until it has gone out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from storage.deliveries import new_random_id
from storage.delivery import DeliveryState, Media
from storage.schema import attachments, blobs, deliveries
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class File:
    """What an operator attached."""

    kind: Media
    """`PHOTO`, `DOCUMENT` or `VOICE`."""
    data: bytes = field(repr=False)
    name: str = ""
    mime_type: str = "application/octet-stream"
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What Telegram calls a file once it was uploaded as the account."""

    id: int
    access_hash: int
    reference: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An item of a delivery; its bytes are read apart."""

    id: int
    kind: Media
    name: str
    mime_type: str
    size_bytes: int
    duration_s: int | None
    random_id: int
    """Of an album's item; a single one goes by that of its delivery."""
    message_id: int | None
    uploaded: Uploaded | None


async def add(tx: Tx, delivery_id: int, files: Sequence[File]) -> None:
    """Give a draft its attachments, in their order."""
    for file in files:
        attachment_id = await tx.insert(
            insert(attachments).values(
                delivery_id=delivery_id,
                kind=file.kind,
                name=file.name,
                mime_type=file.mime_type,
                size_bytes=len(file.data),
                duration_s=file.duration_s,
                random_id=new_random_id(),
            )
        )
        await tx.execute(insert(blobs).values(attachment_id=attachment_id, data=file.data))


async def of(tx: Tx, delivery_id: int) -> list[Attachment]:
    """The attachments of a delivery, in their order."""
    rows = await tx.all(
        select(attachments)
        .where(attachments.c.delivery_id == delivery_id)
        .order_by(attachments.c.id)
    )
    return [_attachment(row) for row in rows]


async def data(tx: Tx, attachment_id: int) -> bytes | None:
    """Its bytes; None where it has gone out and they were deleted."""
    row = await tx.one(select(blobs.c.data).where(blobs.c.attachment_id == attachment_id))
    return bytes(row.data) if row else None


async def set_uploaded(tx: Tx, attachment_id: int, uploaded: Uploaded | None) -> None:
    """Remember what Telegram calls it, so that every attempt sends the same; None: upload anew."""
    await tx.execute(
        update(attachments)
        .where(attachments.c.id == attachment_id)
        .values(
            file_id=uploaded.id if uploaded else None,
            file_hash=uploaded.access_hash if uploaded else None,
            file_reference=uploaded.reference if uploaded else None,
        )
    )


async def set_messages(tx: Tx, message_ids: Mapping[int, int]) -> None:
    """Remember the message of each item, by the attachments' ids."""
    for attachment_id, message_id in message_ids.items():
        await tx.execute(
            update(attachments)
            .where(attachments.c.id == attachment_id)
            .values(message_id=message_id)
        )


async def forget_data(tx: Tx, *, failed_before: datetime) -> int:
    """Delete the bytes of what will not be sent any more; returns of how many files.

    What failed can be retried: its bytes stay until then.
    """
    gone = (DeliveryState.SENT, DeliveryState.SENT_BY_BOT, DeliveryState.CANCELLED)
    has_failed = deliveries.c.state == DeliveryState.FAILED
    is_over = or_(
        deliveries.c.state.in_(gone), has_failed & (deliveries.c.finished_at < failed_before)
    )
    ids = (
        select(attachments.c.id)
        .join(deliveries, deliveries.c.id == attachments.c.delivery_id)
        .where(is_over)
    )
    result = await tx.execute(delete(blobs).where(blobs.c.attachment_id.in_(ids)))
    return result.rowcount


def _attachment(row: Row[Any]) -> Attachment:
    uploaded = None
    if row.file_id is not None:
        uploaded = Uploaded(row.file_id, row.file_hash, bytes(row.file_reference or b""))
    return Attachment(
        row.id,
        Media(row.kind),
        row.name,
        row.mime_type,
        row.size_bytes,
        row.duration_s,
        row.random_id,
        row.message_id,
        uploaded,
    )
