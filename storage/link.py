"""A process's own connection to PostgreSQL: wake-ups from and to others, and the right to run.

A pooled connection hears nothing while a transaction is open on it, so this one is apart.
"""

import asyncio
import math
import secrets
from collections.abc import Callable
from typing import Any

import asyncpg
from loguru import logger
from sqlalchemy.engine import make_url

from storage import server_address
from storage.errors import DatabaseInUse, StorageLost
from storage.lease import TAKEOVER_AFTER
from storage.wakeups import Wakeups

CHANNEL = "mooring"
RUNNING = 0x6D6F6F72
"""PostgreSQL's number for the lock of the one process that runs: "moor"."""
KEEP_ALIVE_S = 15.0
STEP_LIMIT_S = 10.0
RECONNECT_S = 1.0
STALE_TRIES = 50
_TRY = "SELECT pg_try_advisory_lock($1)"
_TRY_SHARED = "SELECT pg_try_advisory_lock_shared($1)"
_HAS_LEASES = "SELECT to_regclass('leases') IS NOT NULL"
"""Not where the database is empty, or of a version that ran one process only."""
_MAY_HAVE_LINES = """
SELECT i.host, i.pid, extract(epoch FROM l.until + $1 - clock_timestamp()) AS left_s
FROM leases l JOIN instances i ON i.id = l.instance
WHERE l.until + $1 > clock_timestamp() AND i.stopped_at IS NULL ORDER BY l.until DESC
"""
"""Those that may run. Who stopped, and left a line to Telegram's timer, runs nothing any more."""
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Link:
    """Hears what other processes commit, tells them what this one did, and holds the lock.

    Wake-ups are hints: those lost while it reconnects cost one polling interval. Instances share
    the lock (which accounts are whose is in their leases); who must be alone on the database, to
    restore it for example, takes it for itself, which needs that no instance may have lines: one
    that lost this connection goes on without the lock. `takes_lock` is False for who only listens.
    """

    def __init__(
        self,
        url: str,
        wakeups: Wakeups,
        *,
        takes_lock: bool = True,
        is_shared: bool = False,
        on_evicted: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = make_url(url)
        self._name = f"mooring {secrets.token_hex(4)}"
        self._wakeups = wakeups
        self._takes_lock = takes_lock
        self._is_shared = is_shared
        self._on_evicted = on_evicted
        self._connection: asyncpg.Connection[Any] | None = None
        self._topics: set[str] = set()
        self._stirred = asyncio.Event()

    async def open(self) -> None:
        """Connect and take the lock.

        Raises `DatabaseInUse` where another process runs, and `StorageLost`.
        """
        try:
            self._connection = await self._connect()
        except _LOST as exc:
            raise StorageLost("The database server does not answer.") from exc
        self._wakeups.relay = self._relay

    async def run(self) -> None:
        """Serve until cancelled; a lost connection is made anew.

        Ends only where another process took the lock meanwhile: `on_evicted` was called.
        """
        while True:
            try:
                if self._connection is None:
                    self._connection = await self._connect()
                    self._wakeups.wake_all()  # what was missed is in the rows
                await self._serve(self._connection)
            except DatabaseInUse:
                logger.bind(event="link.evicted").error("another process took the database over")
                self._on_evicted()
                return
            except _LOST as exc:
                log = logger.bind(event="link.lost")
                log.warning("the wake-up connection was lost: {}", type(exc).__name__)
            finally:
                await self._drop()
            await asyncio.sleep(RECONNECT_S)

    async def close(self) -> None:
        self._wakeups.relay = None
        await self._drop()

    def _relay(self, topic: str) -> None:
        self._topics.add(topic)
        self._stirred.set()

    async def _serve(self, connection: "asyncpg.Connection[Any]") -> None:
        """Send the gathered topics together; otherwise see whether the server is there."""
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    await self._stirred.wait()
            except TimeoutError:
                await connection.execute("SELECT 1")
                continue
            self._stirred.clear()
            topics, self._topics = self._topics, set()
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, " ".join(topics))

    async def _connect(self) -> "asyncpg.Connection[Any]":
        plain, besides = server_address.for_driver(self._url)
        arguments = plain.get_dialect()().create_connect_args(plain)[1]
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            **arguments,
            **besides,
            timeout=STEP_LIMIT_S,
            command_timeout=STEP_LIMIT_S,
            server_settings={"application_name": self._name},
        )
        try:
            if self._takes_lock and self._is_shared:
                await self._take_lock(connection, _TRY_SHARED)
            elif self._takes_lock:
                await self._take_for_itself(connection)
            connection.add_termination_listener(lambda _: self._stirred.set())
            await connection.add_listener(CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _take_for_itself(self, connection: "asyncpg.Connection[Any]") -> None:
        """Only beside no lease, asked before too: who comes back for the lock finds it free."""
        await self._refuse_others(connection)
        await _refuse_leases(connection)
        await self._take_lock(connection, _TRY)
        await _refuse_leases(connection)

    async def _take_lock(self, connection: "asyncpg.Connection[Any]", how: str) -> None:
        for _ in range(STALE_TRIES):
            if await connection.fetchval(how, RUNNING):
                return
            stale = await self._refuse_others(connection)
            if stale is not None:
                # Our own connection of before, whose end the server has not noticed.
                await connection.execute("SELECT pg_terminate_backend($1)", stale)
            await asyncio.sleep(STEP_LIMIT_S / STALE_TRIES)
        raise StorageLost("The lock of this process stays with a connection that is gone.")

    async def _refuse_others(self, connection: "asyncpg.Connection[Any]") -> int | None:
        """Raise `DatabaseInUse` where another process has the lock.

        Returns the server's process where another connection of our own has it.
        """
        holder = await connection.fetchrow(
            "SELECT a.pid, a.application_name, a.client_addr FROM pg_locks l "
            "JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
            "AND l.classid = 0 AND l.objid = $1 AND l.granted "
            "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            RUNNING,
        )
        if holder is None:
            return None
        if holder["application_name"] != self._name:
            where = holder["client_addr"] or "this machine"
            raise DatabaseInUse(f"{holder['application_name']} on {where}")
        return int(holder["pid"])

    def _heard(self, _connection: object, pid: int, _channel: str, payload: object) -> None:
        mine = self._connection.get_server_pid() if self._connection else 0
        if pid != mine:
            for topic in str(payload).split():
                self._wakeups.wake_here(topic)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


async def _refuse_leases(connection: "asyncpg.Connection[Any]") -> None:
    if not await connection.fetchval(_HAS_LEASES):
        return
    found = await connection.fetch(_MAY_HAVE_LINES, TAKEOVER_AFTER)
    if not found:
        return
    last, others = found[0], len(found) - 1
    more = f" and {others} {'other' if others == 1 else 'others'}" if others else ""
    raise DatabaseInUse(
        f"process {last['pid']} on {last['host']}{more}", free_in_s=math.ceil(last["left_s"])
    )
