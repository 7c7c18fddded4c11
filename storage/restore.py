"""Restore: a backup becomes the database of an empty data directory, with every account stopped.

All of it happens on a private copy, which becomes the database only when it is finished.
`storage.verify` does the same, and throws the copy away.
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
from storage.backup import DRAFTS, faults_of, opened, taken_at
from storage.connections import begun, patience
from storage.copy import copy_tables
from storage.database import Database, open_database
from storage.driver_errors import in_our_words
from storage.engines import engine_for_migrations, engine_for_reading, sqlite_path
from storage.errors import SecretKeyMismatch, StorageError
from storage.migrate import migrate, revision_of
from storage.private import put_in_place
from storage.standstill import close_the_rest, doubt_deliveries, doubt_sessions, stop_accounts
from storage.steps import finish
from storage.vault import Vault

_HEADER = b"SQLite format 3\0"


class NotRestored(StorageError):
    """Nothing was restored, and nothing was left behind; the text says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a backup says of itself."""

    taken_at: datetime
    revision: str
    """Of the tables in it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    taken_at: datetime
    accounts: int
    in_doubt: int
    """Deliveries that may have been sent since, for an operator to settle."""


async def restore(
    file: Path, url: str, vault: Vault, *, now: datetime, nothing_else_uses_them: bool = False
) -> Restored:
    """Make the backup the database at `url`, where there must be none yet.

    An account starts only when an operator has confirmed that nothing else uses its session,
    unless `nothing_else_uses_them` says so of all. Raises `NotRestored`, `DatabaseTooNew` and
    `SecretKeyMismatch`. Nothing is connected to, and the backup is only read.
    """
    target = sqlite_path(url)
    if target is not None:
        _must_be_free(target)
    try:
        with copy_of(file, None if target is None else target.parent) as draft:
            stamp = await check(draft, file, vault)
            database = await open_database(url_of(draft), vault, now=lambda: now)
            try:
                done = await settle(database, stamp, is_only_copy=nothing_else_uses_them)
            finally:
                await database.close()
            if target is None:
                await _copy_to_server(url_of(draft), url)
            else:
                await finish(asyncio.to_thread(put_in_place, draft, target))
    except OSError as exc:
        raise NotRestored(f"Nothing was restored from {file}: {exc.strerror or exc}.") from exc
    return done


def _must_be_free(target: Path) -> None:
    companions = [target.with_name(target.name + end) for end in ("", "-wal", "-shm", "-journal")]
    for path in companions:
        if path.exists():
            raise NotRestored(f"{path} is there already: restore into an empty data directory.")


@contextmanager
def copy_of(file: Path, directory: Path | None) -> Iterator[Path]:
    """A private copy to work on; what is left of it afterwards is gone.

    It lies in a directory of its own in `directory`, which is made where it is not there; None:
    where the system keeps such files. Raises `NotRestored` where the file is a database in use.
    """
    wal = file.with_name(f"{file.name}-wal")
    if wal.exists() and wal.stat().st_size > 0:
        raise NotRestored(
            f"{file} is a database in use, not a backup: {wal.name} lies beside it. "
            "Make a backup of it with `mooring backup`."
        )
    if directory is not None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{DRAFTS}copy-", dir=directory) as private:
        draft = Path(private) / "mooring.db"
        draft.touch(mode=0o600)
        shutil.copyfile(file, draft)
        yield draft


async def check(draft: Path, file: Path, vault: Vault) -> Stamp:
    """Whether this copy of `file` is a whole backup that the key opens; what it says of itself.

    Raises `NotRestored` and `SecretKeyMismatch`.
    """
    if missing := _missing_bytes(draft):
        raise NotRestored(f"{file} is damaged: cut short, its last {missing:,} bytes are missing.")
    try:
        async with opened(draft) as connection:
            return await _check_open(connection, file, vault)
    except sqlite3.DatabaseError as exc:
        raise NotRestored(f"{file} is no backup of Mooring, or is damaged ({exc}).") from exc


def _missing_bytes(path: Path) -> int:
    """How many bytes the file has less than its first page says; 0 where that says nothing."""
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(_HEADER) or len(head) < 100 or head[24:28] != head[92:96]:
        return 0
    page_bytes = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    whole = pages * (65536 if page_bytes == 1 else page_bytes)
    return max(0, whole - path.stat().st_size)


async def _check_open(connection: aiosqlite.Connection, file: Path, vault: Vault) -> Stamp:
    names = {row[0] for row in await _rows(connection, "SELECT name FROM sqlite_master")}
    if not names >= {"alembic_version", "key_check", "accounts"}:
        raise NotRestored(f"{file} is no backup of Mooring.")
    if faults := await faults_of(connection):
        raise NotRestored(f"{file} is damaged ({faults}).")
    sealed = await _rows(connection, "SELECT sealed FROM key_check")
    revisions = await _rows(connection, "SELECT version_num FROM alembic_version")
    if not sealed or not revisions:
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
    return Stamp(taken_at(stamp) or _changed_at(file), str(revisions[0][0]))


async def _rows(connection: aiosqlite.Connection, sql: str) -> list[Any]:
    async with connection.execute(sql) as cursor:
        return list(await cursor.fetchall())


def _changed_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


async def settle(database: Database, stamp: Stamp, *, is_only_copy: bool) -> Restored:
    """Bring what the copy holds to a standstill, in one transaction."""
    async with database.transaction() as tx:
        count = await stop_accounts(tx)
        if not is_only_copy:
            await doubt_sessions(tx)
        in_doubt = await doubt_deliveries(tx)
        await close_the_rest(tx)
        told = {"backup_of": stamp.taken_at.isoformat(), "accounts": count, "in_doubt": in_doubt}
        if is_only_copy:
            told["nothing_else_uses_them"] = True
        await journal.note(tx, "database.restored", actor="command line", data=told)
    return Restored(stamp.taken_at, count, in_doubt)


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


def url_of(draft: Path) -> str:
    """How the copy is opened."""
    return make_url("sqlite+aiosqlite://").set(database=str(draft)).render_as_string()
