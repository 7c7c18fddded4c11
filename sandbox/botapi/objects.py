"""The Bot API's objects, made from the world's."""

from datetime import datetime

from sandbox.botapi.attachments import attachment_fields
from sandbox.botapi.chats import Json, chat_object, user_object
from sandbox.botapi.sharing import contact_object, origin_object
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.messages import Content, Entity, Message
from sandbox.world.people import User
from sandbox.world.presses import Press


def me_object(bot: User) -> Json:
    return user_object(bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": bot.reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def message_object(world: World, message: Message, *, is_reply: bool = False) -> Json:
    """A message as its owner, the bot, sees it. A reply inside shows no further reply."""
    content = message.content
    result: Json = {
        "message_id": message.id,
        **_where(world, message),
        "date": timestamp(message.date),
        **_words(world, content),
    }
    if message.origin:
        result["forward_origin"] = origin_object(world, message.origin)
    if message.edited_at:
        result["edit_date"] = timestamp(message.edited_at)
    if content.markup and "inline_keyboard" in content.markup:
        result["reply_markup"] = content.markup
    answered = world.messages.get(message.owner_id, message.reply_to_id)
    if answered and not is_reply:
        result["reply_to_message"] = message_object(world, answered, is_reply=True)
    return result


def _where(world: World, message: Message) -> Json:
    """The chat and the sender; a channel's posts are the channel's own."""
    chat = world.chats.by_id.get(message.chat_id)
    if chat is not None and chat.kind is ChatKind.CHANNEL:
        return {"sender_chat": chat_object(chat), "chat": chat_object(chat)}
    people = world.people.by_id
    return {
        "from": user_object(people[message.sender_id]),
        "chat": chat_object(chat or people[message.chat_id]),
    }


def _words(world: World, content: Content) -> Json:
    """The text; of a file the file and its caption, if it has one; or a contact."""
    if content.contact is not None:
        return {"contact": contact_object(content.contact)}
    spans = [entity_object(world, entity) for entity in content.entities]
    if content.attachment is None:
        return {"text": content.text, **({"entities": spans} if spans else {})}
    album_id = str(content.album_id) if content.album_id else ""
    optional = {
        "caption": content.text,
        "caption_entities": spans,
        "media_group_id": album_id,
    }
    said = {name: value for name, value in optional.items() if value}
    return attachment_fields(content.attachment) | said


def entity_object(world: World, entity: Entity) -> Json:
    """core.telegram.org/bots/api#messageentity."""
    result: Json = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    for name, value in entity.extra.items():
        if name != "user_id":
            result[name] = value
        elif user := world.people.by_id.get(value):
            result["user"] = user_object(user)
    return result


def callback_object(world: World, press: Press) -> Json:
    """core.telegram.org/bots/api#callbackquery; `chat_instance` stands for the chat."""
    chat_id = press.message.chat_id
    instance = chat_id if chat_id < 0 else (press.user_id << 20) ^ press.bot_id
    return {
        "id": press.id,
        "from": user_object(world.people.by_id[press.user_id]),
        "message": message_object(world, press.message),
        "chat_instance": str(instance),
        "data": press.data,
    }


def timestamp(at: datetime) -> int:
    return int(at.timestamp())
