"""The world's people and messages as TL objects, as one user sees them."""

from collections.abc import Iterable

from telethon.tl import types

from sandbox.datacentre import attachments, entities, keyboards
from sandbox.datacentre.chats import chats, peer
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import ChatKind, bare_id, is_channel
from sandbox.world.messages import BoxEvent, DeletedMessages, EditedMessage, Message, NewMessage
from sandbox.world.people import TELEGRAM_ID, User
from sandbox.world.sharing import Contact, Origin


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


def message(world: World, copy: Message, viewer_id: int) -> TL:
    """A TL message: one owner's copy. `from_id` is left out where the chat says who it is."""
    is_post, is_out = _is_post(world, copy), copy.sender_id == viewer_id
    is_named = (is_out or copy.chat_id < 0) and not is_post
    return types.Message(
        id=copy.id,
        out=is_out or None,
        post=is_post or None,
        silent=copy.is_silent or None,
        peer_id=peer(copy.chat_id),
        from_id=types.PeerUser(copy.sender_id) if is_named else None,
        fwd_from=_forwarded(copy.origin),
        date=copy.date,
        message=copy.content.text,
        media=_contact(copy.content.contact) or attachments.to_tl(copy.content.attachment),
        grouped_id=copy.content.album_id or None,
        entities=entities.to_tl(copy.content.entities),
        reply_markup=keyboards.to_tl(copy.content.markup),
        edit_date=copy.edited_at,
        reply_to=_reply_to(copy),
    )


def _is_post(world: World, copy: Message) -> bool:
    chat = world.chats.by_id.get(copy.chat_id)
    return chat is not None and chat.kind is ChatKind.CHANNEL


def _reply_to(copy: Message) -> TL:
    if not copy.reply_to_id:
        return None
    return types.MessageReplyHeader(reply_to_msg_id=copy.reply_to_id)


def _forwarded(origin: Origin | None) -> TL:
    if origin is None:
        return None
    return types.MessageFwdHeader(
        date=origin.date,
        from_id=peer(origin.peer_id) if origin.peer_id else None,
        from_name=origin.name or None,
        channel_post=origin.message_id or None,
    )


def _contact(contact: Contact | None) -> TL:
    if contact is None:
        return None
    return types.MessageMediaContact(
        contact.phone, contact.first_name, contact.last_name, "", contact.user_id
    )


def update(world: World, event: BoxEvent, viewer_id: int) -> TL:
    """One event of a message box as a TL update (core.telegram.org/api/updates)."""
    match event:
        case NewMessage(copy, pts):
            kind = _kind(copy.chat_id, types.UpdateNewMessage, types.UpdateNewChannelMessage)
            return kind(message(world, copy, viewer_id), pts, 1)
        case EditedMessage(copy, pts):
            kind = _kind(copy.chat_id, types.UpdateEditMessage, types.UpdateEditChannelMessage)
            return kind(message(world, copy, viewer_id), pts, 1)
        case DeletedMessages(chat_id=chat_id, ids=ids, pts=pts) if is_channel(chat_id):
            return types.UpdateDeleteChannelMessages(bare_id(chat_id), list(ids), pts, len(ids))
        case DeletedMessages(ids=ids, pts=pts):
            return types.UpdateDeleteMessages(list(ids), pts, len(ids))


def _kind(chat_id: int, private: TL, of_channel: TL) -> TL:
    return of_channel if is_channel(chat_id) else private


def people_of(world: World, event: BoxEvent) -> set[int]:
    """Whom and which chats a client must know to show that event; who posts in a channel is hidden."""
    match event:
        case NewMessage(copy) | EditedMessage(copy):
            known = {copy.chat_id, copy.owner_id}
            if not _is_post(world, copy):
                known.add(copy.sender_id)
            return known | ({copy.origin.peer_id} if copy.origin else set())
        case DeletedMessages():
            return {event.chat_id} if is_channel(event.chat_id) else set()


def updates(world: World, found: list[TL], people: Iterable[int], viewer_id: int) -> TL:
    """An `updates` object; its `seq` is 0 because box events are ordered by pts alone."""
    people = set(people)
    known = users(world, people, viewer_id), chats(world, people, viewer_id)
    return types.Updates(found, *known, world.now(), 0)
