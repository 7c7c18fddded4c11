"""A tenure: the time for which an instance has its lease, on PostgreSQL.

Renewed every 5 s, watched twice a second. Whatever puts it in doubt ends it at once: the gate
closes, every line is aborted, and whoever built the instance takes it down and begins anew.
"""

import asyncio
from collections.abc import Callable

from loguru import logger

from storage import lease as rows
from storage.database import Database
from storage.errors import Fenced, StorageBusy, StorageError
from userbot.lease import Lease
from userbot.owned import Owned

RENEW_EVERY_S = 5.0
RETRY_S = 1.0
WATCH_EVERY_S = 0.5
END_LIMIT_S = 10.0
"""How long the end waits for the database; others see to it later."""


class Tenure:
    """Keeps the lease. `on_lost` is called once, at the moment at which it is lost."""

    def __init__(
        self,
        database: Database,
        lease: Lease,
        owned: Owned,
        *,
        on_lost: Callable[[], None],
        every_s: float = RENEW_EVERY_S,
    ) -> None:
        self._database = database
        self._lease = lease
        self._owned = owned
        self._on_lost = on_lost
        self._every_s = every_s
        self._timeline = ""
        self.draining = asyncio.Event()
        """An operator wants this instance to hand over what it has, and to end."""
        self.lost = asyncio.Event()
        self.why_lost = ""

    def may_write(self) -> bool:
        """The gate of every line."""
        return self._lease.holds()

    @property
    def lease_age_s(self) -> float:
        """How long ago the lease was renewed; infinite where it is over."""
        return self._lease.age_s

    async def begin(self, *, runs_userbots: bool) -> None:
        """Take the lease; nothing may dial before, and nothing is written without it after."""
        asked_at = self._lease.now()
        async with self._database.transaction() as tx:
            instance = self._owned.instance
            self._timeline = await rows.take(tx, instance, runs_userbots=runs_userbots)
        self._database.holder = self._owned.instance
        self._lease.begin(asked_at)

    async def run(self) -> None:
        """Renew until cancelled, or until it is lost."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._renew_on(), name="lease")
            both.create_task(self._watch(), name="lease watch")

    async def end(self) -> None:
        """Give it up with all that the instance has: every line is closed.

        Where the database is away, others see to that later; and where the lease was lost: what
        cut this instance off may have kept Telegram from hearing that its lines were aborted.
        """
        self._lease.end()
        await self._database.writer.close()  # while it still is this instance's word
        self._database.holder = None
        if self.lost.is_set() and self._owned:
            self._owned.unheard = set(self._owned)
        try:
            async with asyncio.timeout(END_LIMIT_S), self._owned.lock:
                await self._give_up()
        except (StorageError, TimeoutError) as exc:
            logger.bind(event="lease.left").warning("the lease is left to run out: {}", exc)

    async def _give_up(self) -> None:
        """All at once; but what may still have an open line is left for the time that it takes."""
        unheard = self._owned.unheard & set(self._owned)
        if not unheard:
            async with self._database.transaction() as tx:
                await rows.end(tx, self._owned.instance)
            return
        async with self._database.transaction() as tx:
            await rows.leave(tx, self._owned.instance)
        await self._owned.release(set(self._owned) - unheard)
        log = logger.bind(event="lease.left")
        log.warning("the lease is left to run out: {} lines may be open", len(unheard))

    def lose(self, why: str) -> None:
        """Close the gate and abort what is up."""
        if self.lost.is_set():
            return
        self._lease.end()
        self.why_lost = why
        self.lost.set()
        self._on_lost()
        logger.bind(event="lease.lost").error("all lines are cut: {}", why)

    async def _renew_on(self) -> None:
        with self._database.wakeups.subscribe(rows.CHANGED) as woken:
            while not self.lost.is_set():
                pause_s = self._every_s
                try:
                    await self._renew()
                except Fenced:
                    self.lose("others have taken over what it had")
                except StorageError as exc:
                    pause_s = RETRY_S
                    logger.bind(event="lease.waiting").warning("it is not renewed: {}", exc)
                await woken.wait(pause_s)

    async def _renew(self) -> None:
        """The deadline is moved on only where nothing is amiss."""
        asked_at = self._lease.now()
        async with self._database.transaction(is_urgent=True) as tx:
            seen = await rows.renew(tx, self._owned.instance)
        if seen.timeline != self._timeline:
            self.lose(f"the database server went over to timeline {seen.timeline}")
            return
        is_odd = (seen.owned, seen.epochs) != (len(self._owned), self._owned.epochs)
        if is_odd and (why := await self._surprise()):
            self.lose(why)
            return
        if seen.is_draining and not self.draining.is_set():
            self.draining.set()
            self._database.wakeups.wake_here(rows.CHANGED)
        if not self._lease.extend(asked_at):
            self.lose("it was renewed too late")

    async def _surprise(self) -> str:
        """What is amiss. Raises `StorageBusy` where the right is over before that is known."""
        try:
            async with asyncio.timeout(self._lease.left_s):
                return await self._owned.surprise()
        except TimeoutError:
            raise StorageBusy("what it owns could not be read in time") from None

    async def _watch(self) -> None:
        while not self.lost.is_set():
            if not self._lease.holds():
                self.lose("it was not renewed in time")
            elif self._lease.has_jumped():
                self.lose("the clock jumped")
            await asyncio.sleep(WATCH_EVERY_S)
