"""Routes of files: a person sends them, a test reads their bytes and ends their references."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from sandbox.control.requests import Body, ControlError, peer_in, person_in, read
from sandbox.control.serving import served
from sandbox.control.view import shown_message
from sandbox.control.writing import check_writing
from sandbox.world import World
from sandbox.world.automatic import utf16_length
from sandbox.world.chats import box_of
from sandbox.world.files import BadPhoto, File, Kind
from sandbox.world.messages import Content

_MOST_CHARACTERS = 100 << 20
"""Of a file in base64."""
_MOST_IN_CAPTION = 1024
FileId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]


class NewFile(Body):
    model_config = ConfigDict(str_max_length=_MOST_CHARACTERS)

    kind: Kind
    data: str
    """In base64."""
    name: str = ""
    mime_type: str = "application/octet-stream"
    """Of a document; a photo is a JPEG and a voice note OGG, as at Telegram."""
    duration: Annotated[int, Field(ge=0, le=86_400)] = 0
    """Seconds of a voice note."""
    caption: str = ""
    claimed_bytes: Annotated[int, Field(ge=0, le=4 << 30)] = 0
    """Of a document that stands for a larger one: the size that Telegram tells."""


class NewMedia(Body):
    model_config = ConfigDict(str_max_length=_MOST_CHARACTERS)

    files: Annotated[list[NewFile], Field(min_length=1, max_length=10)]
    """One, or the photos or documents of an album."""
    reply_to: int | None = None


class Expire(Body):
    file: FileId | None = None
    """Nothing: every file."""


class MediaRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(r"/control/users/{id:[0-9]{1,18}}/chats/{peer}/media", self._send),
            web.get(r"/control/files/{file:[0-9]{1,19}}", self._bytes),
            web.post("/control/files/expire", self._expire),
        ]

    async def _send(self, request: web.Request) -> web.Response:
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        new = await read(request, NewMedia)
        check_writing(self._world, owner.id, peer)
        box = box_of(owner.id, peer.id)
        answered = self._world.messages.get(box, new.reply_to or 0)
        if new.reply_to and (answered is None or answered.chat_id != peer.id):
            raise ControlError(404, f"there is no message {new.reply_to} in this chat")
        kinds = {file.kind for file in new.files}
        if len(new.files) > 1 and (len(kinds) > 1 or Kind.VOICE in kinds):
            raise ControlError(400, "files: an album is of photos alone, or of documents alone")
        album_id = self._world.files.new_album_id() if len(new.files) > 1 else 0
        contents = [self._content(file, album_id) for file in new.files]
        sent = [
            self._world.say(owner.id, peer.id, content, reply_to_id=new.reply_to or 0)[0]
            for content in contents
        ]
        counter = self._world.messages.last_pts(box, peer.id)
        shown = [shown_message(self._world, message, owner.id) for message in sent]
        return web.json_response({"counter": counter, "messages": shown}, status=201)

    def _content(self, new: NewFile, album_id: int) -> Content:
        if utf16_length(new.caption) > _MOST_IN_CAPTION:
            raise ControlError(400, f"caption: expected up to {_MOST_IN_CAPTION} characters")
        return Content(new.caption, attachment=self._made(new), album_id=album_id)

    def _made(self, new: NewFile) -> File:
        files = self._world.files
        try:
            data = b64decode(new.data, validate=True)
        except NotBase64:
            raise ControlError(400, "data: expected base64") from None
        if not data:
            raise ControlError(400, "data: a file is never empty")
        match new.kind:
            case Kind.PHOTO:
                try:
                    return files.add_photo(data)
                except BadPhoto as bad:
                    raise ControlError(400, f"data: {bad}") from None
            case Kind.VOICE:
                return files.add_voice(data, duration_s=new.duration)
            case Kind.DOCUMENT:
                document = files.add_document(data, name=new.name, mime_type=new.mime_type)
                document.claimed_bytes = new.claimed_bytes
                return document

    async def _bytes(self, request: web.Request) -> web.Response:
        return served(request, self._named(request.match_info["file"]))

    async def _expire(self, request: web.Request) -> web.Response:
        """From now on the references that were given out get FILE_REFERENCE_EXPIRED."""
        order = await read(request, Expire)
        file_id = self._named(order.file).id if order.file else None
        return web.json_response({"expired": self._world.files.expire(file_id)})

    def _named(self, file_id: str) -> File:
        file = self._world.files.get(int(file_id))
        if file is None:
            raise ControlError(404, f"there is no file {file_id}")
        return file
