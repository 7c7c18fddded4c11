"""aiosqlite with one trip to its thread for a statement and its rows.

SQLAlchemy makes a cursor, runs the statement, fetches and closes: with aiosqlite's own cursor
each of the four is a trip, which costs more than most of our statements.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite
from typing_extensions import override

T = TypeVar("T")

READ_AHEAD = 16
"""So many rows come with the statement. Few, for a row may carry a file of 20 MB."""
CHUNK = 64


def connect(path: str) -> "OneTripConnection":
    """A connection to the file; to be awaited, which opens it."""
    return OneTripConnection(lambda: sqlite3.connect(path, check_same_thread=False), CHUNK)


class OneTripConnection(aiosqlite.Connection):
    """Differs from its base in its cursors only."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._thread.daemon = True  # as SQLAlchemy has it: the exit does not wait for it

    @override
    def cursor(self) -> "OneTripCursor":  # type: ignore[override]  # SQLAlchemy enters it
        return OneTripCursor(self)

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it in the connection's thread."""
        found: T = await self._execute(lambda: function(self._conn))  # type: ignore[no-untyped-call]
        return found


class OneTripCursor:
    """What SQLAlchemy asks of a cursor. Where the first rows are all, it is closed by then."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        def run(driver: sqlite3.Connection) -> None:
            self._begin(driver.cursor().execute(operation, parameters))

        await self._connection.run(run)

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
        def run(driver: sqlite3.Connection) -> None:
            self._begin(driver.cursor().executemany(operation, parameters))

        await self._connection.run(run)

    async def fetchone(self) -> Any:  # noqa: ANN401 - a row is what the statement says
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        size = size or self.arraysize
        if len(self._rows) < size and self._open is not None:
            missing = size - len(self._rows)
            self._rows += await self._connection.run(lambda _: self._read(missing))
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchall(self) -> list[Any]:
        if self._open is not None:
            self._rows += await self._connection.run(lambda _: self._read(None))
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        if self._open is not None:
            await self._connection.run(lambda _: self._end())

    def _begin(self, cursor: sqlite3.Cursor) -> None:
        self._open, self.description = cursor, cursor.description
        self._rows = self._read(READ_AHEAD)

    def _read(self, count: int | None) -> list[Any]:
        """So many more rows, or all; where there are no more, the statement ends."""
        if self._open is None:
            return []
        rows = self._open.fetchall() if count is None else self._open.fetchmany(count)
        if count is None or len(rows) < count:
            self._end()
        return rows

    def _end(self) -> None:
        if self._open is not None:
            self.rowcount, self.lastrowid = self._open.rowcount, self._open.lastrowid
            self._open.close()
            self._open = None
