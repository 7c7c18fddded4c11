"""Files in the Bot API: their objects, their ids, and the paths that they are downloaded by.

Source: core.telegram.org/bots/api#photosize, #document, #voice, #file and #sending-files. Here an
id is the same for every bot; at Telegram each bot has its own.
"""

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import PurePath
from typing import Any, NamedTuple

from sandbox.world.files import File, Files, Kind

_ID = struct.Struct(">Bqqc")
_KINDS = list(Kind)
_FOLDERS = {Kind.PHOTO: "photos", Kind.DOCUMENT: "documents", Kind.VOICE: "voice"}
_ENDINGS = {Kind.PHOTO: ".jpg", Kind.VOICE: ".oga"}
_WHOLE = "-"
"""Instead of the size of a photo, for what is no photo."""


class Found(NamedTuple):
    """What a file_id means: a file and, of a photo, one size of it."""

    file: File
    size: str

    @property
    def data(self) -> bytes:
        size = self.file.size(self.size)
        return size.data if size else self.file.data


def find(files: Files, file_id: str) -> Found | None:
    try:
        decoded = urlsafe_b64decode(file_id + "=" * (-len(file_id) % 4))
        kind, number, access_hash, letter = _ID.unpack(decoded)
    except (binascii.Error, ValueError, struct.error):
        return None
    file, size = files.get(number), letter.decode("ascii", "replace")
    if file is None or file.access_hash != access_hash or _KINDS.index(file.kind) != kind:
        return None
    return Found(file, size) if size == _WHOLE or file.size(size) else None


def attachment_fields(file: File) -> dict[str, Any]:
    """What a message says of its file; a photo in all its sizes, smallest first."""
    match file.kind:
        case Kind.PHOTO:
            sizes = [
                {
                    **ids(file, s.type),
                    "width": s.width,
                    "height": s.height,
                    "file_size": len(s.data),
                }
                for s in file.sizes
            ]
            return {"photo": sizes}
        case Kind.VOICE:
            said = {"duration": file.duration_s, "mime_type": file.mime_type}
            return {"voice": ids(file) | said | {"file_size": len(file.data)}}
        case Kind.DOCUMENT:
            optional = {"file_name": file.name, "mime_type": file.mime_type}
            said = {name: value for name, value in optional.items() if value}
            return {"document": ids(file) | said | {"file_size": file.size_bytes}}


def ids(file: File, size: str = _WHOLE) -> dict[str, Any]:
    """A `file_id` to use, and a `file_unique_id` to compare by."""
    packed = _ID.pack(_KINDS.index(file.kind), file.id, file.access_hash, size.encode())
    unique = struct.pack(">qc", file.id, size.encode())
    return {"file_id": _encoded(packed), "file_unique_id": _encoded(unique)}


def path(found: Found, number: int) -> str:
    """Where a file can be downloaded."""
    kind = found.file.kind
    ending = _ENDINGS.get(kind) or PurePath(found.file.name).suffix
    return f"{_FOLDERS[kind]}/file_{number}{ending}"


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
