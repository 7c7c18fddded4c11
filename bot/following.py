"""Shows work under way by edits of one message, until it is done or the operator leaves it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from aiogram import BaseMiddleware, Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import CallbackQuery, Message, TelegramObject
from typing_extensions import override

from bot.show import edit_or_yield
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
        self._quiet_until = 0.0

    def leave(self, chat_id: int, message_id: int) -> bool:
        """Whoever looks at this message wants to see something else; False: it was left already."""
        return self._rounds.pop((chat_id, message_id), None) is not None

    async def follow(
        self,
        message: Message,
        look: Callable[[], Awaitable[Glance]],
        changes: Callable[[], AbstractContextManager[Woken]],
        *,
        limit_s: float,
        every_s: float = EDIT_EVERY_S,
        shown: View | None = None,
    ) -> bool:
        """Show what `look` finds until that is over; False where it was not within `limit_s`.

        Only where something changed is there an edit, and at most one in `every_s`. True also
        where the operator left. `shown` is what the message says already.
        """
        if message.bot is None:
            return True
        place = (message.chat.id, message.message_id)
        mine = self._rounds[place] = object()
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        with changes() as woken:
            while True:
                began = loop.time()
                seen = await look()
                if self._rounds.get(place) is not mine:
                    return True
                if seen.view != shown and await self._edit(message.bot, place, seen.view):
                    shown = seen.view
                if (seen.is_over and shown == seen.view) or loop.time() >= max(
                    until, self._quiet_until
                ):
                    self._end(place, mine)
                    return seen.is_over
                # Where reading takes long, it must not become all that this process does.
                await asyncio.sleep(max(every_s, 4 * (loop.time() - began)))
                await woken.wait(POLL_S)

    async def _edit(self, bot: Bot, place: tuple[int, int], view: View) -> bool:
        """Edit, where there is room: after a 429 all messages here wait, so that alerts go first."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._quiet_until:
            return False
        try:
            return await edit_or_yield(bot, *place, view)
        except TelegramRetryAfter as exc:
            self._quiet_until = loop.time() + exc.retry_after
            return False

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
