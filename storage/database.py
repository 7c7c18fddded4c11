"""The database connection: transactions, reads, and wake-ups after COMMIT."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.migrate import migrate
from storage.schema import key_check
from storage.steps import finish
from storage.tx import Tx
from storage.vault import Vault
from storage.wakeups import Wakeups
from storage.writer import Writer

T = TypeVar("T")

READERS = 4
_PRAGMAS = (
    "PRAGMA busy_timeout=30000",
    "PRAGMA journal_mode=WAL",
    # FULL: a login that a power cut erases is a lost account.
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-64000",
)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """One writer connection and a few readers on one SQLite file."""

    def __init__(
        self,
        writer: AsyncEngine,
        readers: AsyncEngine,
        vault: Vault,
        now: Callable[[], datetime],
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._write_lock = asyncio.Lock()
        self._read_slots = asyncio.Semaphore(READERS)
        self._writing: asyncio.Task[Any] | None = None
        self.vault = vault
        self.now = now
        self.wakeups = Wakeups()
        self.writer = Writer(self.transaction)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Write: all of the block is committed, or nothing of it.

        Rolls back on every exception, cancellation included. COMMIT runs to its end: a task
        cancelled there may have committed, so what matters must be repeatable. Raises
        RuntimeError inside another transaction of the same task, which would wait for itself.
        """
        task = asyncio.current_task()
        if task is not None and self._writing is task:
            raise RuntimeError("a transaction is open in this task already; pass its tx down")
        async with self._write_lock, _connected(self._writer) as connection:
            self._writing = task
            tx = Tx(connection, self.vault, self.now())
            try:
                await finish(connection.begin().start())
                yield tx
                await finish(self._commit(connection, tx))
            except BaseException:
                await finish(connection.rollback())
                raise
            finally:
                self._writing = None

    async def _commit(self, connection: AsyncConnection, tx: Tx) -> None:
        """COMMIT, then wake; one step, so that a cancelled writer wakes who waits for its rows."""
        await connection.commit()
        for topic in dict.fromkeys(tx.topics):
            self.wakeups.wake(topic)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Read from one snapshot, beside any writer. Writing here is an error."""
        async with self._read_slots, _connected(self._readers) as connection:
            yield Tx(connection, self.vault, self.now())

    async def close(self) -> None:
        await self.writer.close()
        try:
            await self._readers.dispose()
        finally:
            await self._writer.dispose()

    def connections_in_use(self) -> int:
        """How many pooled connections are checked out; 0 when nothing runs."""
        pools = (self._writer.pool, self._readers.pool)
        return sum(p.checkedout() for p in pools if isinstance(p, AsyncAdaptedQueuePool))


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    connection = engine.connect()
    try:
        await finish(connection.start())
        yield connection
    finally:
        if connection.sync_connection is not None:
            await finish(connection.close())


def _make_private(url: str) -> None:
    if path := make_url(url).database:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(path).touch(mode=0o600)


def _engine(
    url: str, *, size: int, read_only: bool = False, has_foreign_keys: bool = True
) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        poolclass=AsyncAdaptedQueuePool,
        pool_timeout=60,
        hide_parameters=True,  # an error's text goes to the log, phone numbers must not
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: AsyncAdapt_aiosqlite_connection, _: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, the driver must not guess it
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.execute(f"PRAGMA foreign_keys={'ON' if has_foreign_keys else 'OFF'}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: a read that turns into a write can fail half-way.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


async def open_database(
    url: str, vault: Vault, *, now: Callable[[], datetime] = utc_now
) -> Database:
    """Open, migrate, and check that the vault's key is the one that sealed what is stored.

    `url` is `sqlite+aiosqlite:///PATH`. Raises `DatabaseTooNew` and `SecretKeyMismatch`; in both
    cases nothing was changed.
    """
    _make_private(url)
    await finish(_migrate(url, vault))
    logger.bind(event="storage.open").debug("database is open")
    return Database(_engine(url, size=1), _engine(url, size=READERS, read_only=True), vault, now)


async def _migrate(url: str, vault: Vault) -> None:
    # A migration rebuilds a table by dropping the old one. With foreign keys enforced, that
    # deletes every row that belongs to its rows: all sessions, where it is `accounts`.
    engine = _engine(url, size=1, has_foreign_keys=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            await _check_key(connection, vault)
    finally:
        await engine.dispose()


async def _check_key(connection: AsyncConnection, vault: Vault) -> None:
    """Open a known secret, or seal it in a new database.

    In the transaction of the migrations: a wrong key undoes them, and of two first starts at
    once with different keys only one succeeds.
    """
    row = (await connection.execute(select(key_check.c.sealed))).first()
    if row:
        vault.open(row.sealed)
    else:
        await connection.execute(insert(key_check).values(sealed=vault.seal(b"mooring")))
