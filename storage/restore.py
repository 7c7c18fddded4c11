"""Restore: a backup becomes the database of an empty data directory, with every account stopped.

All of it happens on a private copy, which becomes the database only when it is finished.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import journal
from storage.backup import integrity_faults, opened, taken_at
from storage.connections import begun, patience
from storage.copy import copy_tables
from storage.database import open_database
from storage.driver_errors import in_our_words
from storage.engines import engine_for_migrations, engine_for_reading, sqlite_path
from storage.errors import SecretKeyMismatch, StorageError
from storage.migrate import migrate, revision_of
from storage.private import put_in_place
from storage.standstill import close_the_rest, doubt_deliveries, stop_accounts
from storage.steps import finish
from storage.vault import Vault


class NotRestored(StorageError):
    """Nothing was restored, and nothing was left behind; the text says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    taken_at: datetime
    accounts: int
    in_doubt: int
    """Deliveries that may have been sent since, for an operator to settle."""


async def restore(file: Path, url: str, vault: Vault, *, now: datetime) -> Restored:
    """Make the backup the database at `url`, where there must be none yet.

    Raises `NotRestored`, `DatabaseTooNew` and `SecretKeyMismatch`. Nothing is connected to, and
    the backup is only read.
    """
    target = sqlite_path(url)
    if target is not None:
        _must_be_free(target)
    with _copy_of(file, None if target is None else target.parent) as draft:
        taken = await _check(draft, file, vault)
        restored = await _settle_all(draft, vault, taken, now)
        if target is None:
            await _copy_to_server(_url(draft), url)
        else:
            await finish(asyncio.to_thread(put_in_place, draft, target))
    return restored


def _must_be_free(target: Path) -> None:
    companions = [target.with_name(target.name + end) for end in ("", "-wal", "-shm", "-journal")]
    for path in companions:
        if path.exists():
            raise NotRestored(f"{path} is there already: restore into an empty data directory.")


@contextmanager
def _copy_of(file: Path, directory: Path | None) -> Iterator[Path]:
    """A private copy to work on; what is left of it afterwards is gone."""
    wal = file.with_name(f"{file.name}-wal")
    if wal.exists() and wal.stat().st_size > 0:
        raise NotRestored(
            f"{file} is a database in use, not a backup: {wal.name} lies beside it. "
            "Make a backup of it with `mooring backup`."
        )
    try:
        if directory is not None:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=directory) as private:
            draft = Path(private) / "mooring.db"
            draft.touch(mode=0o600)
            shutil.copyfile(file, draft)
            yield draft
    except OSError as exc:
        raise NotRestored(f"Nothing was restored from {file}: {exc.strerror or exc}.") from exc


async def _check(draft: Path, file: Path, vault: Vault) -> datetime:
    """Whether this is a whole backup that the key opens; returns when it was made."""
    try:
        async with opened(draft) as connection:
            return await _check_open(connection, file, vault)
    except sqlite3.DatabaseError as exc:
        raise NotRestored(f"{file} is no backup of Mooring, or is damaged ({exc}).") from exc


async def _check_open(connection: aiosqlite.Connection, file: Path, vault: Vault) -> datetime:
    names = {row[0] for row in await _rows(connection, "SELECT name FROM sqlite_master")}
    if not names >= {"alembic_version", "key_check", "accounts"}:
        raise NotRestored(f"{file} is no backup of Mooring.")
    if faults := await integrity_faults(connection):
        raise NotRestored(f"{file} is damaged ({faults}).")
    if await _rows(connection, "PRAGMA foreign_key_check"):
        raise NotRestored(f"{file} is damaged (rows that belong to others miss them).")
    sealed = await _rows(connection, "SELECT sealed FROM key_check")
    if not sealed:
        raise NotRestored(f"{file} is no backup of Mooring.")
    try:
        vault.open(sealed[0][0])
    except SecretKeyMismatch:
        raise SecretKeyMismatch(
            f"The secret key does not open {file}. A backup made before `mooring rotate-key` "
            "needs the key of that time: put it below the present one."
        ) from None
    (stamp,) = (await _rows(connection, "PRAGMA user_version"))[0]
    await connection.execute("PRAGMA user_version=0")
    return taken_at(stamp) or _changed_at(file)


async def _rows(connection: aiosqlite.Connection, sql: str) -> list[Any]:
    async with connection.execute(sql) as cursor:
        return list(await cursor.fetchall())


def _changed_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


async def _settle_all(draft: Path, vault: Vault, taken: datetime, now: datetime) -> Restored:
    """Bring the copy up to this version, and settle it in one transaction."""
    database = await open_database(_url(draft), vault, now=lambda: now)
    try:
        async with database.transaction() as tx:
            count = await stop_accounts(tx)
            in_doubt = await doubt_deliveries(tx)
            await close_the_rest(tx)
            restored = Restored(taken, count, in_doubt)
            await journal.note(
                tx,
                "database.restored",
                actor="command line",
                data={"backup_of": taken.isoformat(), "accounts": count, "in_doubt": in_doubt},
            )
        return restored
    finally:
        await database.close()


async def _copy_to_server(source_url: str, url: str) -> None:
    """All of it in one transaction of a database that has no tables of ours yet."""
    source_engine, engine = engine_for_reading(source_url), engine_for_migrations(url)
    try:
        async with (
            begun(source_engine, patience()) as source,
            begun(engine, patience()) as target,
        ):
            with in_our_words():
                await _copy_all(source, target)
                await finish(target.commit())
    finally:
        await engine.dispose()
        await source_engine.dispose()


async def _copy_all(source: AsyncConnection, target: AsyncConnection) -> None:
    if await target.run_sync(revision_of) is not None:
        raise NotRestored("The database has tables of Mooring: restore into an empty one.")
    await target.run_sync(migrate)
    await copy_tables(source, target)


def _url(path: Path) -> str:
    return make_url("sqlite+aiosqlite://").set(database=str(path)).render_as_string()
