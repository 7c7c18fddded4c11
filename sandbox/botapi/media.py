"""The methods about files: send, send as an album, change the caption, download.

Sources: the `process_send_…_query` and `get_input_media` functions of telegram-bot-api, the checks
of TDLib's `FileManager` and `MessagesManager`, and core.telegram.org/bots/api#sending-files.
"""

from dataclasses import replace
from mimetypes import guess_type
from typing import Any, assert_never

from sandbox.botapi.attachments import find, ids, path
from sandbox.botapi.chats import Json
from sandbox.botapi.errors import bad_request
from sandbox.botapi.formatting import formatted_caption
from sandbox.botapi.keyboards import inline_markup, reply_markup
from sandbox.botapi.messages import BotMessages
from sandbox.botapi.objects import message_object
from sandbox.botapi.parameters import Parameters, Upload
from sandbox.world import World
from sandbox.world.files import MAX_PHOTO_BYTES, BadPhoto, File, Kind
from sandbox.world.messages import Content
from sandbox.world.people import User

MAX_DOWNLOAD_BYTES = 20 << 20
MAX_ALBUM = 10
MAX_DURATION_S = 86_400
_TYPES = {Kind.PHOTO: "Photo", Kind.DOCUMENT: "Document", Kind.VOICE: "VoiceNote"}
_VOICES = {"audio/ogg", "audio/mpeg", "audio/mp4"}


