"""Answers presses on alerts in a message below, so that the alert can be edited to its end.

Two middlewares: the first takes the wrapping off before handlers are chosen, the second sends the
message once it is sure that one may answer. Handlers notice nothing: their message is the new one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Dispatcher
from aiogram.types import CallbackQuery, Message, TelegramObject
from typing_extensions import override

from bot.callbacks import Below
from bot.texts import Texts

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
_IS_BELOW = "is_below"
_MARK = f"{Below.__prefix__}{Below.__separator__}"


def answer_below(dispatcher: Dispatcher, t: Texts) -> None:
    """To be called after whatever else may keep a press from its handler."""
    dispatcher.callback_query.outer_middleware(_Unwrap())
    dispatcher.callback_query.middleware(_SendBelow(t))


class _Unwrap(BaseMiddleware):
    @override
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, CallbackQuery) and (event.data or "").startswith(_MARK):
            try:
                press = Below.unpack(event.data or "").press
            except (TypeError, ValueError):  # no button of ours: whoever takes those answers
                return await handler(event, data)
            event, data = event.model_copy(update={"data": press}), data | {_IS_BELOW: True}
        return await handler(event, data)


class _SendBelow(BaseMiddleware):
    def __init__(self, t: Texts) -> None:
        self._t = t

    @override
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, CallbackQuery) and data.get(_IS_BELOW):
            above = event.message
            if isinstance(above, Message):
                sent = await above.answer(self._t("below"))
                event = event.model_copy(update={"message": sent})
        return await handler(event, data)
