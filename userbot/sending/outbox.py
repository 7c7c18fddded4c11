"""The outbox: sends what is due as the accounts, each delivery exactly once."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from loguru import logger

from storage import accounts, deliveries, due, floods, preferences
from storage.database import Database
from storage.delivery import Delivery
from storage.errors import StorageError
from storage.tx import Tx
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.sending.attempt import Attempts, Sender
from userbot.sending.ledger import Ledger
from userbot.sending.pace import Pace, Rates
from userbot.sending.repeats import Repeats
from userbot.workload import Workload

POLL_S = 1.0
CHATS_AT_ONCE = 8
"""In so many chats one account may have a message on its way at a time."""
ACCOUNTS_AT_A_TIME = 25
"""What so many have to send is read together: many rows would hold up the loop."""


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
        repeats: Repeats | None = None,
        reached: Callable[[str], None] = nowhere,
    ) -> None:
        self._database = database
        self._registry = registry
        self._nursery = nursery
        self._rates = rates or Rates()
        ledger = Ledger(database, repeats or Repeats(), fallback_after_s=fallback_after_s)
        self._attempts = Attempts(database, ledger, reached=reached)
        self._queues: dict[int, _Queue] = {}
        self._ended: set[int] = set()
        """Whose queues have ended since the last look began."""
        self._is_paused = False
        self._leaving: set[int] = set()
        self._queue_ended = asyncio.Event()
        self._paces: dict[int, Pace] = {}
        self.workload = Workload("outbox")

    async def run(self) -> None:
        """Send until cancelled. What a crash left in SENDING is settled first."""
        topics = deliveries.TO_SEND, accounts.CHANGED, preferences.CHANGED
        loop = asyncio.get_running_loop()
        with self._database.wakeups.subscribe(*topics) as woken:
            while True:
                began = loop.time()
                await self._look()
                # Many wake it while it looks: they share the next look, after as long a pause.
                await asyncio.sleep(loop.time() - began)
                await woken.wait(POLL_S)

    async def _look(self) -> None:
        """Give each queue what it has to send, where that is more than it knows of."""
        self._ended.clear()
        async with self._database.read() as tx:
            paused = await preferences.get(tx, preferences.PAUSED)
            self._is_paused = paused is not None and bool(paused.value)
            if self._is_paused:
                return
            waiting = await due.accounts_to_send(tx, self._registry.instance)
            ids = [each for each, what in waiting.items() if self._is_news(each, what)]
            found = await _find(tx, ids[:ACCOUNTS_AT_A_TIME])
        await self._give(found)
        for first in range(ACCOUNTS_AT_A_TIME, len(ids), ACCOUNTS_AT_A_TIME):
            async with self._database.read() as tx:
                found = await _find(tx, ids[first : first + ACCOUNTS_AT_A_TIME])
            await self._give(found)

    @asynccontextmanager
    async def leaving(
        self, account_ids: Collection[int], limit_s: float
    ) -> AsyncIterator[list[int]]:
        """Begin nothing for these within the block; those of which nothing is under way any more.

        So long is waited for what is; it goes on after the block as before.
        """
        self._leaving |= set(account_ids)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    while self._queues.keys() & account_ids:
                        self._queue_ended.clear()
                        await self._queue_ended.wait()
            yield [account_id for account_id in account_ids if account_id not in self._queues]
        finally:
            self._leaving -= set(account_ids)
            for account_id in account_ids:
                if account_id not in self._registry.owned:
                    self._paces.pop(account_id, None)  # others send as it now, which counts too

    def _is_news(self, account_id: int, waiting: due.Waiting) -> bool:
        queue = self._queues.get(account_id)
        is_new = queue is None or not queue.knows(waiting)
        return is_new and account_id not in self._leaving

    async def _give(self, found: Mapping[int, "_Found"]) -> None:
        for account_id, what in found.items():
            if queue := self._queues.get(account_id):
                queue.look_again()
            elif account_id not in self._ended:
                await self._start(account_id, what)
            else:  # what was read before its queue ended is old
                await self._start(account_id, None)

    async def _start(self, account_id: int, found: "_Found | None") -> None:
        """Send what waits; an account that sleeps until it is needed is needed now."""
        userbot = await self._registry.wake(account_id)
        if userbot is not None:
            pace = self._paces.get(account_id)
            if pace is None:
                pace = self._paces[account_id] = Pace(self._database, account_id, self._rates)
            sender = Sender(userbot, pace, {})
            may_send = partial(self._may_send, account_id)
            queue = _Queue(self._database, self._attempts, sender, may_send)
            self._queues[account_id] = queue
            self._nursery.start(
                self._drain(queue, account_id, found), name=f"outbox of {account_id}"
            )

    @contextmanager
    def _may_send(self, account_id: int) -> Iterator[bool]:
        """Whether anything may go out now; a shutdown waits for the end of the block."""
        is_ending = self.workload.is_closing or account_id in self._leaving
        may = not self._is_paused and not is_ending
        with self.workload.piece() if may else nullcontext():
            yield may

    async def _drain(self, queue: "_Queue", account_id: int, found: "_Found | None") -> None:
        try:
            await queue.drain(found)
        except* StorageError as exc:  # the next look begins anew: what waits is in the rows
            log = logger.bind(account=account_id, event="outbox.waiting")
            log.warning("what waits to be sent can't be read: {}", exc.exceptions[0])
        finally:
            del self._queues[account_id]
            self._ended.add(account_id)
            self._queue_ended.set()


@dataclass(frozen=True, slots=True)
class _Found:
    """What an account has to send, and what it must not call before when."""

    deliveries: Sequence[Delivery]
    waits: Mapping[str, datetime]


async def _find(tx: Tx, account_ids: Collection[int]) -> dict[int, _Found]:
    if not account_ids:
        return {}
    waiting = await due.to_send(tx, account_ids)
    waits = await floods.waits(tx, account_ids)
    return {each: _Found(waiting[each], waits[each]) for each in account_ids}


class _Queue:
    """What one account has to send: in order to each target, and to several targets at a time."""

    def __init__(
        self,
        database: Database,
        attempts: Attempts,
        sender: Sender,
        may_send: Callable[[], AbstractContextManager[bool]],
    ) -> None:
        self._database = database
        self._attempts = attempts
        self._sender = sender
        self._may_send = may_send
        self._places = asyncio.Semaphore(CHATS_AT_ONCE)
        self._news = asyncio.Event()
        self._busy: set[str] = set()
        self._held: set[str] = set()
        """Targets whose next message can't go now."""
        self._going: set[int] = set()
        """Deliveries that go on by themselves, one after the other."""

    def look_again(self) -> None:
        """Something was added or may go on."""
        self._held.clear()
        self._news.set()

    def knows(self, waiting: due.Waiting) -> bool:
        """Whether all that waits goes on by itself."""
        return waiting.count <= len(self._going) and waiting.newest in self._going

    async def drain(self, found: _Found | None) -> None:
        """Send until nothing can go any further now; `found` was read just before."""
        async with asyncio.TaskGroup() as chains:
            while True:
                self._news.clear()
                found = found or await self._read()
                self._sender.learn(found.waits)
                for target, waiting in self._free(found.deliveries).items():
                    self._busy.add(target)
                    chains.create_task(self._send_in_order(target, waiting))
                found = None
                if not self._busy:
                    return
                await self._news.wait()

    async def _read(self) -> _Found:
        async with self._database.read() as tx:
            (found,) = (await _find(tx, [self._sender.userbot.account_id])).values()
        return found

    def _free(self, found: Sequence[Delivery]) -> dict[str, list[Delivery]]:
        """What may go on, by target, in order; the rows are read by the queue that moves them."""
        waiting: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in found:
            target = delivery.target.lower()
            is_free = target not in self._busy and target not in self._held
            if is_free:
                waiting[target].append(delivery)
        return waiting

    async def _send_in_order(self, target: str, waiting: Sequence[Delivery]) -> None:
        """To one target; what is held up holds up what follows."""
        left = {delivery.id for delivery in waiting}
        self._going |= left
        try:
            for delivery in waiting:
                if not await self._send(delivery):
                    self._held.add(target)
                    return
                left.discard(delivery.id)
                self._going.discard(delivery.id)
                if delivery.has_parts:
                    return  # the next part comes before what follows: that is read anew
        except Exception:
            self._held.add(target)
            log = logger.bind(account=self._sender.userbot.account_id, event="outbox.crashed")
            log.exception("an attempt to send failed")
        finally:
            self._going -= left
            self._busy.discard(target)
            self._news.set()

    async def _send(self, delivery: Delivery) -> bool:
        async with self._places:
            now = self._database.now()
            is_due = delivery.not_before is None or delivery.not_before <= now
            with self._may_send() as may:
                return is_due and may and await self._attempts.advance(self._sender, delivery)
