"""A strict Bot API server over the sandbox's world. Private chats only in this cut."""

from sandbox.botapi.server import BotApi

__all__ = ["BotApi"]
