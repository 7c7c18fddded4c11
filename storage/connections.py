"""A connection with an open transaction, from the pool and back, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loguru import logger
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.driver_errors import DRIVER_ERRORS, storage_error
from storage.engines import BUSY_LIMIT_S
from storage.errors import StorageBusy
from storage.steps import finish

RETRY_S = 0.1


def patience(limit_s: float = BUSY_LIMIT_S) -> float:
    """The moment, on the loop's clock, until which a transaction begun now may wait."""
    return asyncio.get_running_loop().time() + limit_s


class Connections:
    """Connections of one engine, each with an open transaction while it is out.

    With `keeps`, one that came back well waits here for its next use: to take it from the
    engine's pool and to return it costs more than most statements. Not for a server, which may
    be gone by then; the pool finds that out.
    """

    def __init__(self, engine: AsyncEngine, *, keeps: bool = False) -> None:
        self._engine = engine
        self._keeps = keeps
        self._is_closed = False
        self._idle: list[AsyncConnection] = []

    @property
    def idle(self) -> int:
        """How many wait here; they count as checked out of the engine's pool."""
        return len(self._idle)

    @asynccontextmanager
    async def begun(self, deadline: float) -> AsyncIterator[AsyncConnection]:
        """A connection after BEGIN. Rolled back where the block raises, or did not commit.

        Raises `StorageBusy` where the database is still locked or away at the deadline.
        """
        connection = await self._begin(deadline)
        try:
            yield connection
        finally:
            await self._take_back(connection)

    async def close(self) -> None:
        """Close those that wait here; one that is out is closed when it comes back."""
        self._is_closed = True
        self._keeps = False
        cancelled = None
        while self._idle:
            try:
                await finish(self._idle.pop().close())
            except asyncio.CancelledError as exc:
                cancelled = exc  # the others are to be closed all the same
        if cancelled is not None:
            raise cancelled

    async def _begin(self, deadline: float) -> AsyncConnection:
        while True:
            connection = self._idle.pop() if self._idle else self._engine.connect()
            try:
                await finish(_start(connection))
            except DRIVER_ERRORS as exc:
                await _discard(connection)
                await _wait_or_raise(exc, deadline)
            except BaseException:
                await _discard(connection)
                raise
            else:
                return connection

    async def _take_back(self, connection: AsyncConnection) -> None:
        """Keep it where it is well, and nothing is open on it any more."""
        try:
            if connection.in_transaction():
                await finish(connection.rollback())
            is_well = self._keeps
            if self._is_closed:  # its pool is gone: to return it there would close nothing
                await finish(connection.invalidate())
                is_well = False
        except DRIVER_ERRORS:
            logger.bind(event="storage.lost").warning("a connection to the database was lost")
            await finish(connection.invalidate())
            is_well = False
        except BaseException:
            await _discard(connection)
            raise
        if is_well:
            self._idle.append(connection)
        else:
            await finish(connection.close())


@asynccontextmanager
async def begun(engine: AsyncEngine, deadline: float) -> AsyncIterator[AsyncConnection]:
    """`Connections.begun`, once."""
    async with Connections(engine).begun(deadline) as connection:
        yield connection


async def _start(connection: AsyncConnection) -> None:
    if connection.sync_connection is None:
        await connection.start()
    await connection.begin().start()


async def _wait_or_raise(error: Exception, deadline: float) -> None:
    meant = storage_error(error)
    if meant is None:
        raise error
    if not meant.is_passing:
        raise meant from error
    if asyncio.get_running_loop().time() > deadline:
        raise StorageBusy(str(meant)) from error
    await asyncio.sleep(RETRY_S)


async def _discard(connection: AsyncConnection) -> None:
    if connection.sync_connection is not None:
        await finish(connection.close())
