import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from sqlalchemy import Connection, MetaData, create_engine, insert
from sqlalchemy.exc import OperationalError

from storage import schema, shelf
from storage.database import open_database
from storage.errors import DatabaseTooNew, SecretKeyMismatch
from storage.migrate import HEAD, alembic_config, migrate
from storage.vault import Vault
from tests.storage.fleet import START, url_of
from tests.timing import limit

FIRST = "0001"


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def run(path: Path, *statements: str) -> list[Any]:
    """Rows of the last statement, written past our own code."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return [connection.execute(statement).fetchall() for statement in statements][-1]
    finally:
        connection.close()


async def open_and_close(path: Path, vault: Vault) -> None:
    await (await open_database(url_of(path), vault)).close()


def counts(path: Path) -> dict[str, int]:
    return {
        name: run(path, f'SELECT count(*) FROM "{name}"')[0][0]  # noqa: S608 - our own table names
        for (name,) in run(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if name not in ("alembic_version", "sqlite_sequence")
    }


async def test_a_new_database_is_at_the_latest_revision(path: Path, vault: Vault) -> None:
    await open_and_close(path, vault)

    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert run(path, "SELECT version_num FROM alembic_version") == [(head,)]
    assert head == HEAD


async def test_the_migrations_build_exactly_the_tables_of_the_schema(
    path: Path, vault: Vault
) -> None:
    await open_and_close(path, vault)
    engine = create_engine(f"sqlite:///{path}")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        drift = compare_metadata(context, schema.metadata)
    engine.dispose()

    assert drift == []


async def test_the_numbers_of_accounts_and_proxies_are_never_reused(
    path: Path, vault: Vault
) -> None:
    """Neither Alembic's comparison nor its rebuilding of a table knows AUTOINCREMENT."""
    await open_and_close(path, vault)

    tables = dict(run(path, "SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    for table in schema.metadata.sorted_tables:
        wanted = bool(table.dialect_options["sqlite"]["autoincrement"])
        assert ("AUTOINCREMENT" in tables[table.name]) == wanted, table.name
    assert schema.accounts.dialect_options["sqlite"]["autoincrement"]
    assert schema.proxies.dialect_options["sqlite"]["autoincrement"]


async def test_opening_again_changes_nothing(path: Path, vault: Vault) -> None:
    await open_and_close(path, vault)
    before = dump(path)
    await open_and_close(path, vault)

    assert dump(path) == before


async def test_a_database_of_a_newer_version_is_refused_and_unchanged(
    path: Path, vault: Vault
) -> None:
    await open_and_close(path, vault)
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    before = dump(path)

    with pytest.raises(DatabaseTooNew, match="9999"):
        await open_database(url_of(path), vault)
    assert dump(path) == before


async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    path: Path, vault: Vault
) -> None:
    run(path, "CREATE TABLE sessions (strange)")  # the last table that the first migration makes
    before = dump(path)

    with pytest.raises(OperationalError, match="already exists"):
        await open_database(url_of(path), vault)
    assert dump(path) == before


async def test_many_opens_of_a_new_database_at_once_all_succeed(path: Path, vault: Vault) -> None:
    async with asyncio.timeout(limit(60)), asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(open_and_close(path, vault))

    assert run(path, "SELECT count(*) FROM key_check") == [(1,)]


def fill(connection: Connection, vault: Vault) -> None:
    """One row in each table, whatever tables there are; each belongs to account 1 and proxy 1."""
    tables = MetaData()
    tables.reflect(connection)
    examples: dict[type, object] = {
        int: 1,
        bool: True,
        str: "x",
        bytes: vault.seal(b"mooring"),
        object: {},  # JSON
        datetime: START.replace(tzinfo=None),
    }

    for table in tables.sorted_tables:
        if table.name not in ("alembic_version", "sqlite_sequence"):
            row = {c.name: examples[c.type.python_type] for c in table.c}
            connection.execute(insert(table).values(row))


async def test_no_migration_loses_a_row(path: Path, vault: Vault) -> None:
    """SQLite rebuilds a table by dropping it, which deletes what belongs to its rows."""
    first_version(path, vault)
    before = counts(path)
    assert set(before.values()) == {1}

    await open_and_close(path, vault)

    after = counts(path)
    assert {name: after.get(name) for name in before} == before
    assert run(path, "PRAGMA foreign_key_check") == []


def first_version(path: Path, vault: Vault) -> None:
    """A database as the first version left it, a row in each table."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection, FIRST)
        fill(connection, vault)
    engine.dispose()


@pytest.mark.req("S2.9")
async def test_before_a_migration_the_database_is_backed_up(path: Path, vault: Vault) -> None:
    first_version(path, vault)
    before = counts(path)

    await open_and_close(path, vault)
    await open_and_close(path, vault)

    (backup,) = (path.parent / "backups").iterdir()
    assert backup.name.startswith(f"before-{FIRST}-")
    assert run(backup, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    assert counts(backup) == before
    assert backup.stat().st_mode & 0o077 == 0


async def test_an_upgrade_deletes_backups_of_its_own_kind_alone(path: Path, vault: Vault) -> None:
    first_version(path, vault)
    folder = path.parent / "backups"
    folder.mkdir()
    long_ago = datetime(2026, 3, 1, tzinfo=UTC)
    daily = {shelf.periodic(folder, long_ago + timedelta(n)) for n in range(10)}
    before = [shelf.before_migration(folder, "0001", long_ago + timedelta(n)) for n in range(9)]
    for file in (*daily, *before):
        file.touch()

    await open_and_close(path, vault)

    left = set(folder.iterdir())
    assert daily <= left
    assert len(left - daily) == 7
    assert set(before[3:]) <= left


async def test_several_databases_of_one_process_are_brought_up_to_date_at_once(
    path: Path, vault: Vault
) -> None:
    """Alembic's own state is of the process."""
    others = [path.with_name(f"{number}.db") for number in range(6)]
    await asyncio.gather(*(open_and_close(other, vault) for other in others))
    assert [run(other, "SELECT version_num FROM alembic_version") for other in others] == 6 * [
        [(HEAD,)]
    ]


async def test_a_new_database_needs_no_backup(path: Path, vault: Vault) -> None:
    await open_and_close(path, vault)

    assert not (path.parent / "backups").exists()


async def test_without_a_backup_nothing_is_migrated(path: Path, vault: Vault) -> None:
    first_version(path, vault)
    before = dump(path)
    (path.parent / "backups").write_text("a file where the directory should be")

    with pytest.raises(OSError, match="exists"):
        await open_database(url_of(path), vault)

    assert dump(path) == before


async def test_a_wrong_key_migrates_nothing_and_backs_nothing_up(path: Path, vault: Vault) -> None:
    first_version(path, vault)
    before = dump(path)

    with pytest.raises(SecretKeyMismatch):
        await open_database(url_of(path), Vault([Fernet.generate_key().decode()]))

    assert dump(path) == before
    assert not (path.parent / "backups").exists()
