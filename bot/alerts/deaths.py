"""Notices when all that a dead instance had is back, or is told of by itself."""

import asyncio

from loguru import logger

from storage import accounts, deaths, incidents
from storage.database import Database
from storage.errors import StorageError
from storage.incidents import About

LOOK_EVERY_S = 10.0
PAUSE_S = 1.0
"""Its accounts come back by the hundred: not for every one of them."""


class DeathWatch:
    """The loop that ends the incidents of instances that died."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Watch until cancelled."""
        with self._database.wakeups.subscribe(incidents.CHANGED, accounts.CHANGED) as woken:
            while True:
                try:
                    is_any_open = await self._look()
                except StorageError as exc:
                    is_any_open = True
                    logger.bind(event="deaths.waiting").warning("{}", exc)
                # While nobody is dead, accounts that come and go are no reason to look.
                await asyncio.sleep(PAUSE_S if is_any_open else LOOK_EVERY_S)
                await woken.wait(LOOK_EVERY_S)

    async def _look(self) -> bool:
        """End what is over; whether anything is still open."""
        async with self._database.read() as tx:
            found = await deaths.open_ones(tx)
        over = [about for about, death in found.items() if death is None or not death.waiting]
        if over:
            async with self._database.transaction() as tx:
                for about in over:
                    await incidents.close_about(tx, about, About.INSTANCE_DIED)
        return len(over) < len(found)
