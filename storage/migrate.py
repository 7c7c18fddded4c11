"""Migrations at start: forward only, under the database's own lock, after a backup."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.connections import begun, patience
from storage.engines import engine_for_migrations, engine_for_reading
from storage.errors import DatabaseTooNew, DatabaseTooOld
from storage.schema import key_check
from storage.vault import Vault

if TYPE_CHECKING:  # it costs 0.1 s to import, and most starts have nothing to migrate
    from alembic.config import Config

HEAD = "0002"
"""The latest revision; a test compares it with the scripts."""
_LOCK = 0x6D6F6F72696E67
"""PostgreSQL's number for our migration lock: "mooring"."""


def alembic_config() -> "Config":
    """Where the migrations lie. Needs no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Bring the database up to a revision. The caller owns the transaction and the lock."""
    from alembic import command  # noqa: PLC0415 - see above

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def prepare(url: str, vault: Vault, *, may_migrate: bool) -> None:
    """Migrate where that is needed, and check the key: all of it, or nothing.

    Two processes at once: one migrates, one waits. Raises as `open_database` does.
    """
    if await _is_ready(url, vault):
        return
    engine = engine_for_migrations(url)
    try:
        async with begun(engine, patience()) as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            current = await connection.run_sync(revision_of)
            _refuse_newer(current)
            if current not in {None, HEAD} and not may_migrate:
                raise DatabaseTooOld(
                    f"The database has revision {current}, this version needs {HEAD}."
                )
            await connection.run_sync(migrate)
            await _check_key(connection, vault)
            await connection.commit()
    finally:
        await engine.dispose()


async def _is_ready(url: str, vault: Vault) -> bool:
    """Whether nothing is to do; asked without the write lock, which may be somebody's."""
    engine = engine_for_reading(url)
    try:
        async with begun(engine, patience()) as connection:
            if await connection.run_sync(revision_of) != HEAD:
                return False
            return await _knows_key(connection, vault)
    finally:
        await engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(current: str | None) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    scripts = ScriptDirectory.from_config(alembic_config())
    if current is not None and current not in {s.revision for s in scripts.walk_revisions()}:
        raise DatabaseTooNew(
            f"The database has revision {current}, which this version does not know. "
            "Run the newer Mooring that wrote it."
        )


async def _check_key(connection: AsyncConnection, vault: Vault) -> None:
    """Open a known secret, or seal it in a new database.

    In the transaction of the migrations: a wrong key undoes them, and of two first starts at
    once with different keys only one succeeds.
    """
    if not await _knows_key(connection, vault):
        await connection.execute(insert(key_check).values(sealed=vault.seal(b"mooring")))


async def _knows_key(connection: AsyncConnection, vault: Vault) -> bool:
    row = (await connection.execute(select(key_check.c.sealed))).first()
    if row:
        vault.open(row.sealed)
    return row is not None
