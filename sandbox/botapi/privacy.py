"""Which messages reach a bot: core.telegram.org/bots/features#privacy-mode, /bots/faq."""

from collections.abc import Iterator
from itertools import islice

from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind
from sandbox.world.messages import Content, Message
from sandbox.world.people import User

_LOOKED_BACK = 200
"""In how many messages the last one of a bot is looked for."""


def hears(world: World, bot: User, message: Message) -> bool:
    """Whether that message, in the bot's box or in that of a channel, is an update for the bot."""
    if message.sender_id == bot.id:
        return False
    chat = world.chats.by_id.get(message.chat_id)
    if chat is None:
        return True
    member = chat.members.get(bot.id)
    if member is None or not member.is_present or message.date < member.joined_at:
        return False
    if chat.kind is ChatKind.CHANNEL:
        return True
    if world.people.by_id[message.sender_id].is_bot:
        return False
    return bot.reads_all or member.is_admin or _is_meant(world, bot, chat, message)


def _is_meant(world: World, bot: User, chat: Chat, message: Message) -> bool:
    """Whether a bot in privacy mode gets it: a command, a mention, or an answer to the bot."""
    answered = world.messages.get(message.owner_id, message.reply_to_id)
    if answered is not None and answered.sender_id == bot.id:
        return True
    name = f"@{bot.username}".lower()
    for kind, words, user_id in _spans(message.content):
        if user_id == bot.id or (kind == "mention" and words.lower() == name):
            return True
        if kind == "bot_command":
            _, at, addressee = words.lower().partition("@")
            if f"@{addressee}" == name or (not at and _spoke_last(world, bot, chat, message)):
                return True
    return False


def _spoke_last(world: World, bot: User, chat: Chat, message: Message) -> bool:
    """Whether no other bot has written since this one did: such a one gets plain commands."""
    history = reversed(world.messages.history(message.owner_id, chat.id))
    senders = (each.sender_id for each in islice(history, _LOOKED_BACK))
    bots = (user_id for user_id in senders if world.people.by_id[user_id].is_bot)
    return next(bots, bot.id) == bot.id


def _spans(content: Content) -> Iterator[tuple[str, str, int]]:
    """Kind, words and user of each entity."""
    units = content.text.encode("utf-16-le")
    for entity in content.entities:
        words = units[entity.offset * 2 : (entity.offset + entity.length) * 2]
        yield entity.kind, words.decode("utf-16-le"), entity.extra.get("user_id", 0)
