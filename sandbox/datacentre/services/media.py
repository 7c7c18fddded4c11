"""messages.*: sending files and albums: core.telegram.org/api/files#uploading-files."""

from collections.abc import Sequence

from telethon.tl import functions, types

from sandbox.datacentre import attachments, input_peers
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.sending import Sender
from sandbox.datacentre.tl import TL
from sandbox.datacentre.uploads import Uploads
from sandbox.world import World
from sandbox.world.files import MAX_PHOTO_BYTES, BadPhoto, File, Kind
from sandbox.world.messages import Content, Message

_MOST_IN_ALBUM = 10
_PICTURES = (".jpg", ".jpeg", ".png", ".gif")
"""What the name of an uploaded photo may end in."""


class MediaService:
    def __init__(self, world: World, sender: Sender, uploads: Uploads) -> None:
        self._world = world
        self._sender = sender
        self._uploads = uploads

    def methods(self) -> Methods:
        return {
            functions.messages.UploadMediaRequest: Method(self._upload),
            functions.messages.SendMediaRequest: Method(self._send),
            functions.messages.SendMultiMediaRequest: Method(self._send_album),
        }

    def _upload(self, call: Call, request: TL) -> TL:
        """A file is made of what was uploaded; nobody is sent anything."""
        input_peers.place(self._world, request.peer, call.user_id)
        return attachments.to_tl(self._file(call, request.media))

    def _send(self, call: Call, request: TL) -> TL:
        """A repeated random_id is answered with the first message, whatever became of its parts."""
        place = self._sender.place(call, request, [request.random_id])
        first = self._world.messages.sent_with(call.user_id, place.id, request.random_id)
        if first is not None:
            content = first.content
        else:
            file = self._file(call, request.media)
            content = _content(file, request.message, request.entities)
        sent = self._sender.send(call, request, place, content, request.random_id)
        return self._sender.told(call, [sent])

    def _send_album(self, call: Call, request: TL) -> TL:
        """All items are checked before one is sent; those that were sent before stay as they are.

        An item is named by its id: one that is yet to be uploaded is MEDIA_INVALID
        (core.telegram.org/api/files#albums-grouped-media).
        """
        items = request.multi_media
        _check_album(items)
        place = self._sender.place(call, request, [item.random_id for item in items])
        sent_with = self._world.messages.sent_with
        before = [sent_with(call.user_id, place.id, item.random_id) for item in items]
        album_id = self._album_id(before)
        contents = [
            first.content if first else self._item(number, item, album_id)
            for number, (item, first) in enumerate(zip(items, before, strict=True))
        ]
        _check_mixture(contents)
        sent = [
            self._sender.send(call, request, place, content, item.random_id)
            for item, content in zip(items, contents, strict=True)
        ]
        return self._sender.told(call, sent)

    def _item(self, number: int, item: TL, album_id: int) -> Content:
        """One message of an album; what is wrong with its file reference names its number."""
        try:
            file = attachments.named(self._world.files, item.media)
        except RpcFailure as failure:
            text = failure.message.replace("FILE_REFERENCE_", f"FILE_REFERENCE_{number}_")
            raise RpcFailure(failure.code, text) from None
        return _content(file, item.message, item.entities, album_id)

    def _album_id(self, before: Sequence[Message | None]) -> int:
        """The album of the items that were sent before, else a new one; one item is in none."""
        if len(before) == 1:
            return 0
        known = next((message.content.album_id for message in before if message), 0)
        return known or self._world.files.new_album_id()

    def _file(self, call: Call, media: TL) -> File:
        """The file that an InputMedia means: made of an upload, or there already."""
        match media:
            case types.InputMediaUploadedPhoto():
                return self._photo(call, media)
            case types.InputMediaUploadedDocument():
                return self._document(call, media)
            case _:
                return attachments.named(self._world.files, media)

    def _photo(self, call: Call, media: TL) -> File:
        data = self._uploads.assemble(call.user_id, media.file)
        if not media.file.name.lower().endswith(_PICTURES):
            raise RpcFailure(400, "PHOTO_EXT_INVALID")
        if len(data) > MAX_PHOTO_BYTES:
            raise RpcFailure(400, "PHOTO_SAVE_FILE_INVALID")
        try:
            return self._world.files.add_photo(data)
        except BadPhoto as bad:
            raise RpcFailure(400, str(bad)) from None

    def _document(self, call: Call, media: TL) -> File:
        """A document, or a voice note where an attribute says so; other audio is a document."""
        data = self._uploads.assemble(call.user_id, media.file)
        named = {type(attribute): attribute for attribute in media.attributes}
        audio = named.get(types.DocumentAttributeAudio)
        if audio is not None and audio.voice:
            return self._world.files.add_voice(
                data, duration_s=audio.duration, mime_type=media.mime_type
            )
        stated = named.get(types.DocumentAttributeFilename)
        return self._world.files.add_document(
            data, name=stated.file_name if stated else "", mime_type=media.mime_type
        )


def _content(file: File, stated: str, spans: Sequence[TL] | None, album_id: int = 0) -> Content:
    text, found = attachments.caption(stated, spans)
    return Content(text, found, attachment=file, album_id=album_id)


def _check_album(items: Sequence[TL]) -> None:
    if not items:
        raise RpcFailure(400, "MEDIA_EMPTY")
    if len(items) > _MOST_IN_ALBUM:
        raise RpcFailure(400, "MULTI_MEDIA_TOO_LONG")
    if len({item.random_id for item in items}) < len(items):
        raise RpcFailure(500, "RANDOM_ID_DUPLICATE")


def _check_mixture(contents: Sequence[Content]) -> None:
    """Photos go with photos, documents with documents, and a voice note with nothing."""
    kinds = {content.attachment.kind for content in contents if content.attachment}
    if len(contents) > 1 and (len(kinds) > 1 or Kind.VOICE in kinds):
        raise RpcFailure(400, "MEDIA_GROUPED_INVALID")
