"""Which chat `chat_id` means, and what a bot may do there.

Source: `check_chat`, `check_chat_access` of telegram-bot-api, `can_send_message_content` of TDLib,
and core.telegram.org/bots/api#sendmessage.
"""

from typing import assert_never

from sandbox.botapi.errors import Refusal, bad_request, forbidden
from sandbox.botapi.parameters import Parameters
from sandbox.world import World
from sandbox.world.chats import Chat, NoWriting
from sandbox.world.people import User


def readable(
    world: World, bot: User, parameters: Parameters, name: str = "chat_id"
) -> User | Chat:
    """The person whom the bot has met, or the chat that it may look at.

    A `@username` finds channels and groups only, never a person.
    """
    text = parameters.text(name).strip()
    if not text:
        raise bad_request("chat_id is empty")
    if text.startswith("@"):
        place: User | Chat | None = world.chats.with_username(text)
    else:
        place = world.peer(parameters.number(name))
    if place is None or place.id == bot.id:
        raise bad_request("chat not found")
    if isinstance(place, Chat):
        if place.upgraded_to:
            raise _moved(place.upgraded_to)
        if bot.id not in place.members and not place.username:
            raise bad_request("chat not found")
        if not place.can_be_read_by(bot.id):
            raise _left(place, bot.id)
    return place


def joined(world: World, bot: User, parameters: Parameters, name: str = "chat_id") -> User | Chat:
    """The same; of a group or channel the bot must be a member."""
    place = readable(world, bot, parameters, name)
    if isinstance(place, Chat) and not place.has(bot.id):
        raise _left(place, bot.id)
    return place


def writable(world: World, bot: User, parameters: Parameters) -> User | Chat:
    """The same; the bot must be allowed to write there."""
    place = joined(world, bot, parameters)
    if isinstance(place, Chat):
        _check_chat(place, bot)
    elif place.is_bot:
        raise forbidden("bot can't send messages to bots")
    elif world.has_blocked(place.id, bot.id):
        raise forbidden("bot was blocked by the user")
    elif not world.has_started(place.id, bot.id):
        raise forbidden("bot can't initiate conversation with a user")
    return place


def _check_chat(chat: Chat, bot: User) -> None:
    match refusal := chat.refusal(bot.id):
        case None:
            return
        case NoWriting.BANNED | NoWriting.NOT_A_MEMBER:
            raise _left(chat, bot.id)
        case NoWriting.RESTRICTED | NoWriting.ADMINS_ONLY:
            raise bad_request("not enough rights to send text messages to the chat")
        case NoWriting.POSTS_ONLY:
            raise bad_request("need administrator rights in the channel chat")
        case _:
            assert_never(refusal)


def _left(chat: Chat, bot_id: int) -> Exception:
    if chat.is_banned(bot_id):
        return forbidden(f"bot was kicked from the {chat.kind} chat")
    return forbidden(f"bot is not a member of the {chat.kind} chat")


def _moved(to: int) -> Refusal:
    reason = "Bad Request: group chat was upgraded to a supergroup chat"
    return Refusal(400, reason, {"migrate_to_chat_id": to})
