"""The operator's chat about logging accounts in, and taking them over."""

from bot.handlers.login.keypad import Typed
from bot.handlers.login.starting import router

__all__ = ["Typed", "router"]
