"""Sends as the bot, at most once: the Bot API has no key that makes a repeat harmless."""

from bot.botroute.changes import BotChanges
from bot.botroute.route import BotRoute

__all__ = ["BotChanges", "BotRoute"]
