"""Work on a database that leaves nothing behind: for many examples on one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.database import Database
from storage.tx import Tx


@asynccontextmanager
async def undone(db: Database) -> AsyncIterator[Tx]:
    """A transaction that always rolls back."""
    async with db.transaction() as tx:
        savepoint = await tx._connection.begin_nested()
        yield tx
        await savepoint.rollback()
