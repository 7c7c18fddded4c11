"""How each of the two databases is spoken to: SQLite in one file, or PostgreSQL."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from storage import one_trip, server_address

READERS = 4
SERVER_CONNECTIONS = 11
URGENT = 1
"""Kept for what must not wait behind thousands of others: the renewal of the lease."""
BUSY_LIMIT_S = 30.0
"""How long a transaction waits for a locked or unreachable database (S2.1)."""
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: a login that a power cut erases is a lost account.
    "PRAGMA synchronous=FULL",
)
CACHE_KIB = 64_000
"""Pages that SQLite keeps in memory (S2.1): where it writes."""
READERS_CACHE_KIB = 8_000
"""Of each reader: it forgets them whenever something was written, and the system has them too."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Where transactions and reads get their connections."""

    writer: AsyncEngine
    readers: AsyncEngine
    writers_at_once: int
    """How many transactions may be open at once in this process."""
    readers_at_once: int
    busy_limit_s: float

    async def dispose(self) -> None:
        try:
            await self.readers.dispose()
        finally:
            await self.writer.dispose()

    def connections_in_use(self) -> int:
        pools = {id(engine.pool): engine.pool for engine in (self.writer, self.readers)}
        return sum(p.checkedout() for p in pools.values() if isinstance(p, AsyncAdaptedQueuePool))


def check_url(url: str) -> None:
    """Raise ValueError, which quotes nothing of it, where this is no address that we can use."""
    forms = "sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"expected {forms}") from None
    if parsed.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise ValueError(f"expected {forms}")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"the database is not named; expected {forms}")
    if parsed.get_backend_name() == "postgresql":
        server_address.check(parsed)


def unprotected(url: str) -> str:
    """The other machine that the database is on, where what is said to it may be read on the way.

    Empty where that is this machine, or the way is encrypted.
    """
    parsed = make_url(url)
    return "" if parsed.get_backend_name() == "sqlite" else server_address.unprotected(parsed)


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path | None:
    """The database file; None on PostgreSQL."""
    parsed = make_url(url)
    return Path(parsed.database) if is_sqlite(url) and parsed.database else None


def engines(url: str, *, busy_limit_s: float) -> Engines:
    """The engines of a database that is migrated already."""
    if is_sqlite(url):
        writer = _sqlite(url, size=1, busy_limit_s=busy_limit_s)
        readers = _sqlite(url, size=READERS, read_only=True, busy_limit_s=busy_limit_s)
        return Engines(writer, readers, 1, READERS, busy_limit_s)
    server = _postgres(make_url(url))
    readers = server.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    writers = SERVER_CONNECTIONS - READERS - URGENT
    return Engines(server, readers, writers, READERS, busy_limit_s)


def engine_for_migrations(url: str) -> AsyncEngine:
    # A migration rebuilds a table by dropping the old one. With foreign keys enforced, that
    # deletes every row that belongs to its rows: all sessions, where it is `accounts`.
    if is_sqlite(url):
        return _sqlite(url, size=1, has_foreign_keys=False)
    return _postgres(make_url(url))


def engine_for_reading(url: str) -> AsyncEngine:
    if is_sqlite(url):
        return _sqlite(url, size=1, read_only=True)
    return _postgres(make_url(url))


def make_private(url: str) -> None:
    """A database file that only its owner can read, in a directory that only they can list."""
    if path := sqlite_path(url):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _sqlite(
    url: str,
    *,
    size: int,
    read_only: bool = False,
    has_foreign_keys: bool = True,
    busy_limit_s: float = BUSY_LIMIT_S,
) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=partial(one_trip.connect, make_url(url).database or ""),
        pool_size=size,
        max_overflow=0,
        poolclass=AsyncAdaptedQueuePool,
        pool_timeout=60,
        pool_reset_on_return=None,  # who took the connection has committed or rolled back
        hide_parameters=True,  # an error's text goes to the log, phone numbers must not
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: AsyncAdapt_aiosqlite_connection, _: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, the driver must not guess it
        connection.execute(f"PRAGMA busy_timeout={round(busy_limit_s * 1000)}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        cache_kib = READERS_CACHE_KIB if read_only else CACHE_KIB
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if has_foreign_keys else 'OFF'}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: a read that turns into a write can fail half-way.
        # By the driver itself: SQLAlchemy would make a cursor for it.
        driver: Any = connection.connection.driver_connection
        await_only(driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE"))

    return engine


def _postgres(url: URL) -> AsyncEngine:
    plain, besides = server_address.for_driver(url)
    return create_async_engine(
        plain,
        pool_size=SERVER_CONNECTIONS,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=True,  # the server restarted: a dead connection is replaced, not met
        hide_parameters=True,
        connect_args={
            **besides,
            "timeout": 10,
            "command_timeout": 60,  # a step can't be cancelled: a silent server must end it
            "server_settings": {
                "application_name": "mooring",
                "timezone": "UTC",
                "lock_timeout": "30s",
                "synchronous_commit": "on",  # a lost COMMIT could be a lost lease
                # An instance that was stopped in the middle must not hold its lease for long.
                "idle_in_transaction_session_timeout": "20s",
            },
        },
    )
