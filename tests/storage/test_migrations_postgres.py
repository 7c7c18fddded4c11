"""The same promises as in test_migrations.py, on a server."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import schema
from storage.database import open_database
from storage.errors import DatabaseTooNew, DatabaseTooOld, SecretKeyMismatch
from storage.migrate import HEAD, migrate
from storage.vault import Vault
from tests.postgres import Postgres
from tests.timing import limit

T = TypeVar("T")


async def run(url: str, act: Callable[[Connection], T]) -> T:
    """Do something on a plain connection, past our own code."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(act)
    finally:
        await engine.dispose()


async def execute(url: str, sql: str) -> None:
    await run(url, lambda connection: connection.execute(text(sql)))


async def open_and_close(url: str, vault: Vault, **options: Any) -> None:  # noqa: ANN401
    await (await open_database(url, vault, **options)).close()


async def test_the_migrations_build_exactly_the_tables_of_the_schema(
    postgres: Postgres, vault: Vault
) -> None:
    url = postgres.new()
    await open_and_close(url, vault)

    def drift(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, schema.metadata))

    assert await run(url, drift) == []


async def test_many_opens_of_a_new_database_at_once_all_succeed(
    postgres: Postgres, vault: Vault
) -> None:
    url = postgres.new()
    async with asyncio.timeout(limit(60)), asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(open_and_close(url, vault))

    def keys(connection: Connection) -> int | None:
        return connection.execute(text("SELECT count(*) FROM key_check")).scalar()

    assert await run(url, keys) == 1


async def test_a_database_of_a_newer_version_is_refused(postgres: Postgres, vault: Vault) -> None:
    url = postgres.new()
    await open_and_close(url, vault)
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseTooNew, match="9999"):
        await open_database(url, vault)


async def test_an_older_database_is_migrated_only_by_who_may(
    postgres: Postgres, vault: Vault
) -> None:
    url = postgres.new()
    await run(url, lambda connection: migrate(connection, "0001"))

    with pytest.raises(DatabaseTooOld, match="0001"):
        await open_database(url, vault, may_migrate=False)
    await open_and_close(url, vault)
    await open_and_close(url, vault, may_migrate=False)

    version = "SELECT version_num FROM alembic_version"
    assert await run(url, lambda c: c.execute(text(version)).scalar()) == HEAD


async def test_a_wrong_key_undoes_the_migrations(postgres: Postgres, vault: Vault) -> None:
    url = postgres.new()
    await run(url, lambda connection: migrate(connection, "0001"))
    foreign = Vault([Fernet.generate_key().decode()]).seal(b"mooring").hex()
    await execute(url, f"INSERT INTO key_check (sealed) VALUES ('\\x{foreign}')")  # noqa: S608

    with pytest.raises(SecretKeyMismatch):
        await open_database(url, vault)

    assert "operators" not in await run(url, lambda c: inspect(c).get_table_names())
