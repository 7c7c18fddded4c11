"""Uploads of attachments as the account. Nothing is sent by it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from telethon.tl import functions, types

from storage import attachments
from storage.attachments import Attachment, Uploaded
from storage.database import Database
from storage.delivery import Media, TargetPeer
from userbot.line import Line
from userbot.sending.requests import input_peer

PART = 512 * 1024
"""The largest part that Telegram takes (https://core.telegram.org/api/files#uploading-files)."""
BIG = 10 * 1024 * 1024
"""From here on a file goes by `upload.saveBigFilePart`."""


class BytesGone(Exception):
    """The attachment's bytes are not stored any more."""


async def upload_all(
    database: Database, line: Line, peer: TargetPeer, items: Sequence[Attachment]
) -> list[Attachment]:
    """Upload what Telegram does not have yet; from then on every attempt sends the same files.

    Raises `BytesGone`, and what the line raises.
    """
    return [item if item.uploaded else await _upload(database, line, peer, item) for item in items]


async def _upload(
    database: Database, line: Line, peer: TargetPeer, item: Attachment
) -> Attachment:
    async with database.read() as tx:
        data = await attachments.data(tx, item.id)
    if data is None:
        raise BytesGone(f"the bytes of attachment {item.id} are gone")
    file = await _send_parts(line, data, item.name or f"{item.kind}")
    request = functions.messages.UploadMediaRequest(input_peer(peer), _as_media(item, file))
    found = _uploaded(await line.call(request))
    async with database.transaction() as tx:
        await attachments.set_uploaded(tx, item.id, found)
    return replace(item, uploaded=found)


async def _send_parts(line: Line, data: bytes, name: str) -> Any:  # noqa: ANN401 - Telethon is untyped
    number = secrets.randbits(62)
    parts = [data[at : at + PART] for at in range(0, len(data), PART)]
    is_big = len(data) >= BIG
    for index, part in enumerate(parts):
        if is_big:
            request = functions.upload.SaveBigFilePartRequest(number, index, len(parts), part)
        else:
            request = functions.upload.SaveFilePartRequest(number, index, part)
        await line.call(request)
    if is_big:
        return types.InputFileBig(number, len(parts), name)
    checksum = hashlib.md5(data).hexdigest()  # noqa: S324 - Telegram's
    return types.InputFile(number, len(parts), name, checksum)


def _as_media(item: Attachment, file: Any) -> Any:  # noqa: ANN401 - Telethon is untyped
    if item.kind is Media.PHOTO:
        return types.InputMediaUploadedPhoto(file)
    attributes: list[Any] = [types.DocumentAttributeFilename(item.name)] if item.name else []
    if item.kind is Media.VOICE:
        attributes = [types.DocumentAttributeAudio(item.duration_s or 0, voice=True)]
    # As the operator sent it: a video in a document stays a file.
    is_file = item.kind is Media.DOCUMENT or None
    return types.InputMediaUploadedDocument(file, item.mime_type, attributes, force_file=is_file)


def _uploaded(media: Any) -> Uploaded:  # noqa: ANN401 - Telethon is untyped
    file = media.photo if isinstance(media, types.MessageMediaPhoto) else media.document
    return Uploaded(file.id, file.access_hash, file.file_reference)
