"""What happens before a database is used: it is brought up to date, and the key is tried."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import shelf
from storage.backup import back_up
from storage.connections import begun, patience
from storage.engines import engine_for_migrations, engine_for_reading, sqlite_path
from storage.errors import DatabaseTooOld
from storage.migrate import HEAD, migrate, refuse_newer, revision_of
from storage.schema import key_check
from storage.vault import Vault

BACKUPS_KEPT = 7
"""Of those before migrations: one that fails is begun anew again and again."""
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Alembic keeps the migration that runs in globals: one at a time, whatever its database."""
_LOCK = 0x6D6F6F72696E67
"""PostgreSQL's number for our migration lock: "mooring"."""


async def prepare(
    url: str, vault: Vault, *, may_migrate: bool = True, backups: Path | None = None
) -> None:
    """Migrate where that is needed, after a backup, and check the key: all of it, or nothing.

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
            if current not in {None, HEAD}:
                refuse_newer(current)
                if not may_migrate:
                    words = f"The database has revision {current}, this version needs {HEAD}."
                    raise DatabaseTooOld(words)
                await _check_key(connection, vault)
                await _back_up_first(url, str(current), backups)
            async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
                await connection.run_sync(migrate)
            await _check_key(connection, vault)
            await connection.commit()
    finally:
        await engine.dispose()


async def _back_up_first(url: str, current: str, backups: Path | None) -> None:
    """What the migration changes is safe, whatever becomes of it."""
    path = sqlite_path(url)
    directory = backups or (path.parent / "backups" if path else None)
    if directory is not None:
        shelf.make(directory)
        await back_up(url, shelf.before_migration(directory, current, datetime.now(UTC)))
        shelf.prune_before_migrations(directory, BACKUPS_KEPT)


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
