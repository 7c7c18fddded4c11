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


@asynccontextmanager
async def begun(engine: AsyncEngine, deadline: float) -> AsyncIterator[AsyncConnection]:
    """A connection after BEGIN. Rolled back where the block raises, or did not commit.

    Raises `StorageBusy` where the database is still locked or away at the deadline.
    """
    connection = await _begin(engine, deadline)
    try:
        yield connection
    except BaseException:
        await _roll_back(connection)
        raise
    finally:
        if not connection.closed:  # whoever committed may have closed it in the same step
            await finish(connection.close())


async def _begin(engine: AsyncEngine, deadline: float) -> AsyncConnection:
    while True:
        connection = engine.connect()
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


async def _start(connection: AsyncConnection) -> None:
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


async def _roll_back(connection: AsyncConnection) -> None:
    """Roll back; a connection that can't even do that is thrown away, not pooled."""
    try:
        await finish(connection.rollback())
    except DRIVER_ERRORS:
        logger.bind(event="storage.lost").warning("a connection to the database was lost")
        await finish(connection.invalidate())
