"""Fetches updates and hands them to the handlers, in order within a chat."""

import asyncio
from weakref import WeakValueDictionary

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig
from loguru import logger

from bot.conflict import Conflict
from bot.errors import BOT_API_ERRORS, PROXY_ERRORS
from userbot.nursery import Nursery

POLL_TIMEOUT_S = 25
_CONFLICT = "another program polls with the same BOT_TOKEN; stop it, or give it its own bot"
_BACKOFF = BackoffConfig(min_delay=1.0, max_delay=30.0, factor=2.0, jitter=0.2)


class Poller:
    """Long-polls the Bot API for ever. A rejected token, a 409 or a dead line never ends it.

    aiogram's own poller runs the handlers of one chat side by side; here a chat's updates are
    handled one after the other, so that quick presses of a keypad arrive as they were typed.
    """

    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, nursery: Nursery, conflict: Conflict
    ) -> None:
        """`conflict` is told whenever something else takes our updates."""
        self._bot = bot
        self._conflict = conflict
        self._dispatcher = dispatcher
        self._nursery = nursery
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self.trouble: str | None = "not polled yet"
        """Why no update comes in at the moment; None while polling works."""

    async def run(self) -> None:
        """Poll until cancelled."""
        backoff = Backoff(_BACKOFF)
        kinds = self._dispatcher.resolve_used_update_types()
        offset: int | None = None
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=offset,
                    timeout=0 if self.trouble else POLL_TIMEOUT_S,
                    allowed_updates=kinds,
                    request_timeout=POLL_TIMEOUT_S + 10,
                )
            except TelegramConflictError as exc:
                self._conflict.met(exc.message)
                self._note(_CONFLICT)
                await backoff.asleep()
                continue
            except BOT_API_ERRORS as exc:
                self._note(_in_words(exc))
                await backoff.asleep()
                continue
            self._note(None)
            backoff.reset()
            for update in updates:
                offset = update.update_id + 1
                self._nursery.start(self._handle(update), name=f"update {update.update_id}")

    async def _handle(self, update: Update) -> None:
        lock = self._locks.setdefault(_chat_of(update), asyncio.Lock())
        async with lock:
            await self._dispatcher.feed_update(self._bot, update)

    def _note(self, trouble: str | None) -> None:
        """Log on the edge: once when it breaks, once when it is well again.

        Two that poll end each other's requests by turns: `Conflict` has the edges of that.
        """
        if trouble == self.trouble:
            return
        if _CONFLICT in (trouble, self.trouble) and None in (trouble, self.trouble):
            pass
        elif trouble is not None:
            logger.bind(event="polling.lost").error("no updates from the Bot API: {}", trouble)
        else:
            logger.bind(event="polling.ok").info("polling the Bot API")
        self.trouble = trouble


def _chat_of(update: Update) -> int:
    if update.message is not None:
        return update.message.chat.id
    if update.callback_query is not None and update.callback_query.message is not None:
        return update.callback_query.message.chat.id
    return 0


def _in_words(error: Exception) -> str:
    if isinstance(error, TelegramUnauthorizedError):
        return "BOT_TOKEN is rejected"
    if isinstance(error, (TelegramNetworkError, OSError, *PROXY_ERRORS)):
        return "it can't be reached"
    return str(error)
