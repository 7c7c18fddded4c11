"""A strict Bot API server over the sandbox's world."""

from sandbox.botapi.server import BotApi

__all__ = ["BotApi"]
