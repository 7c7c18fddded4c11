"""The group-commit writer: what is hot is written together, one transaction for many changes.

While one batch commits the next one gathers; that alone makes the batches, there is no timer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from loguru import logger

from storage import batches
from storage.batches import Change, Group, Waiting
from storage.errors import StorageBusy, StorageFailed
from storage.tx import Tx

R = TypeVar("R")

BATCH_LIMIT = 250
"""More would save little, and building the statement's rows would hold up the loop."""
QUEUE_LIMIT = 10_000
RETRY_S = 5.0
CLOSING_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """The database can't be written."""

    since: datetime
    cause: str


class Writer:
    """Writes changes, many in one transaction; one that fails fails alone.

    A database that is busy or failed loses nothing: what is queued stays, in its order, and is
    tried again until it is written, while callers wait. `is_inside` says whether the running
    task has a transaction open: waiting for another one there would never end.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractAsyncContextManager[Tx]],
        *,
        is_inside: Callable[[], bool] = lambda: False,
        batch_limit: int = BATCH_LIMIT,
        queue_limit: int = QUEUE_LIMIT,
        retry_s: float = RETRY_S,
        closing_limit_s: float = CLOSING_LIMIT_S,
    ) -> None:
        self._transaction = transaction
        self._is_inside = is_inside
        self._batch_limit = batch_limit
        self._retry_s = retry_s
        self._closing_limit_s = closing_limit_s
        self._room = asyncio.Semaphore(queue_limit)
        self._queue: deque[Waiting] = deque()
        self._last: dict[Hashable, int] = {}
        self._queued = 0
        self._settled = 0
        self._step = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.trouble: Trouble | None = None
        """Why and since when nothing can be written; None while all is well."""

    async def write(self, change: Change[R]) -> R:
        """The change's result, once it is committed; raises what its own row failed with.

        Waits in turn where the queue is full. Cancelled while it waits there, nothing is
        written; cancelled later, the change is written all the same. Raises RuntimeError inside
        a transaction of the same task.
        """
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        await self._enqueue(change, answer)
        return await answer

    async def post(self, change: Change[Any]) -> None:
        """Queue the change, to be written soon; waits only for room, as `write` does.

        It is not durable yet: a crash loses it. Where it fails, that is only logged.
        """
        await self._enqueue(change, None)

    @property
    def waiting(self) -> int:
        """How many changes wait to be written."""
        return len(self._queue)

    async def settled(self, key: Hashable) -> None:
        """Wait until no change with this key that is queued by now waits any more."""
        await self._reach(self._last.get(key, 0))

    async def flush(self) -> None:
        """Wait until all that is queued by now was written, or failed."""
        await self._reach(self._queued)

    async def close(self) -> None:
        """Write what waits; what can't be written within the limit is given up, with an error.

        Who waits for such a change gets `StorageBusy`. The writer may be used again.
        """
        try:
            async with asyncio.timeout(self._closing_limit_s):
                while self._queue:  # whoever waited for room comes after those that made it
                    await self.flush()
        except TimeoutError:
            await self._give_up()

    async def _enqueue(self, change: Change[Any], answer: asyncio.Future[Any] | None) -> None:
        self._refuse_inside()
        waiting = Waiting(change, change.key, answer)
        await self._room.acquire()
        self._queue.append(waiting)
        self._queued += 1
        self._last[waiting.key] = self._queued
        self._start()

    async def _reach(self, number: int) -> None:
        self._refuse_inside()
        while self._settled < number:
            self._start()
            await self._step.wait()

    def _refuse_inside(self) -> None:
        if self._is_inside():
            raise RuntimeError("a transaction is open in this task already; write through its tx")

    def _start(self) -> None:
        if self._task is None or self._task.done():
            # Not the nursery's: it ends by itself, and closing the database waits for it.
            self._task = asyncio.get_running_loop().create_task(
                self._drain(), name="storage writer"
            )

    async def _drain(self) -> None:
        """Write until nothing waits. A batch stays in the queue until it is settled."""
        while self._queue:
            batch = list(islice(self._queue, self._batch_limit))
            try:
                await self._commit(batch)
            except (StorageBusy, StorageFailed) as exc:
                log = logger.bind(event="writer.waiting")
                log.warning("{} changes wait for the database: {}", len(self._queue), exc)
                self.trouble = self.trouble or Trouble(datetime.now(UTC), str(exc))
                await asyncio.sleep(self._retry_s)
            else:
                self.trouble = None
                batches.report(batch)
                self._settle(batch)
                await asyncio.sleep(0)  # who was answered just now may join the next batch

    async def _commit(self, batch: Sequence[Waiting]) -> None:
        """Write a batch, first without savepoints, which cost; then alone what fails."""
        groups = batches.groups(batch)
        try:
            async with self._transaction() as tx:
                for group in groups:
                    await batches.apply(tx, group)
        except (StorageBusy, StorageFailed):
            raise
        except Exception as exc:  # noqa: BLE001 - whatever it is, it is for who waits for the change
            if len(batch) == 1:
                batch[0].error = exc
            else:
                await self._commit_apart(groups)

    async def _commit_apart(self, groups: Sequence[Group]) -> None:
        try:
            async with self._transaction() as tx:
                for group in groups:
                    await batches.apply_apart(tx, group)
        except (StorageBusy, StorageFailed):
            raise
        except Exception as exc:  # noqa: BLE001 - COMMIT failed: it is for all who wait
            for group in groups:
                for waiting in group:
                    waiting.error = exc

    def _settle(self, batch: Sequence[Waiting]) -> None:
        """Answer who waits for the first of the queue, and let others in."""
        for waiting in batch:
            self._queue.popleft()
            self._settled += 1
            if self._last[waiting.key] == self._settled:
                del self._last[waiting.key]
            self._room.release()
            waiting.tell()
        self._step.set()
        self._step = asyncio.Event()

    async def _give_up(self) -> None:
        while self._task is not None and not self._task.done():
            self._task.cancel()  # again and again: a statement that fails takes its place
            await asyncio.wait([self._task], timeout=1)
        lost = list(self._queue)
        if lost:
            log = logger.bind(event="writer.lost")
            log.error("{} changes are lost: the database did not come back", len(lost))
        for waiting in lost:
            waiting.error = StorageBusy("the database did not come back before closing")
        self._settle(lost)
