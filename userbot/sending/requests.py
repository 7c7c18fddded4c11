"""What is asked of Telegram to send a delivery, and what its answer says."""

from collections.abc import Sequence
from typing import Any

from telethon import utils
from telethon.tl import functions, types

from storage.attachments import Attachment, Uploaded
from storage.delivery import Delivery, Media, TargetPeer
from userbot.sending.formatting import to_tl


def request_for(delivery: Delivery, peer: TargetPeer, items: Sequence[Attachment]) -> Any:  # noqa: ANN401 - Telethon is untyped
    """The request: identical at every attempt, so that Telegram knows it again."""
    common: dict[str, Any] = {
        "peer": input_peer(peer),
        "reply_to": _reply_to(delivery),
        "silent": delivery.is_silent or None,
    }
    entities = to_tl(delivery.entities)
    if delivery.media is Media.ALBUM:
        media = [
            types.InputSingleMedia(
                _input_media(item),
                delivery.text if number == 0 else "",
                random_id=item.random_id,
                entities=entities if number == 0 else None,
            )
            for number, item in enumerate(items)
        ]
        return functions.messages.SendMultiMediaRequest(multi_media=media, **common)
    own = {"message": delivery.text, "random_id": delivery.random_id, "entities": entities}
    if delivery.media is Media.NONE:
        return functions.messages.SendMessageRequest(**own, **common)
    return functions.messages.SendMediaRequest(media=_input_media(items[0]), **own, **common)


def for_telethon(target: str) -> str | int:
    """A target as Telethon looks it up."""
    return int(target) if target.lstrip("-").isdigit() else target


def target_peer(peer: Any) -> TargetPeer:  # noqa: ANN401 - Telethon is untyped
    """What is kept of a resolved target. Raises ValueError where nobody can write to it."""
    match peer:
        case types.InputPeerSelf():
            return TargetPeer("self", 0, 0)
        case types.InputPeerUser():
            return TargetPeer("user", peer.user_id, peer.access_hash)
        case types.InputPeerChat():
            return TargetPeer("chat", peer.chat_id, 0)
        case types.InputPeerChannel():
            return TargetPeer("channel", peer.channel_id, peer.access_hash)
        case _:
            raise ValueError("that target can't be written to")


def input_peer(peer: TargetPeer) -> Any:  # noqa: ANN401 - Telethon is untyped
    match peer.kind:
        case "self":
            return types.InputPeerSelf()
        case "user":
            return types.InputPeerUser(peer.id, peer.access_hash)
        case "chat":
            return types.InputPeerChat(peer.id)
        case _:
            return types.InputPeerChannel(peer.id, peer.access_hash)


def marked_id(peer: TargetPeer) -> int:
    """The peer's id as the Bot API has it: -100 before a channel's."""
    marks = {"chat": types.PeerChat, "channel": types.PeerChannel}
    return int(utils.get_peer_id(marks.get(peer.kind, types.PeerUser)(peer.id)))


def sent_as(delivery: Delivery, items: Sequence[Attachment], answer: Any) -> list[int]:  # noqa: ANN401 - Telethon is untyped
    """The ids of what was sent, now or by an earlier identical request: an album's in its order.

    Empty where the answer does not say.
    """
    if isinstance(answer, types.UpdateShortSentMessage):
        return [int(answer.id)]
    updates = getattr(answer, "updates", ())
    ids = {u.random_id: int(u.id) for u in updates if isinstance(u, types.UpdateMessageID)}
    is_album = delivery.media is Media.ALBUM
    wanted = [item.random_id for item in items] if is_album else [delivery.random_id]
    return [ids[random_id] for random_id in wanted if random_id in ids]


def link_to(peer: TargetPeer, username: str | None, message: int | None) -> str:
    """Where a message can be opened; empty for private chats and basic groups, which have none.

    https://core.telegram.org/api/links#message-links
    """
    if peer.kind != "channel" or message is None:
        return ""
    return f"https://t.me/{username or f'c/{peer.id}'}/{message}"


def _reply_to(delivery: Delivery) -> Any:  # noqa: ANN401 - Telethon is untyped
    return types.InputReplyToMessage(delivery.reply_to) if delivery.reply_to else None


def _input_media(item: Attachment) -> Any:  # noqa: ANN401 - Telethon is untyped
    file = item.uploaded
    if file is None:
        raise ValueError("an attachment was not uploaded")
    if item.kind is Media.PHOTO:
        return types.InputMediaPhoto(types.InputPhoto(*_as_file(file)))
    return types.InputMediaDocument(types.InputDocument(*_as_file(file)))


def _as_file(file: Uploaded) -> tuple[int, int, bytes]:
    return file.id, file.access_hash, file.reference
