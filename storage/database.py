"""The database: transactions, reads, and wake-ups after COMMIT."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loguru import logger
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import fence
from storage.connections import Connections, patience
from storage.driver_errors import in_our_words
from storage.engines import BUSY_LIMIT_S, Engines, engines, is_sqlite, make_private
from storage.opening import prepare
from storage.steps import finish
from storage.timings import StorageTimings
from storage.tx import Tx
from storage.vault import Vault
from storage.wakeups import Wakeups
from storage.writer import Writer

CLOSING_LIMIT_S = 10.0
TOLD_AFTER_S = 3.0
"""So that nobody takes a command that waits for its database for one that hangs."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """One code path on SQLite (one writer, several readers) and on PostgreSQL (a pool)."""

    def __init__(
        self, url: str, parts: Engines, vault: Vault, now: Callable[[], datetime]
    ) -> None:
        self.url = url
        self._engines = parts
        keeps = is_sqlite(url)
        self._writers = Connections(parts.writer, keeps=keeps)
        self._readers = Connections(parts.readers, keeps=keeps)
        self._write_slots = asyncio.Semaphore(parts.writers_at_once)
        self._read_slots = asyncio.Semaphore(parts.readers_at_once)
        self._writing: set[asyncio.Task[Any] | None] = set()
        self.vault = vault
        self.now = now
        self.wakeups = Wakeups()
        self.timings = StorageTimings()
        self.holder: str | None = None
        """The instance without whose lease nothing is written here; None: none is needed."""
        self.writer = Writer(
            self.transaction, is_inside=lambda: asyncio.current_task() in self._writing
        )

    @asynccontextmanager
    async def transaction(self, *, is_urgent: bool = False) -> AsyncIterator[Tx]:
        """Write: all of the block is committed, or nothing of it.

        One that `is_urgent` waits for no other of this process: on PostgreSQL a connection is
        kept for it. Only one at a time may be.

        Rolls back on every exception, cancellation included. COMMIT runs to its end: a task
        cancelled there may have committed, so what matters must be repeatable. Raises
        `StorageBusy` where the database stays locked or out of reach for 30 s (nothing was
        written), `Fenced` where this instance's lease is over, `StorageFailed` where it fails in
        the middle, and RuntimeError inside another transaction of the same task, which would
        wait for itself.
        """
        asked_at = time.perf_counter()
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("a transaction is open in this task already; pass its tx down")
        deadline = patience(self._engines.busy_limit_s)
        slot = nullcontext() if is_urgent else self._write_slots
        async with slot, self._writers.begun(deadline) as connection:
            self._writing.add(task)
            tx = Tx(connection, self.vault, self.now())
            try:
                if self.holder is not None:
                    await fence.require(tx, self.holder)
                yield tx
                await finish(self._commit(connection, tx))
            finally:
                tx.end()
                self._writing.discard(task)
                self.timings.write.add(time.perf_counter() - asked_at)

    async def _commit(self, connection: AsyncConnection, tx: Tx) -> None:
        """COMMIT, then wake; one step, so that a cancelled writer wakes who waits for its rows."""
        began_at = time.perf_counter()
        with in_our_words():
            await connection.commit()
        self.timings.commit.add(time.perf_counter() - began_at)
        for topic in dict.fromkeys(tx.topics):
            self.wakeups.wake(topic)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Read from one snapshot, beside any writer. Writing here is an error.

        Raises `StorageBusy` and `StorageFailed` as `transaction` does.
        """
        asked_at = time.perf_counter()
        deadline = patience(self._engines.busy_limit_s)
        async with self._read_slots, self._readers.begun(deadline) as connection:
            tx = Tx(connection, self.vault, self.now())
            try:
                yield tx
            finally:
                tx.end()
                self.timings.read.add(time.perf_counter() - asked_at)

    async def close(self) -> None:
        """Write what waits, let running transactions end, and close every connection."""
        async with AsyncExitStack() as stack:  # all of it, also where this is cancelled
            stack.push_async_callback(self._engines.dispose)
            stack.push_async_callback(self._writers.close)
            stack.push_async_callback(self._readers.close)
            await self.writer.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_LIMIT_S):
                    for _ in range(self._engines.writers_at_once):
                        await self._write_slots.acquire()
                    for _ in range(self._engines.writers_at_once):
                        self._write_slots.release()

    def connections_in_use(self) -> int:
        """How many pooled connections are checked out; 0 when nothing runs."""
        waiting = self._writers.idle + self._readers.idle
        return self._engines.connections_in_use() - waiting


async def open_database(
    url: str,
    vault: Vault,
    *,
    now: Callable[[], datetime] = utc_now,
    may_migrate: bool = True,
    backups: Path | None = None,
    busy_limit_s: float = BUSY_LIMIT_S,
) -> Database:
    """Open, migrate, and check that the vault's key is the one that sealed what is stored.

    `url` is `sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`. A
    migration backs the database up first, into `backups`, or beside a SQLite file. Raises
    `DatabaseTooNew`, `DatabaseTooOld` (only where it may not migrate) and `SecretKeyMismatch`;
    in all cases nothing was changed. Raises `StorageBusy` where nothing answers for 30 s, and
    `StorageFailed` where the database refuses us.
    """
    make_private(url)
    slow = asyncio.get_running_loop().call_later(TOLD_AFTER_S, _tell_that_it_waits)
    try:
        await finish(prepare(url, vault, may_migrate=may_migrate, backups=backups))
    finally:
        slow.cancel()
    logger.bind(event="storage.open").debug("database is open")
    return Database(url, engines(url, busy_limit_s=busy_limit_s), vault, now)


def _tell_that_it_waits() -> None:
    logger.bind(event="storage.waiting").warning(
        "the database is not open yet: it does not answer, is locked, or is brought up to date"
    )
