"""Files as Telegram keeps them: photos, documents and voice notes, each stored once.

Sources: core.telegram.org/api/files, .../api/file_reference, .../constructor/photoSize.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sandbox.world.images import blank, dimensions

MAX_PHOTO_BYTES = 10 << 20
_MOST_PIXELS = 10_000
"""Width and height of a photo together."""
_MOST_STRETCHED = 20
_BOXES = {"s": 100, "m": 320, "x": 800, "y": 1280, "w": 2560}
"""By type: the square that a size fits in."""


class Kind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"


class BadPhoto(ValueError):
    """The bytes can't become a photo; the message is Telegram's."""


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a photo. Only the largest one is what was uploaded."""

    type: str
    width: int
    height: int
    data: bytes = field(repr=False)


@dataclass(slots=True, eq=False)
class File:
    """A file on Telegram's servers; every message that shows it holds this same object."""

    id: int
    kind: Kind
    data: bytes = field(repr=False)
    name: str
    """Empty for a photo, and where the sender gave none."""
    mime_type: str
    duration_s: int
    """Of a voice note, as its sender states it."""
    dc_id: int
    date: datetime
    sizes: tuple[Size, ...] = ()
    """Of a photo, smallest first."""
    access_hash: int = field(default_factory=lambda: secrets.randbits(62), repr=False)
    claimed_bytes: int = 0
    """Where it stands for a larger file than is worth keeping: that one's size."""
    references: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(16)], repr=False)
    """Latest last; those before it have expired."""

    @property
    def size_bytes(self) -> int:
        return self.claimed_bytes or len(self.data)

    @property
    def reference(self) -> bytes:
        return self.references[-1]

    def size(self, kind: str) -> Size | None:
        return next((size for size in self.sizes if size.type == kind), None)


class Files:
    """Every file, by id."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_id: dict[int, File] = {}
        self.dc_id = 2
        """The data centre that keeps them."""

    def add_photo(self, data: bytes) -> File:
        """Keep a picture as a photo; `BadPhoto` if it is none.

        Telegram makes a JPEG of it, 1280 pixels wide at most. Here the bytes stay as they are, so
        that a test can compare them, and the smaller sizes are black.
        """
        return self._add(Kind.PHOTO, data, mime_type="image/jpeg", sizes=_sizes(data))

    def add_document(self, data: bytes, *, name: str, mime_type: str) -> File:
        return self._add(Kind.DOCUMENT, data, name=name, mime_type=mime_type)

    def add_voice(self, data: bytes, *, duration_s: int, mime_type: str = "audio/ogg") -> File:
        return self._add(Kind.VOICE, data, duration_s=duration_s, mime_type=mime_type)

    def get(self, file_id: int) -> File | None:
        return self._by_id.get(file_id)

    def new_album_id(self) -> int:
        """What the messages of one more album are to have in common."""
        return secrets.randbits(62)

    def expire(self, file_id: int | None = None) -> int:
        """End the file references that are out, of one file or all; return of how many.

        Who reads the message again gets a new one (core.telegram.org/api/file_reference).
        """
        files = [f for f in self._by_id.values() if file_id in {None, f.id}]
        for file in files:
            file.references.append(secrets.token_bytes(16))
        return len(files)

    def _add(
        self,
        kind: Kind,
        data: bytes,
        *,
        mime_type: str,
        name: str = "",
        duration_s: int = 0,
        sizes: tuple[Size, ...] = (),
    ) -> File:
        file_id = secrets.randbits(62)
        now = self._now()
        file = File(file_id, kind, data, name, mime_type, duration_s, self.dc_id, now, sizes)
        self._by_id[file.id] = file
        return file


def _sizes(data: bytes) -> tuple[Size, ...]:
    """The sizes of a picture; one whose preview would be larger than the picture is left out."""
    found = dimensions(data)
    if found is None:
        raise BadPhoto("IMAGE_PROCESS_FAILED")
    width, height = found
    longer, shorter = max(found), min(found)
    if width + height > _MOST_PIXELS or longer > shorter * _MOST_STRETCHED:
        raise BadPhoto("PHOTO_INVALID_DIMENSIONS")
    sizes: list[Size] = []
    for kind, box in _BOXES.items():
        if box >= longer:
            return *sizes, Size(kind, width, height, data)
        small = max(width * box // longer, 1), max(height * box // longer, 1)
        if len(preview := blank(*small)) < len(data):
            sizes.append(Size(kind, *small, preview))
    return *sizes, Size("w", width, height, data)
