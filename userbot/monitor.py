"""The slow monitor: looks every minute for what the other watchers gave up on (S4.3)."""

import asyncio
from datetime import datetime

from loguru import logger

from storage import journal
from storage.database import Database
from userbot.record import is_overdue
from userbot.registry import Registry

LOOK_EVERY_S = 60.0
OVERDUE_S = 30.0


class Monitor:
    """Mends what should never be broken, and says so: an ended supervisor, an overdue attempt."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        every_s: float = LOOK_EVERY_S,
        overdue_s: float = OVERDUE_S,
    ) -> None:
        self._database = database
        self._registry = registry
        self._every_s = every_s
        self._overdue_s = overdue_s
        self.looked_at: datetime | None = None
        """When it looked last; whether monitoring runs is itself visible (S0.7)."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()

    async def look(self) -> None:
        """Look once."""
        for number in self._registry.revive():
            await self._report(number, "its supervisor had ended and was started anew")
        for userbot in self._registry:
            is_busy = userbot.line is not None or userbot.is_dialling
            if not is_busy and is_overdue(userbot.status, self._database, self._overdue_s):
                userbot.kick()
                await self._report(userbot.account_id, "its attempt was overdue and was begun")
        self.looked_at = self._database.now()

    async def _report(self, account_id: int, mended: str) -> None:
        logger.bind(account=account_id, event="monitor.mended").error("{}", mended)
        async with self._database.transaction() as tx:
            await journal.note(
                tx, "monitor.mended", actor="mooring", account_id=account_id, cause=mended
            )
