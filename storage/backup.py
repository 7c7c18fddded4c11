"""Backups: one consistent copy of the whole database, made beside any writer.

A backup is always a SQLite file, whatever database it was made of, so that it can be restored
into either. Its time is in the file itself (`user_version`, in minutes), and travels with it.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import aiosqlite
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.connections import begun, patience
from storage.copy import copy_tables
from storage.driver_errors import in_our_words, sqlite_error
from storage.engines import engine_for_migrations, engine_for_reading, sqlite_path
from storage.errors import StorageError, StorageFailed
from storage.migrate import migrate, revision_of
from storage.private import put_in_place
from storage.steps import finish

DRAFTS = ".backup-"
"""How the directory begins in which a backup is made, beside where it will be."""
BUSY_LIMIT_S = 30.0


class BackupFailed(StorageError):
    """No backup was made, and nothing was left behind; the text says why."""


@dataclass(frozen=True, slots=True)
class BackupInfo:
    path: Path
    size_bytes: int
    at: datetime
    """All that was committed before is in it."""


async def back_up(url: str, target: Path) -> BackupInfo:
    """Copy the database into a new file. Raises `BackupFailed`, also where the file exists."""
    if path := sqlite_path(url):
        return await back_up_file(path, target)
    with _draft_of(target) as draft:
        at = datetime.now(UTC)
        server = engine_for_reading(url)
        try:
            # One snapshot, as SQLite's is.
            snapshot = server.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            async with begun(snapshot, patience()) as source:
                with in_our_words():
                    await _fill(draft, source)
        finally:
            await server.dispose()
        return await _finish(draft, target, at)


async def back_up_file(path: Path, target: Path) -> BackupInfo:
    """Copy a SQLite database, open elsewhere or not. Raises `BackupFailed`.

    One read snapshot in a thread of its own: no writer waits for it, nor does the loop.
    """
    with _draft_of(target) as draft:
        at = datetime.now(UTC)
        async with opened(path) as source:  # fails where there is none; never makes one
            await source.execute("VACUUM INTO ?", (str(draft),))
        return await _finish(draft, target, at)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A connection of its own to a file that must be there; a cancellation cuts its work short."""
    address = f"file:{quote(str(path))}?mode=rw"
    connection = aiosqlite.connect(address, uri=True, timeout=BUSY_LIMIT_S, isolation_level=None)
    try:
        # To its end: its thread must not outlive the loop.
        await finish(_started(connection))
        try:
            yield connection
        except asyncio.CancelledError:
            await connection.interrupt()  # or closing would wait for all of it
            raise
    finally:
        await finish(connection.close())


async def _started(connection: aiosqlite.Connection) -> None:
    await connection


def taken_at(user_version: int) -> datetime | None:
    """When a backup with this stamp was made; None where the file is no backup of ours."""
    return datetime.fromtimestamp(user_version * 60, UTC) if user_version > 0 else None


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A file to write the backup into; it is gone afterwards, whatever happened."""
    if target.exists():
        raise BackupFailed(f"{target} exists already: nothing was overwritten.")
    try:
        # A directory of its own: with the file goes what SQLite keeps beside it.
        with tempfile.TemporaryDirectory(prefix=DRAFTS, dir=target.parent) as private:
            draft = Path(private) / target.name
            draft.touch(mode=0o600)
            yield draft
    except OSError as exc:
        raise BackupFailed(f"No backup was made at {target}: {exc.strerror or exc}.") from exc
    except (sqlite3.Error, DBAPIError, StorageFailed) as exc:
        # Also where the source is on a server: the draft alone is of SQLite then.
        if (of_draft := sqlite_error(exc)) is None:
            raise
        raise BackupFailed(f"No backup was made at {target}: {of_draft}.") from of_draft


async def _finish(draft: Path, target: Path, at: datetime) -> BackupInfo:
    """Stamp the copy, check that it is whole, and give it its name."""
    async with opened(draft) as copy:
        await copy.execute("PRAGMA journal_mode=DELETE")
        await copy.execute(f"PRAGMA user_version={int(at.timestamp()) // 60}")
        if faults := await faults_of(copy):
            raise BackupFailed(f"No backup was made: the database is damaged ({faults}).")
    size = await finish(asyncio.to_thread(put_in_place, draft, target))
    return BackupInfo(target, size, at)


async def faults_of(connection: aiosqlite.Connection) -> str:
    """What SQLite finds wrong with the file; empty where it is whole.

    A restore takes no other file, so no other is given out as a backup.
    """
    async with connection.execute("PRAGMA integrity_check(3)") as cursor:
        found = [str(row[0]) for row in await cursor.fetchall()]
    if found != ["ok"]:
        return "; ".join(found)
    async with connection.execute("PRAGMA foreign_key_check") as cursor:
        orphan = await cursor.fetchone()
    return f"rows of {orphan[0]} belong to others that are missing" if orphan else ""


async def _fill(draft: Path, source: AsyncConnection) -> None:
    """The source's tables, at its revision, with all rows."""
    revision = await source.run_sync(revision_of)
    if revision is None:
        raise BackupFailed("No backup was made: the database is empty.")
    url = _url(draft)
    await finish(asyncio.to_thread(_make_tables, url, revision))
    engine = engine_for_migrations(url)
    try:
        async with begun(engine, patience()) as target:
            await copy_tables(source, target)
            await target.commit()
    finally:
        await engine.dispose()


def _make_tables(url: str, revision: str) -> None:
    """In a thread: the migrations take a second, and the loop has lines to serve."""
    engine = create_engine(make_url(url).set(drivername="sqlite"))
    try:
        with engine.begin() as connection:
            migrate(connection, revision)
    finally:
        engine.dispose()


def _url(path: Path) -> str:
    return make_url("sqlite+aiosqlite://").set(database=str(path)).render_as_string()
