"""Files on their way in, part by part: core.telegram.org/api/files#uploading-files."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telethon.tl import types

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL

PART_LIMIT = 512 << 10
MOST_PARTS = 4000
"""`upload_max_fileparts_default` (core.telegram.org/api/config)."""
_SMALL_LIMIT = 10 << 20
"""A file of this size or less may be saved by upload.saveFilePart."""
_LIFETIME = timedelta(hours=1)
"""Telegram keeps parts for "several minutes to several hours"."""

_Key = tuple[int, int, bool]
"""Uploader, file id as the client made it up, and whether it is a big file."""


@dataclass(slots=True)
class _Upload:
    touched_at: datetime
    parts: dict[int, bytes] = field(default_factory=dict, repr=False)


class Uploads:
    """The parts that are kept. A file can be made of them more than once."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._uploads: dict[_Key, _Upload] = {}

    def save(self, user_id: int, request: TL) -> None:
        """Keep one part of a small file; it may be sent again."""
        _check_part(request)
        self._keep((user_id, request.file_id, False), request)

    def save_big(self, user_id: int, request: TL) -> None:
        """Keep one part of a big file. The total is stated each time; -1: not known yet."""
        _check_part(request)
        key, total = (user_id, request.file_id, True), request.file_total_parts
        if total != -1 and not 1 <= total <= MOST_PARTS:
            raise RpcFailure(400, "FILE_PARTS_INVALID")
        if total != -1 and request.file_part >= total:
            raise RpcFailure(400, "FILE_PART_INVALID")
        if request.file_part != total - 1:
            _check_size(len(request.bytes))
            kept = self._uploads.get(key)
            others = {n: p for n, p in kept.parts.items() if n != total - 1} if kept else {}
            if any(len(part) != len(request.bytes) for part in others.values()):
                raise RpcFailure(400, "FILE_PART_SIZE_CHANGED")
        self._keep(key, request)

    def assemble(self, user_id: int, stated: TL) -> bytes:
        """The whole file that an InputFile or InputFileBig means, checked."""
        if not isinstance(stated, types.InputFile | types.InputFileBig):
            raise RpcFailure(400, "MEDIA_INVALID")
        if not 1 <= stated.parts <= MOST_PARTS:
            raise RpcFailure(400, "FILE_PARTS_INVALID")
        is_big = isinstance(stated, types.InputFileBig)
        self._forget()
        upload = self._uploads.get((user_id, stated.id, is_big))
        kept = upload.parts if upload else {}
        for number in range(stated.parts):
            if number not in kept:
                raise RpcFailure(400, f"FILE_PART_{number}_MISSING")
        if len(kept) > stated.parts:
            raise RpcFailure(400, "FILE_PARTS_INVALID")
        parts = [kept[number] for number in range(stated.parts)]
        _check_parts(parts)
        data = b"".join(parts)
        if not is_big:
            _check_small(data, stated.md5_checksum)
        return data

    def _keep(self, key: _Key, request: TL) -> None:
        self._forget()
        now = self._now()
        upload = self._uploads.setdefault(key, _Upload(now))
        upload.touched_at = now
        upload.parts[request.file_part] = request.bytes

    def _forget(self) -> None:
        oldest = self._now() - _LIFETIME
        for key in [k for k, upload in self._uploads.items() if upload.touched_at < oldest]:
            del self._uploads[key]


def _check_part(request: TL) -> None:
    if not 0 <= request.file_part < MOST_PARTS:
        raise RpcFailure(400, "FILE_PART_INVALID")
    if not request.bytes:
        raise RpcFailure(400, "FILE_PART_EMPTY")
    if len(request.bytes) > PART_LIMIT:
        raise RpcFailure(400, "FILE_PART_TOO_BIG")


def _check_size(size: int) -> None:
    """The rule for every part but the last one."""
    if size % 1024 or PART_LIMIT % size:
        raise RpcFailure(400, "FILE_PART_SIZE_INVALID")


def _check_parts(parts: list[bytes]) -> None:
    """All as long as the first one, but for the last one, which may be shorter."""
    if len(parts) == 1:
        return
    size = len(parts[0])
    _check_size(size)
    if any(len(part) != size for part in parts[:-1]) or len(parts[-1]) > size:
        raise RpcFailure(400, "FILE_PART_SIZE_CHANGED")


def _check_small(data: bytes, checksum: str) -> None:
    """A small file states its MD5, or nothing."""
    if len(data) > _SMALL_LIMIT:
        raise RpcFailure(400, "FILE_PARTS_INVALID")
    found = hashlib.md5(data).hexdigest()  # noqa: S324 - the protocol's own checksum
    if checksum and checksum.lower() != found:
        raise RpcFailure(400, "MD5_CHECKSUM_INVALID")
