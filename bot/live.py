"""The status that refreshes itself while it is open: one in each chat, for ten minutes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from aiogram.types import Message
from loguru import logger
from typing_extensions import override

from bot.following import Following, Glance, Woken
from bot.texts import Html, Texts
from bot.views.view import View
from storage.errors import StorageError

LIMIT_S = 600.0
EDIT_EVERY_S = 3.0
AGES_EVERY_S = 60.0
"""So often it is edited where nothing but ages has changed."""
_LATE_S = 120.0
"""So long the last edit is tried where the Bot API does not take it."""


class Ageless(Texts):
    """Texts in which all ages read the same: what still differs in them has changed."""

    def __init__(self, t: Texts) -> None:
        self._t = t

    @override
    def __call__(self, key: str, **args: str | float) -> Html:
        return Html("…") if key == "age" else self._t(key, **args)


Render = Callable[[Texts, datetime | None], View]
"""What was read, in these texts; and until when it refreshes itself, if it does."""
Read = Callable[[], Awaitable[Render]]
"""Reads the status as it is now."""


class Live:
    """Refreshes the status. Where one is opened, the older one in the chat stands still."""

    def __init__(
        self,
        following: Following,
        t: Texts,
        now: Callable[[], datetime],
        changes: Callable[[], AbstractContextManager[Woken]],
        *,
        limit_s: float = LIMIT_S,
        every_s: float = EDIT_EVERY_S,
        ages_every_s: float = AGES_EVERY_S,
    ) -> None:
        self._following = following
        self._t = t
        self._ageless = Ageless(t)
        self._now = now
        self._changes = changes
        self._limit_s = limit_s
        self._every_s = every_s
        self._ages_every_s = ages_every_s
        self._open: dict[int, Message] = {}
        """The message that refreshes itself, by chat."""

    def until(self) -> datetime:
        """How long one that is opened now will refresh itself."""
        return self._now() + timedelta(seconds=self._limit_s)

    async def refresh(self, message: Message, first: Render, until: datetime, read: Read) -> None:
        """Keep the message, which shows the `first`, as the status is, until then."""
        shown = first(self._t, until)
        kept, drawn_at = first(self._ageless, until), self._now()

        async def look() -> Glance:
            """Ages alone do not change what is seen, but once in a while."""
            nonlocal shown, kept, drawn_at
            try:
                render = await read()
            except StorageError as exc:
                logger.bind(event="status.waiting").debug("the status stands still: {}", exc)
                return Glance(shown, is_over=False)
            now = self._now()
            if now >= until:
                return Glance(render(self._t, None), is_over=True)
            ageless = render(self._ageless, until)
            if ageless != kept or (now - drawn_at).total_seconds() >= self._ages_every_s:
                shown, kept, drawn_at = render(self._t, until), ageless, now
            return Glance(shown, is_over=False)

        await asyncio.gather(
            self._end_other(message, first),
            self._following.follow(
                message,
                look,
                self._changes,
                limit_s=self._limit_s + _LATE_S,
                every_s=self._every_s,
                shown=shown,
            ),
        )

    async def _end_other(self, message: Message, render: Render) -> None:
        """The chat's other one, if it refreshes itself still, says of when it is."""
        other = self._open.get(message.chat.id)
        self._open[message.chat.id] = message
        if other is None or other.message_id == message.message_id:
            return
        if not self._following.leave(other.chat.id, other.message_id):
            return

        async def last() -> Glance:
            return Glance(render(self._t, None), is_over=True)

        await self._following.follow(other, last, self._changes, limit_s=_LATE_S)
