"""Copies all rows from one database into another, whichever of the two kinds each is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 1000
_APART = frozenset({"alembic_version", "sqlite_sequence"})
"""Not ours: who migrates and who numbers rows keeps them."""


class NotEmpty(ValueError):
    """The target has rows already; nothing was written."""


async def copy_tables(source: AsyncConnection, target: AsyncConnection) -> int:
    """Copy every row of every table; returns how many.

    The target has the tables already, empty, at the source's revision. Both callers own their
    transaction. Numbers that the source has ever given out are not given out again. Raises
    `NotEmpty`.
    """
    theirs, ours = await _tables_of(source), await _tables_of(target)
    for table in ours.sorted_tables:
        if (await target.execute(select(1).select_from(table).limit(1))).first():
            raise NotEmpty(table.name)
    copied = 0
    for table in ours.sorted_tables:  # in the order of their foreign keys
        copied += await _copy_rows(source, target, theirs.tables[table.name], table)
        if (key := _number_of(table)) is not None:
            last = await _last_number(source, table.name, key.name)
            await _go_on_from(target, table, key, last)
    return copied


async def _tables_of(connection: AsyncConnection) -> MetaData:
    tables = MetaData()
    await connection.run_sync(tables.reflect, only=lambda name, _: name not in _APART)
    for table in tables.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True  # an absent value is no JSON
    return tables


async def _copy_rows(
    source: AsyncConnection, target: AsyncConnection, theirs: Table, ours: Table
) -> int:
    copied = 0
    columns = [theirs.c[column.name] for column in ours.columns]
    async with source.stream(select(*columns)) as rows:
        async for chunk in rows.mappings().partitions(CHUNK):
            await target.execute(insert(ours), [_as_wanted(row, ours) for row in chunk])
            copied += len(chunk)
    return copied


def _as_wanted(row: Mapping[Any, Any], table: Table) -> dict[str, Any]:
    return {column.name: _value(row[column.name], column) for column in table.columns}


def _value(value: Any, column: Column[Any]) -> Any:  # noqa: ANN401 - whatever a column holds
    """A value as the target's column takes it; a time without a zone is UTC."""
    if not isinstance(value, datetime) or not isinstance(column.type, DateTime):
        return value
    aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return aware if column.type.timezone else aware.replace(tzinfo=None)


def _number_of(table: Table) -> Column[Any] | None:
    """The column whose numbers the database gives out; None where there is none."""
    keys = list(table.primary_key.columns)
    is_number = len(keys) == 1 and isinstance(keys[0].type, Integer | BigInteger)
    return keys[0] if is_number and not keys[0].foreign_keys else None


async def _last_number(connection: AsyncConnection, table: str, key: str) -> int:
    """The highest number that was ever given out, as far as the database remembers."""
    if connection.dialect.name == "postgresql":
        sequence = await _sequence_of(connection, table, key)
        if sequence is None:
            return 0
        asked = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - the server's own, quoted name
        return int(await connection.scalar(asked) or 0)
    if not await connection.run_sync(lambda c: inspect(c).has_table("sqlite_sequence")):
        return 0
    asked = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(await connection.scalar(asked, {"name": table}) or 0)


async def _go_on_from(
    connection: AsyncConnection, table: Table, key: Column[Any], last: int
) -> None:
    """Number the next row after `last`, and after every row that is there."""
    highest = await connection.scalar(select(func.max(key)))
    last = max(last, int(highest or 0))
    if connection.dialect.name == "postgresql":
        sequence = await _sequence_of(connection, table.name, key.name)
        if sequence is not None and last > 0:
            await connection.execute(select(func.setval(sequence, last)))
    elif await _last_number(connection, table.name, key.name) < last:
        await raise_sqlite_number(connection, table.name, last)


async def raise_sqlite_number(connection: AsyncConnection, table: str, last: int) -> None:
    """Number a table's next row after `last`; nothing where SQLite does not count its rows."""
    counts = await connection.scalar(
        text("SELECT 1 FROM sqlite_master WHERE name = :name AND sql LIKE '%AUTOINCREMENT%'"),
        {"name": table},
    )
    if counts:
        named = {"name": table, "last": last}
        await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        await connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), named)


async def _sequence_of(connection: AsyncConnection, table: str, key: str) -> str | None:
    named = func.pg_get_serial_sequence(table, key)
    name: str | None = await connection.scalar(select(named))
    return name
