"""One open transaction: what repositories get."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnCollection, Executable, Row, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.driver_errors import in_our_words
from storage.steps import finish
from storage.vault import Vault

Excluded = ColumnCollection[str, Any]
"""The columns of the row that an upsert could not insert."""


class Tx:
    """One open transaction. Repositories take it and never commit.

    A statement that has begun runs to its end; a cancellation comes after it.
    """

    def __init__(self, connection: AsyncConnection, vault: Vault, now: datetime) -> None:
        self._connection = connection
        self.vault = vault
        self.now = now
        """The time of this transaction, one for all its rows."""
        self.topics: list[str] = []
        self._is_over = False

    def end(self) -> None:
        """The transaction is over: its connection may be another's already."""
        self._is_over = True

    async def execute(
        self,
        statement: Executable,
        rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    ) -> CursorResult[Any]:
        """Run it: once with one mapping's values, or once for each row of several."""
        if self._is_over:
            raise RuntimeError("this transaction is over")
        with in_our_words():
            return await finish(self._connection.execute(statement, rows))

    async def insert(self, statement: Executable) -> int:
        """Run an INSERT and return the new row's id."""
        result = await self.execute(statement)
        key = result.inserted_primary_key
        if key is None:  # only where a table has no primary key, which none of ours is
            raise LookupError("the statement inserted no row")
        return int(key[0])

    async def upsert(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        keys: Sequence[str],
        merge: Callable[[Excluded], Mapping[str, Any]] | None = None,
    ) -> None:
        """Insert rows; one whose `keys` are there already gets the other columns instead.

        `merge` may say what the columns become, from the row that was not inserted. All rows
        have the same columns.
        """
        if not rows:
            return
        dialect = postgresql if self._is_postgres else sqlite
        statement = dialect.insert(table)
        fresh = (
            merge(statement.excluded)
            if merge
            else {name: statement.excluded[name] for name in rows[0] if name not in keys}
        )
        await self.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=fresh), rows
        )

    async def one(self, statement: Executable, **values: object) -> Row[Any] | None:
        """The first row, or None; `values` are of the statement's `bindparam`s."""
        return (await self.execute(statement, values or None)).first()

    async def all(self, statement: Executable, **values: object) -> list[Row[Any]]:
        return list((await self.execute(statement, values or None)).all())

    async def lock(self, name: str) -> None:
        """Until the end of this transaction no other passes this point under the same name.

        For what is read and then written. On SQLite nothing is to do: one writer at a time.
        """
        if self._is_postgres:
            key = func.hashtextextended(name, 0)
            await self.execute(select(func.pg_advisory_xact_lock(key)))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails within the block is undone alone; the transaction goes on."""
        nested = self._connection.begin_nested()
        await finish(nested.start())
        try:
            yield
        except BaseException:
            await finish(nested.rollback())
            raise
        await finish(nested.commit())

    def wake(self, topic: str) -> None:
        """Wake the subscribers of a topic once this transaction has committed."""
        self.topics.append(topic)

    @property
    def _is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"
