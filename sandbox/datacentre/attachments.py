"""The world's files as TL media, and the files that InputMedia names.

Sources: core.telegram.org/api/files, core.telegram.org/api/file_reference.
"""

from collections.abc import Sequence

from telethon.tl import types

from sandbox.datacentre import entities
from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world.files import File, Files, Kind
from sandbox.world.messages import Entity

_CAPTION_LIMIT = 1024
"""`caption_length_limit_default` (core.telegram.org/api/config)."""


def to_tl(file: File | None) -> TL:
    """A MessageMedia, or None."""
    if file is None:
        return None
    if file.kind is Kind.PHOTO:
        return types.MessageMediaPhoto(photo=_photo(file))
    is_voice = file.kind is Kind.VOICE
    return types.MessageMediaDocument(document=_document(file), voice=is_voice or None)


def named(files: Files, media: TL) -> File:
    """The file of an InputMediaPhoto or InputMediaDocument; MEDIA_EMPTY where there is none.

    MEDIA_INVALID for every other kind of media, also one that is yet to be uploaded.
    """
    match media:
        case types.InputMediaEmpty():
            raise RpcFailure(400, "MEDIA_EMPTY")
        case types.InputMediaPhoto(id=types.InputPhoto() as stated):
            file = _known(files, stated, is_photo=True)
        case types.InputMediaDocument(id=types.InputDocument() as stated):
            file = _known(files, stated, is_photo=False)
        case types.InputMediaPhoto() | types.InputMediaDocument():
            file = None
        case _:
            raise RpcFailure(400, "MEDIA_INVALID")
    if file is None:
        raise RpcFailure(400, "MEDIA_EMPTY")
    return file


def caption(text: str, spans: Sequence[TL] | None) -> tuple[str, tuple[Entity, ...]]:
    """What stands below a file, checked; it may be empty."""
    if len(text) > _CAPTION_LIMIT:
        raise RpcFailure(400, "MEDIA_CAPTION_TOO_LONG")
    return text, entities.from_tl(spans, text)


def located(files: Files, location: TL) -> tuple[File, bytes]:
    """The file that a location means, and the bytes there; `LOCATION_INVALID`."""
    if isinstance(location, types.InputPhotoFileLocation | types.InputDocumentFileLocation):
        is_photo = isinstance(location, types.InputPhotoFileLocation)
        file = _known(files, location, is_photo=is_photo)
        if file is not None and not is_photo and not location.thumb_size:
            return file, file.data
        if file is not None and (size := file.size(location.thumb_size)):
            return file, size.data
    raise RpcFailure(400, "LOCATION_INVALID")


def _known(files: Files, stated: TL, *, is_photo: bool) -> File | None:
    """The file with that id and access hash, its file reference checked."""
    file = files.get(stated.id)
    if file is None or file.access_hash != stated.access_hash:
        return None
    if (file.kind is Kind.PHOTO) != is_photo:
        return None
    if not stated.file_reference:
        raise RpcFailure(400, "FILE_REFERENCE_EMPTY")
    if stated.file_reference == file.reference:
        return file
    is_old = stated.file_reference in file.references
    raise RpcFailure(400, "FILE_REFERENCE_EXPIRED" if is_old else "FILE_REFERENCE_INVALID")


def _photo(file: File) -> TL:
    return types.Photo(
        id=file.id,
        access_hash=file.access_hash,
        file_reference=file.reference,
        date=file.date,
        sizes=[types.PhotoSize(s.type, s.width, s.height, len(s.data)) for s in file.sizes],
        dc_id=file.dc_id,
    )


def _document(file: File) -> TL:
    attributes = []
    if file.kind is Kind.VOICE:
        attributes.append(types.DocumentAttributeAudio(file.duration_s, voice=True))
    if file.name:
        attributes.append(types.DocumentAttributeFilename(file.name))
    return types.Document(
        id=file.id,
        access_hash=file.access_hash,
        file_reference=file.reference,
        date=file.date,
        mime_type=file.mime_type,
        size=len(file.data),
        dc_id=file.dc_id,
        attributes=attributes,
    )
