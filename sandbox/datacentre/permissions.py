"""Who may write where, in Telegram's own errors: core.telegram.org/method/messages.sendMessage."""

from collections.abc import Iterable
from typing import assert_never

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind, NoWriting
from sandbox.world.people import User


def check_writing(world: World, user_id: int, place: User | Chat) -> None:
    """Raise the error that a message or an edit there gets, slow mode apart.

    Who may not even read a channel was told CHANNEL_PRIVATE when it was looked up.
    """
    if isinstance(place, Chat):
        _check_chat(place, user_id)
    elif world.has_blocked(user_id, place.id):
        raise RpcFailure(400, "YOU_BLOCKED_USER")
    elif world.has_blocked(place.id, user_id):
        raise RpcFailure(400, "USER_IS_BLOCKED")


def check_deleting(world: World, user_id: int, box: int, ids: Iterable[int]) -> None:
    """MESSAGE_DELETE_FORBIDDEN where one of these may not be deleted for all.

    In a private chat everybody may; in a group or channel its administrators and the author.
    """
    for message_id in ids:
        message = world.messages.get(box, message_id)
        chat = world.chats.by_id.get(message.chat_id) if message else None
        if message and chat and not chat.is_admin(user_id) and message.sender_id != user_id:
            raise RpcFailure(403, "MESSAGE_DELETE_FORBIDDEN")


def _check_chat(chat: Chat, user_id: int) -> None:
    match refusal := chat.refusal(user_id):
        case None:
            return
        case NoWriting.NOT_A_MEMBER if chat.kind is ChatKind.CHANNEL:
            raise RpcFailure(400, "CHAT_ADMIN_REQUIRED")
        case NoWriting.POSTS_ONLY:
            raise RpcFailure(400, "CHAT_ADMIN_REQUIRED")
        case NoWriting.BANNED | NoWriting.NOT_A_MEMBER | NoWriting.ADMINS_ONLY:
            raise RpcFailure(403, "CHAT_WRITE_FORBIDDEN")
        case NoWriting.RESTRICTED:
            raise RpcFailure(400, "USER_BANNED_IN_CHANNEL")
        case _:
            assert_never(refusal)
