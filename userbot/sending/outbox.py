"""The outbox: sends what is due as the accounts, each delivery exactly once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

from loguru import logger

from storage import accounts, deliveries, preferences
from storage.database import Database
from storage.delivery import Delivery
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.sending.attempt import Attempts
from userbot.sending.ledger import Ledger
from userbot.sending.pace import Pace, Rates
from userbot.userbot import Userbot
from userbot.workload import Workload

POLL_S = 1.0
CHATS_AT_ONCE = 8
"""In so many chats one account may have a message on its way at a time."""


def nowhere(_point: str) -> None:
    """Where nobody wants to know how far an attempt is."""


class Outbox:
    """Takes approved deliveries to the lines. One queue per account that has something to send."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        nursery: Nursery,
        *,
        fallback_after_s: float,
        rates: Rates | None = None,
        reached: Callable[[str], None] = nowhere,
    ) -> None:
        self._database = database
        self._registry = registry
        self._nursery = nursery
        self._rates = rates or Rates()
        ledger = Ledger(database, fallback_after_s=fallback_after_s)
        self._attempts = Attempts(database, ledger, reached=reached)
        self._queues: dict[int, _Queue] = {}
        self._paces: dict[int, Pace] = {}
        self.workload = Workload("outbox")

    async def run(self) -> None:
        """Send until cancelled. What a crash left in SENDING is settled first."""
        topics = deliveries.CHANGED, accounts.CHANGED, preferences.CHANGED
        loop = asyncio.get_running_loop()
        with self._database.wakeups.subscribe(*topics) as woken:
            while True:
                began = loop.time()
                await self._look()
                # Many wake it while it looks: they share the next look, after as long a pause.
                await asyncio.sleep(loop.time() - began)
                await woken.wait(POLL_S)

    async def _look(self) -> None:
        async with self._database.read() as tx:
            paused = await preferences.get(tx, preferences.PAUSED)
            waiting = await deliveries.accounts_to_send(tx, self._registry.owner)
        if paused is not None and paused.value:
            return
        for account_id in waiting:
            if queue := self._queues.get(account_id):
                queue.look_again()
            else:
                await self._start(account_id)

    async def _start(self, account_id: int) -> None:
        """Send what waits; an account that sleeps until it is needed is needed now."""
        userbot = await self._registry.wake(account_id)
        if userbot is not None:
            pace = self._paces.get(account_id)
            if pace is None:
                pace = self._paces[account_id] = Pace(self._database, account_id, self._rates)
            queue = _Queue(self._database, self._attempts, userbot, pace, self.workload)
            self._queues[account_id] = queue
            self._nursery.start(self._drain(queue, account_id), name=f"outbox of {account_id}")

    async def _drain(self, queue: "_Queue", account_id: int) -> None:
        try:
            await queue.drain()
        finally:
            del self._queues[account_id]


class _Queue:
    """What one account has to send: in order to each target, and to several targets at a time."""

    def __init__(
        self,
        database: Database,
        attempts: Attempts,
        userbot: Userbot,
        pace: Pace,
        workload: Workload,
    ) -> None:
        self._database = database
        self._attempts = attempts
        self._userbot = userbot
        self._pace = pace
        self._workload = workload
        self._places = asyncio.Semaphore(CHATS_AT_ONCE)
        self._news = asyncio.Event()
        self._busy: set[str] = set()
        self._held: set[str] = set()
        """Targets whose next message can't go now."""

    def look_again(self) -> None:
        """Something was added or may go on."""
        self._held.clear()
        self._news.set()

    async def drain(self) -> None:
        """Send until nothing can go any further now."""
        async with asyncio.TaskGroup() as chains:
            while True:
                self._news.clear()
                for target, waiting in (await self._free()).items():
                    self._busy.add(target)
                    chains.create_task(self._send_in_order(target, waiting))
                if not self._busy:
                    return
                await self._news.wait()

    async def _free(self) -> dict[str, list[Delivery]]:
        """What waits, by target, in order; the rows are read by the queue that moves them."""
        if self._workload.is_closing:
            return {}
        async with self._database.read() as tx:
            found = await deliveries.to_send(tx, self._userbot.account_id)
        waiting: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in found:
            target = delivery.target.lower()
            if target not in self._busy and target not in self._held:
                waiting[target].append(delivery)
        return waiting

    async def _send_in_order(self, target: str, waiting: Sequence[Delivery]) -> None:
        """To one target; what is held up holds up what follows."""
        try:
            for delivery in waiting:
                if not await self._send(delivery):
                    self._held.add(target)
                    return
        except Exception:
            self._held.add(target)
            log = logger.bind(account=self._userbot.account_id, event="outbox.crashed")
            log.exception("an attempt to send failed")
        finally:
            self._busy.discard(target)
            self._news.set()

    async def _send(self, delivery: Delivery) -> bool:
        async with self._places:
            now = self._database.now()
            is_due = delivery.not_before is None or delivery.not_before <= now
            if not is_due or self._workload.is_closing:
                return False
            with self._workload.piece():
                return await self._attempts.advance(self._userbot, delivery, self._pace)
