"""The page: an operator's chat with the bot, to be used by hand. Plain files, no build step."""

from sandbox.page.routes import page_routes

__all__ = ["page_routes"]
