"""The Bot API's objects, made from the world's."""

from datetime import datetime
from typing import Any

from sandbox.world import World
from sandbox.world.messages import Entity, Message
from sandbox.world.people import User
from sandbox.world.presses import Press

Json = dict[str, Any]


def user_object(user: User) -> Json:
    """core.telegram.org/bots/api#user; optional fields are left out where empty."""
    optional = {"last_name": user.last_name, "username": user.username}
    return {
        "id": user.id,
        "is_bot": user.is_bot,
        "first_name": user.first_name,
        **{name: value for name, value in optional.items() if value},
    }


def me_object(bot: User) -> Json:
    return user_object(bot) | {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_object(user: User) -> Json:
    """The private chat with that person; its id is the person's."""
    person = user_object(user)
    del person["is_bot"]
    return person | {"type": "private"}


def full_chat_object(user: User) -> Json:
    """core.telegram.org/bots/api#chatfullinfo, with its required fields and the plain ones."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return chat_object(user) | {
        **({"active_usernames": [user.username]} if user.username else {}),
        "accent_color_id": user.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


def message_object(world: World, message: Message, *, is_reply: bool = False) -> Json:
    """A message as its owner, the bot, sees it. A reply inside shows no further reply."""
    people = world.people.by_id
    content = message.content
    result: Json = {
        "message_id": message.id,
        "from": user_object(people[message.sender_id]),
        "chat": chat_object(people[message.chat_id]),
        "date": timestamp(message.date),
        "text": content.text,
    }
    if message.edited_at:
        result["edit_date"] = timestamp(message.edited_at)
    if content.entities:
        result["entities"] = [entity_object(world, entity) for entity in content.entities]
    if content.markup and "inline_keyboard" in content.markup:
        result["reply_markup"] = content.markup
    answered = world.messages.get(message.owner_id, message.reply_to_id)
    if answered and not is_reply:
        result["reply_to_message"] = message_object(world, answered, is_reply=True)
    return result


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
    instance = (press.user_id << 20) ^ press.bot_id
    return {
        "id": press.id,
        "from": user_object(world.people.by_id[press.user_id]),
        "message": message_object(world, press.message),
        "chat_instance": str(instance),
        "data": press.data,
    }


def timestamp(at: datetime) -> int:
    return int(at.timestamp())
