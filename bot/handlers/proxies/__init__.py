"""The operator's chat about proxies."""

from bot.handlers.proxies.listing import router

__all__ = ["router"]
