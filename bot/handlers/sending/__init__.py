"""Writing messages: the dialog, the options of a draft, and what holds for all sending."""

from aiogram import Router

from bot.handlers.sending import asking, holding, options


def router() -> Router:
    sending = Router(name="sending")
    sending.include_routers(asking.router(), options.router(), holding.router())
    return sending
