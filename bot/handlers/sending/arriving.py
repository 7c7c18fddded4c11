"""What a message of the operator holds that can be sent; and whom it names."""

from collections.abc import Sequence

from aiogram.types import (
    Contact,
    Document,
    Message,
    MessageEntity,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    PhotoSize,
    Voice,
)

from bot.handlers.sending.plan import Content, Enclosed
from bot.program_drafts import MAX_ALBUM, MAX_BYTES
from bot.splitting import Piece
from storage.delivery import Media
from userbot.targets import BadPhone, BadTarget, parse_phone, parse_target

_MB = 1 << 20
LONGEST_NAME, LONGEST_TYPE = 255, 128
"""What is stored of a file's name and kind."""


class NotSendable(ValueError):
    """That can't be sent; `key` and `args` are the text that says so."""

    def __init__(self, key: str, **words: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.words = words


class HiddenAuthor(ValueError):
    """Whoever wrote a forwarded message hides who they are."""


def words_of(message: Message) -> Piece:
    """The text of a message, or the caption of its file."""
    if message.text is not None:
        return Piece(message.text, _entities(message.entities))
    return Piece(message.caption or "", _entities(message.caption_entities))


def content_of(message: Message, words: Piece | None = None) -> Content:
    """What a message holds; `words` in place of its text. Raises `NotSendable`."""
    piece = words if words is not None else words_of(message)
    pieces = (piece,) if piece.text.strip() else ()
    file = _file(message)
    return Content(pieces, (file,) if file else ())


def check(content: Content) -> None:
    """Raises `NotSendable` where that makes no message, or no album."""
    kinds = {file.kind for file in content.files}
    if len(content.files) > MAX_ALBUM:  # an app makes several albums of many pictures
        raise NotSendable("send-many", most=MAX_ALBUM, count=len(content.files))
    if len(content.files) > 1 and (len(kinds) > 1 or Media.VOICE in kinds):
        raise NotSendable("send-mixed")
    if not content.files and not content.pieces:
        raise NotSendable("send-empty")


def target_of(message: Message) -> str:
    """Whom a message names: an author, a contact, or by what is written.

    Raises `BadTarget` and `HiddenAuthor`.
    """
    match message.forward_origin:
        case MessageOriginHiddenUser():
            raise HiddenAuthor
        case MessageOriginUser(sender_user=author):
            return f"@{author.username}" if author.username else str(author.id)
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return f"@{chat.username}" if chat.username else str(chat.id)
        case None:
            pass
    if message.contact is not None:
        return _of_contact(message.contact)
    return parse_target(message.text or "")


def _of_contact(contact: Contact) -> str:
    digits = "+" + contact.phone_number.lstrip("+")
    try:
        return parse_phone(digits)
    except BadPhone as exc:
        if contact.user_id is not None:
            return str(contact.user_id)
        raise BadTarget(exc.reason) from exc


def _file(message: Message) -> Enclosed | None:
    """The file that comes with a message. Raises `NotSendable` for what is no text either."""
    # A GIF says that it is a document too; sent as one it would be a file.
    if message.photo and message.animation is None:
        photo = message.photo[-1]  # the largest
        return _checked(photo, Enclosed(photo.file_id, Media.PHOTO, "photo.jpg", "image/jpeg"))
    if message.document is not None and message.animation is None:
        document = message.document
        mime_type = (document.mime_type or "application/octet-stream")[:LONGEST_TYPE]
        name = (document.file_name or "file")[-LONGEST_NAME:]  # its end says what it is
        return _checked(document, Enclosed(document.file_id, Media.DOCUMENT, name, mime_type))
    if message.voice is not None:
        voice = message.voice
        mime_type = voice.mime_type or "audio/ogg"
        spoken = Enclosed(voice.file_id, Media.VOICE, "voice.ogg", mime_type, voice.duration)
        return _checked(voice, spoken)
    if message.text is None:
        raise NotSendable("send-cant")
    return None


def _checked(sent: PhotoSize | Document | Voice, file: Enclosed) -> Enclosed:
    """Raises `NotSendable` for what the Bot API does not hand out."""
    if (sent.file_size or 0) > MAX_BYTES:
        size = f"{(sent.file_size or 0) / _MB:.1f}"
        raise NotSendable("send-too-large", name=file.name, size=size)
    return file


def _entities(found: Sequence[MessageEntity] | None) -> tuple[dict[str, object], ...]:
    return tuple(e.model_dump(mode="json", exclude_none=True) for e in found or ())
