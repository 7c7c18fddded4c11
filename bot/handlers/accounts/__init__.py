"""The operator's chat about accounts."""

from bot.handlers.accounts.listing import router

__all__ = ["router"]
