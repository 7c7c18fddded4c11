"""upload.*: the parts of files, in and out: core.telegram.org/api/files."""

from telethon.tl import functions, types

from sandbox.datacentre import attachments
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.datacentre.uploads import Uploads
from sandbox.world import World
from sandbox.world.files import File

_MEGABYTE = 1 << 20
_STEP, _PRECISE_STEP = 4096, 1024
_STORED = {
    "image/jpeg": types.storage.FileJpeg,
    "image/png": types.storage.FilePng,
    "image/gif": types.storage.FileGif,
    "audio/mpeg": types.storage.FileMp3,
    "video/mp4": types.storage.FileMp4,
    "application/pdf": types.storage.FilePdf,
}


class UploadService:
    def __init__(self, world: World, uploads: Uploads) -> None:
        self._world = world
        self._uploads = uploads

    def methods(self) -> Methods:
        return {
            functions.upload.SaveFilePartRequest: Method(self._save),
            functions.upload.SaveBigFilePartRequest: Method(self._save_big),
            functions.upload.GetFileRequest: Method(self._get),
        }

    def _save(self, call: Call, request: TL) -> bool:
        self._uploads.save(call.user_id, request)
        return True

    def _save_big(self, call: Call, request: TL) -> bool:
        self._uploads.save_big(call.user_id, request)
        return True

    def _get(self, _call: Call, request: TL) -> TL:
        """A piece of a file; past its end there is nothing, which is no error."""
        _check_piece(request.offset, request.limit, is_precise=bool(request.precise))
        file, data = attachments.located(self._world.files, request.location)
        piece = data[request.offset : request.offset + request.limit]
        return types.upload.File(type=_stored(file), mtime=0, bytes=piece)


def _check_piece(offset: int, limit: int, *, is_precise: bool) -> None:
    """The rules of core.telegram.org/api/files#downloading-files."""
    step = _PRECISE_STEP if is_precise else _STEP
    if offset < 0 or offset % step:
        raise RpcFailure(400, "OFFSET_INVALID")
    if not 0 < limit <= _MEGABYTE or limit % step or (not is_precise and _MEGABYTE % limit):
        raise RpcFailure(400, "LIMIT_INVALID")
    if offset // _MEGABYTE != (offset + limit - 1) // _MEGABYTE:
        raise RpcFailure(400, "LIMIT_INVALID")


def _stored(file: File) -> TL:
    return _STORED.get(file.mime_type, types.storage.FilePartial)()
