"""Whether something else takes the bot's updates: another program with its token, or a webhook.

A former holder of the bot's seat, or a copy of Mooring that is about to end, meets us for some
seconds: that is not told.
"""

import asyncio
from collections.abc import Callable

from loguru import logger

from storage import incidents
from storage.database import Database
from storage.errors import StorageError
from storage.incidents import BOT, About

PATIENCE_S = 60.0
"""So long it has to last before it is told, and to be quiet before it is over."""
LOOK_EVERY_S = 5.0
POLLER, WEBHOOK = "poller", "webhook"


class Conflict:
    """The poller says what it met; an incident is kept right by the loop."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] | None = None,
        patience_s: float = PATIENCE_S,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._clock = clock or asyncio.get_running_loop().time
        self._patience_s = patience_s
        self._every_s = every_s
        self._first: float | None = None
        self._last = self._clock()
        self._cause = POLLER
        self._told: str | None = None
        """The cause that was told; empty: none. None: a process before this one may have."""

    @property
    def is_lasting(self) -> bool:
        """Whether it went on for so long that no process of ours can be the other one."""
        return self._first is not None and self._last - self._first >= self._patience_s

    def met(self, words: str) -> None:
        """Telegram refused to give us updates, with these words."""
        now = self._clock()
        if self._first is None:
            self._first = now
            logger.bind(event="polling.conflict").warning(
                "another program fetches updates with the same BOT_TOKEN, maybe for some seconds "
                "only: {}",
                words,
            )
        self._last = now
        self._cause = WEBHOOK if "webhook" in words.lower() else POLLER

    async def run(self) -> None:
        """Keep the incident right until cancelled."""
        while True:
            try:
                await self.look()
            except StorageError as exc:
                logger.bind(event="conflict.waiting").warning("{}", exc)
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Tell it where it lasts, and that it is over once nothing was met for as long."""
        if self._clock() - self._last >= self._patience_s:
            self._first = None
            if self._told != "":
                await self._tell_over()
                self._told = ""
        elif self.is_lasting and self._told != self._cause:
            cause = self._cause
            async with self._database.transaction() as tx:
                await incidents.open_about(tx, BOT, About.BOT_CONFLICT, cause=cause)
            self._told = cause

    async def _tell_over(self) -> None:
        async with self._database.read() as tx:
            is_open = await incidents.open_subjects(tx, About.BOT_CONFLICT)
        if is_open:
            async with self._database.transaction() as tx:
                await incidents.close_about(tx, BOT, About.BOT_CONFLICT)
            logger.bind(event="polling.alone").info("nothing else fetches updates any more")
