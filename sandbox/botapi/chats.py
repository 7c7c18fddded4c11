"""The Bot API's users and chats: core.telegram.org/bots/api#user, #chat and #chatfullinfo."""

from typing import Any

from sandbox.world.chats import Chat, ChatKind
from sandbox.world.people import User

Json = dict[str, Any]

PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
)
MANAGEMENT = ("can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics")
_GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def user_object(user: User) -> Json:
    """core.telegram.org/bots/api#user; optional fields are left out where empty."""
    optional = {"last_name": user.last_name, "username": user.username}
    return {
        "id": user.id,
        "is_bot": user.is_bot,
        "first_name": user.first_name,
        **{name: value for name, value in optional.items() if value},
    }


def chat_object(place: User | Chat) -> Json:
    """A private chat, whose id is the person's, or a group or channel."""
    if isinstance(place, Chat):
        name = {"username": place.username} if place.username else {}
        return {"id": place.id, "title": place.title, "type": place.kind, **name}
    person = user_object(place)
    del person["is_bot"]
    return person | {"type": "private"}


def full_chat_object(place: User | Chat) -> Json:
    """With the required fields and the plain ones."""
    names = {"active_usernames": [place.username]} if place.username else {}
    full = chat_object(place) | {
        **names,
        "accent_color_id": abs(place.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if isinstance(place, Chat) and place.kind is not ChatKind.CHANNEL:
        may_write = dict.fromkeys(PERMISSIONS, not place.only_admins_write)
        full["permissions"] = may_write | dict.fromkeys(MANAGEMENT, False)
        if place.slow_mode_s:
            full["slow_mode_delay"] = place.slow_mode_s
    return full
