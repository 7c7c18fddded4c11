"""The world's people and messages as TL objects, as one user sees them."""

from collections.abc import Iterable

from telethon.tl import types

from sandbox.datacentre import entities, keyboards
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.messages import BoxEvent, DeletedMessages, EditedMessage, Message, NewMessage
from sandbox.world.people import TELEGRAM_ID, User


def user(person: User, viewer_id: int) -> TL:
    """A TL user. The phone is shown to its owner, and Telegram's to everyone."""
    is_self = person.id == viewer_id
    return types.User(
        id=person.id,
        is_self=is_self or None,
        bot=person.is_bot or None,
        verified=True if person.id == TELEGRAM_ID else None,
        support=True if person.id == TELEGRAM_ID else None,
        access_hash=person.access_hash,
        first_name=person.first_name,
        last_name=person.last_name or None,
        username=person.username,
        phone=person.phone if is_self or person.id == TELEGRAM_ID else None,
        bot_info_version=1 if person.is_bot else None,
    )


def users(world: World, ids: Iterable[int], viewer_id: int) -> list[TL]:
    """TL users for those ids, each once, the unknown left out."""
    people = (world.people.by_id.get(user_id) for user_id in sorted(set(ids)))
    return [user(person, viewer_id) for person in people if person]


def message(copy: Message) -> TL:
    """A TL message: one owner's copy. `from_id` is left out where the chat says who it is."""
    return types.Message(
        id=copy.id,
        out=copy.is_outgoing or None,
        peer_id=types.PeerUser(copy.chat_id),
        from_id=types.PeerUser(copy.sender_id) if copy.is_outgoing else None,
        date=copy.date,
        message=copy.content.text,
        entities=entities.to_tl(copy.content.entities),
        reply_markup=keyboards.to_tl(copy.content.markup),
        edit_date=copy.edited_at,
        reply_to=_reply_to(copy),
    )


def _reply_to(copy: Message) -> TL:
    if not copy.reply_to_id:
        return None
    return types.MessageReplyHeader(reply_to_msg_id=copy.reply_to_id)


def update(event: BoxEvent) -> TL:
    """One event of a message box as a TL update (core.telegram.org/api/updates)."""
    match event:
        case NewMessage():
            return types.UpdateNewMessage(message(event.message), event.pts, 1)
        case EditedMessage():
            return types.UpdateEditMessage(message(event.message), event.pts, 1)
        case DeletedMessages():
            ids = list(event.ids)
            return types.UpdateDeleteMessages(ids, event.pts, len(ids))


def people_of(event: BoxEvent) -> set[int]:
    """Whom a client must know to show that event."""
    match event:
        case NewMessage() | EditedMessage():
            return {event.message.chat_id, event.message.sender_id, event.message.owner_id}
        case DeletedMessages():
            return set()


def updates(world: World, found: list[TL], people: Iterable[int], viewer_id: int) -> TL:
    """An `updates` object; its `seq` is 0 because box events are ordered by pts alone."""
    return types.Updates(found, users(world, people, viewer_id), [], world.now(), 0)