class BotMedia(BotMessages):
    """One bot's methods about files, beside those about messages."""

    def __init__(self, world: World, bot: User) -> None:
        super().__init__(world, bot)
        self._paths: dict[str, str] = {}
        """By file_id."""
        self._downloads: dict[str, bytes] = {}
        """By path."""

    def send_photo(self, parameters: Parameters) -> Json:
        """`sendPhoto`."""
        return self._send_file(parameters, Kind.PHOTO)

    def send_document(self, parameters: Parameters) -> Json:
        """`sendDocument`."""
        return self._send_file(parameters, Kind.DOCUMENT)

    def send_voice(self, parameters: Parameters) -> Json:
        """`sendVoice`."""
        return self._send_file(parameters, Kind.VOICE)

    def send_group(self, parameters: Parameters) -> list[Json]:
        """`sendMediaGroup`: all or nothing; one item alone is no album."""
        place = self._writable(parameters)
        contents = self._album(parameters)
        sent = [self._say(parameters, place, content) for content in contents]
        return [message_object(self._world, message) for message in sent]

    def edit_caption(self, parameters: Parameters) -> Json:
        """`editMessageCaption`; without a markup the keyboard goes."""
        message = self._editable(parameters)
        if message.content.attachment is None:
            raise bad_request("there is no caption in the message to edit")
        text, entities = formatted_caption(parameters, self._world)
        markup = inline_markup(parameters)
        content = replace(message.content, text=text, entities=entities, markup=markup)
        return self._edit(message, content)

    def edit_media(self, parameters: Parameters) -> Json:
        """`editMessageMedia`: another photo or document, also in place of a text."""
        message = self._editable(parameters)
        raw: Any = parameters.parsed("media", "can't parse media JSON object")
        kind, old = _media_type(raw), message.content
        before = old.attachment.kind if old.attachment else None
        if before is Kind.VOICE:
            raise bad_request("message media can't be edited")
        if old.album_id and kind != before:
            raise bad_request("can't change media type in the album")
        new = self._input_media(parameters.inside(raw), old.album_id)
        return self._edit(message, replace(new, markup=inline_markup(parameters)))

    def file(self, parameters: Parameters) -> Json:
        """`getFile`: where to download a file of up to 20 MB."""
        file_id = parameters.text("file_id")
        if not file_id:
            raise bad_request("file_id not specified")
        found = find(self._world.files, file_id)
        if found is None:
            raise bad_request("invalid file_id")
        if max(len(found.data), found.file.claimed_bytes) > MAX_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        if file_id not in self._paths:
            self._paths[file_id] = path(found, len(self._paths))
            self._downloads[self._paths[file_id]] = found.data
        named = ids(found.file, found.size)
        return named | {"file_size": len(found.data), "file_path": self._paths[file_id]}

    def download(self, file_path: str) -> bytes | None:
        """What lies at a path that `getFile` has told of."""
        return self._downloads.get(file_path)

    def _send_file(self, parameters: Parameters, kind: Kind) -> Json:
        place = self._writable(parameters)
        text, entities = formatted_caption(parameters, self._world)
        markup = reply_markup(parameters)
        file = self._input_file(parameters, kind, kind)
        if file is None:
            raise bad_request(f"there is no {kind} in the request")
        content = Content(text, entities, markup, attachment=file)
        return message_object(self._world, self._say(parameters, place, content))

    def _album(self, parameters: Parameters) -> list[Content]:
        raw = parameters.parsed("media", "can't parse media JSON object")
        if raw is None or raw == []:
            raise bad_request("there are no messages to send")
        if not isinstance(raw, list):
            raise bad_request("expected an Array of InputMedia")
        if len(raw) > MAX_ALBUM:
            raise bad_request("too many messages to send as an album")
        if len({_media_type(item) for item in raw}) > 1:
            raise bad_request("document can't be mixed with other media types")
        album_id = self._world.files.new_album_id() if len(raw) > 1 else 0
        return [self._input_media(parameters.inside(item), album_id) for item in raw]

    def _input_media(self, item: Parameters, album_id: int) -> Content:
        text, entities = formatted_caption(item, self._world)
        file = self._input_file(item, "media", Kind(item.text("type")))
        if file is None:
            raise bad_request("can't parse InputMedia: media not found")
        return Content(text, entities, attachment=file, album_id=album_id)

    def _input_file(self, parameters: Parameters, name: str, kind: Kind) -> File | None:
        """A file that comes with the request or is there already; None where none is named."""
        match stated := parameters.file(name):
            case None:
                return None
            case Upload():
                duration_s = min(max(parameters.number("duration"), 0), MAX_DURATION_S)
                return self._uploaded(stated, kind, duration_s)
            case str():
                return self._known(stated, kind)
            case _:
                assert_never(stated)

    def _known(self, file_id: str, kind: Kind) -> File:
        """A link to a file elsewhere is taken for a wrong id: the sandbox fetches nothing."""
        found = find(self._world.files, file_id)
        if found is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if found.file.kind is not kind:
            raise bad_request(
                f"can't use file of type {_TYPES[found.file.kind]} as {_TYPES[kind]}"
            )
        return found.file

    def _uploaded(self, upload: Upload, kind: Kind, duration_s: int) -> File:
        files, data = self._world.files, upload.data
        if not data:
            raise bad_request("file must be non-empty")
        mime_type = guess_type(upload.name)[0] or "application/octet-stream"
        match kind:
            case Kind.PHOTO:
                return self._photo(data)
            case Kind.VOICE:
                spoken = mime_type if mime_type in _VOICES else "audio/ogg"
                return files.add_voice(data, duration_s=duration_s, mime_type=spoken)
            case Kind.DOCUMENT:
                return files.add_document(data, name=upload.name, mime_type=mime_type)

    def _photo(self, data: bytes) -> File:
        if len(data) > MAX_PHOTO_BYTES:
            raise bad_request(
                f"file of size {len(data)} bytes is too big for a photo;"
                f" the maximum size is {MAX_PHOTO_BYTES} bytes"
            )
        try:
            return self._world.files.add_photo(data)
        except BadPhoto as bad:
            raise bad_request(str(bad)) from None


def _media_type(item: Any) -> str:  # noqa: ANN401 - what a caller may have put into the JSON
    """The type of an InputMedia: a photo or a document; the sandbox keeps no videos and no music."""
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = item.get("type")
    if kind is None:
        raise bad_request("can't parse InputMedia: Can't find field \"type\"")
    if kind not in (Kind.PHOTO, Kind.DOCUMENT):
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    return str(kind)
