"""Shows work under way by edits of one message, until it is done or the operator leaves it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject
from typing_extensions import override

from bot.show import edit
from bot.views.view import View

EDIT_EVERY_S = 1.0
"""Telegram bears about one edit a second in a chat."""
POLL_S = 3.0
"""Wake-ups are hints: the rows are read this often without one."""


class Woken(Protocol):
    """Something that wakes when rows have changed."""

    async def wait(self, limit_s: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Glance:
    """How the work looks now."""

    view: View
    is_over: bool


class Following:
    """The messages that are being edited; a press on one of them ends that."""

    def __init__(self) -> None:
        self._rounds: dict[tuple[int, int], object] = {}

    def leave(self, chat_id: int, message_id: int) -> None:
        """Whoever looks at this message wants to see something else from now on."""
        self._rounds.pop((chat_id, message_id), None)

    async def follow(
        self,
        message: Message,
        look: Callable[[], Awaitable[Glance]],
        changes: Callable[[], AbstractContextManager[Woken]],
        *,
        limit_s: float,
    ) -> bool:
        """Show what `look` finds until that is over; False where it was not within `limit_s`.

        Only where something changed is there an edit, and at most one a second. True also where
        the operator left.
        """
        if message.bot is None:
            return True
        place = (message.chat.id, message.message_id)
        mine = self._rounds[place] = object()
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        shown: View | None = None
        with changes() as woken:
            while True:
                began = loop.time()
                seen = await look()
                if self._rounds.get(place) is not mine:
                    return True
                if seen.view != shown and await edit(message.bot, *place, seen.view):
                    shown = seen.view
                if (seen.is_over and shown == seen.view) or loop.time() >= until:
                    self._end(place, mine)
                    return seen.is_over
                # Where reading takes long, it must not become all that this process does.
                await asyncio.sleep(max(EDIT_EVERY_S, 4 * (loop.time() - began)))
                await woken.wait(POLL_S)

    def _end(self, place: tuple[int, int], mine: object) -> None:
        if self._rounds.get(place) is mine:
            self.leave(*place)


class LeaveOnPress(BaseMiddleware):
    """Ends the edits of a message once one of its buttons is pressed."""

    def __init__(self, following: Following) -> None:
        self._following = following

    @override
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if isinstance(event, CallbackQuery) and event.message is not None:
            self._following.leave(event.message.chat.id, event.message.message_id)
        return await handler(event, data)
