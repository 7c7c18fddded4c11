"""What a delivery carries, and sending it as the bot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageEntity,
    ReplyParameters,
)

from storage import attachments
from storage.attachments import Attachment
from storage.delivery import Delivery, Media
from storage.tx import Tx

TIMEOUT_S = 60
UPLOAD_BYTES_PER_S = 100_000
"""So slow a line still gets its files through before a call counts as lost."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file to send."""

    attachment: Attachment
    data: bytes = field(repr=False)

    @property
    def file(self) -> BufferedInputFile:
        return BufferedInputFile(self.data, self.attachment.name or _UNNAMED[self.attachment.kind])


_UNNAMED = {Media.PHOTO: "photo.jpg", Media.VOICE: "voice.ogg", Media.DOCUMENT: "file"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it."""

    message_id: int
    link: str
    """Empty where Telegram has none: in private chats and basic groups."""
    is_answer: bool
    """Whether it answers the message that it was to answer."""
    items: Mapping[int, int] = field(default_factory=dict)
    """The messages of an album, by the ids of its attachments."""


async def items_of(tx: Tx, delivery: Delivery) -> list[Item] | None:
    """The files of a delivery; None where they are not kept any more."""
    found = []
    for attachment in await attachments.of(tx, delivery.id):
        data = await attachments.data(tx, attachment.id)
        if data is None:
            return None
        found.append(Item(attachment, data))
    return None if delivery.media is not Media.NONE and not found else found


async def send(
    bot: Bot,
    chat_id: int | str,
    delivery: Delivery,
    items: Sequence[Item],
    *,
    reply_to: int | None,
) -> Sent:
    """Send it: one call, whatever it carries."""
    answered = None
    if reply_to is not None:
        # What was deleted meanwhile must not hold up the answer; the receipt tells of it.
        answered = ReplyParameters(message_id=reply_to, allow_sending_without_reply=True)
    options: dict[str, Any] = {
        "disable_notification": delivery.is_silent,
        "reply_parameters": answered,
        "request_timeout": TIMEOUT_S + sum(len(i.data) for i in items) // UPLOAD_BYTES_PER_S,
    }
    messages = await _call(bot, chat_id, delivery, items, options)
    return Sent(
        messages[0].message_id,
        messages[0].get_url() or "",
        is_answer=messages[0].reply_to_message is not None,
        items={i.attachment.id: m.message_id for i, m in zip(items, messages, strict=False)},
    )


async def _call(
    bot: Bot, chat_id: int | str, d: Delivery, items: Sequence[Item], options: Mapping[str, Any]
) -> list[Message]:
    formatting = entities(d.entities)
    caption: dict[str, Any] = {
        "caption": d.text or None,
        "caption_entities": formatting,
        "parse_mode": None,
    }
    match d.media:
        case Media.NONE:
            return [
                await bot.send_message(
                    chat_id, d.text, entities=formatting, parse_mode=None, **options
                )
            ]
        case Media.PHOTO:
            return [await bot.send_photo(chat_id, items[0].file, **caption, **options)]
        case Media.DOCUMENT:
            return [await bot.send_document(chat_id, items[0].file, **caption, **options)]
        case Media.VOICE:
            length = items[0].attachment.duration_s
            sent = await bot.send_voice(
                chat_id, items[0].file, duration=length, **caption, **options
            )
            return [sent]
        case Media.ALBUM:
            # The caption of the first is shown under the whole album.
            media = [_medium(i, caption if n == 0 else {}) for n, i in enumerate(items)]
            return await bot.send_media_group(chat_id, list(media), **options)


def entities(stored: Sequence[Mapping[str, Any]]) -> list[MessageEntity]:
    """Formatting as the Bot API takes it."""
    return [MessageEntity.model_validate(dict(entity)) for entity in stored]


def _medium(item: Item, caption: Mapping[str, Any]) -> InputMediaPhoto | InputMediaDocument:
    kind = InputMediaPhoto if item.attachment.kind is Media.PHOTO else InputMediaDocument
    return kind(media=item.file, **caption)
