"""Makes the automatic backups, and keeps it told while none can be made."""

import asyncio
import errno
import socket
import sqlite3
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from loguru import logger

from storage import incidents, journal, shelf
from storage.backup import BackupFailed, BackupInfo, back_up
from storage.database import Database
from storage.errors import StorageError
from storage.incidents import BACKUPS, About

RETRY_AFTER = timedelta(minutes=10)


class Why(StrEnum):
    """Why no backup was made, as far as something follows from it for the operator."""

    DISK_FULL = "disk_full"
    NOT_WRITABLE = "not_writable"
    DAMAGED = "damaged"
    """The copy is not whole, so the database is not."""


_ERRNOS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), Why.DISK_FULL),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST),
        Why.NOT_WRITABLE,
    ),
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Why.DISK_FULL,
    sqlite3.SQLITE_CORRUPT: Why.DAMAGED,
    sqlite3.SQLITE_NOTADB: Why.DAMAGED,
    sqlite3.SQLITE_CANTOPEN: Why.NOT_WRITABLE,
    sqlite3.SQLITE_READONLY: Why.NOT_WRITABLE,
    sqlite3.SQLITE_PERM: Why.NOT_WRITABLE,
}
_PRIMARY = 0xFF
"""Of SQLite's extended codes the part that says what it is."""


def cause_of(error: Exception) -> str:
    """A `Why`, or where it is none of them the error's own words, without a path that changes."""
    root = _root(error)
    if isinstance(root, sqlite3.Error):
        code = getattr(root, "sqlite_errorcode", None)  # the driver's own errors have none
        return str(_OF_SQLITE.get((code or 0) & _PRIMARY) or _words_of(root))
    if isinstance(root, OSError):
        return str(_ERRNOS.get(root.errno or 0) or root.strerror or _words_of(root))
    if isinstance(error, BackupFailed) and "damaged" in str(error):
        return str(Why.DAMAGED)
    return _words_of(root).rstrip(".")


def _root(error: Exception) -> BaseException:
    """What it comes of, where its own words are not the best: the database's errors have ours."""
    root: BaseException = error
    while root.__cause__ and (
        isinstance(root, BackupFailed) or not isinstance(root, StorageError)
    ):
        root = root.__cause__
    return root


def _words_of(error: BaseException) -> str:
    """Never empty: a timeout of the driver's says nothing. What follows may quote a row."""
    first, *_ = str(error).splitlines() or [""]
    return first or type(error).__name__


class BackingUp:
    """Of several instances the one that keeps house has this; each keeps its own folder.

    `every` zero: no backups are made.
    """

    def __init__(
        self, database: Database, directory: Path, *, every: timedelta, keep: int
    ) -> None:
        self._database = database
        self._directory = directory
        self._every = every
        self._keep = keep
        self._due_at = database.now()
        self._has_failed = False
        self._told: str | None = None
        """The cause that this one has told; None where it has told none."""
        self._may_be_open = True
        """Whether the rows may have an incident: one before this one may have told."""

    async def look(self, now: datetime) -> None:
        """Make one if it is due. What fails is tried again later."""
        if not self._every:
            await self._is_well()
        elif now >= self._due_at:
            await self._back_up_if_due(now)

    async def _back_up_if_due(self, now: datetime) -> None:
        """The clock is the newest backup's time, so that a restart neither resets nor rings it."""
        newest = None
        try:
            newest = await asyncio.to_thread(shelf.newest, self._directory, now)
            if newest is not None and now - newest < self._every:
                await self._is_well()
                return
            shelf.make(self._directory)
            made = await back_up(self._database.url, shelf.periodic(self._directory, now))
        except Exception as exc:  # noqa: BLE001 - whatever it is, there is no backup, and that is told
            self._due_at = now + RETRY_AFTER
            await self._failed(exc, newest)
        else:
            self._has_failed = False
            await self._made(made)
            await self._prune()

    async def _made(self, made: BackupInfo) -> None:
        log = logger.bind(event="backup.made")
        log.info("backed up into {}, {} bytes", made.path, made.size_bytes)
        try:
            async with self._database.transaction() as tx:
                data = {"file": made.path.name, "size_bytes": made.size_bytes}
                await journal.note(tx, "backup.made", actor="mooring", data=data)
                await incidents.close_about(tx, BACKUPS, About.BACKUP_FAILED)
            self._told, self._may_be_open = None, False
        except StorageError as exc:
            _not_noted("backup.made", exc)

    async def _prune(self) -> None:
        try:
            await asyncio.to_thread(shelf.prune, self._directory, self._keep)
        except OSError as exc:
            log = logger.bind(event="keeper.failed")
            log.warning("old backups were not deleted: {}", exc)

    async def _failed(self, error: Exception, newest: datetime | None) -> None:
        """Tell it once, and again where the cause is another one by now."""
        words, cause = self._words(error), cause_of(error)
        log = logger.bind(event="backup.failed")
        if self._has_failed:
            log.debug("{}", words)
        else:
            is_known = isinstance(error, StorageError | OSError)
            log = log.opt(exception=None if is_known else error)
            log.error("{} It is tried again every 10 minutes.", words)
        self._has_failed = True
        if self._told == cause:
            return
        data = {
            "newest_at": newest.isoformat() if newest else None,
            "folder": str(self._directory.absolute()),
            "host": socket.gethostname(),
        }
        self._may_be_open = True
        try:
            async with self._database.transaction() as tx:
                await journal.note(tx, "backup.failed", actor="mooring", cause=words, data=data)
                await incidents.open_about(tx, BACKUPS, About.BACKUP_FAILED, cause=cause)
            self._told = cause
        except StorageError as exc:  # the next try tells it
            _not_noted("backup.failed", exc)

    def _words(self, error: Exception) -> str:
        if isinstance(error, StorageError):
            return str(error)
        why = error.strerror if isinstance(error, OSError) else None
        return f"No backup was made in {self._directory}: {why or _words_of(_root(error))}."

    async def _is_well(self) -> None:
        """There is a backup that is young enough, or none is wanted: nothing is wrong any more."""
        if not self._may_be_open:
            return
        try:
            async with self._database.read() as tx:
                is_open = await incidents.open_subjects(tx, About.BACKUP_FAILED)
            if is_open:
                async with self._database.transaction() as tx:
                    await incidents.close_about(tx, BACKUPS, About.BACKUP_FAILED)
            self._told, self._may_be_open = None, False
        except StorageError as exc:  # the next look closes it
            _not_noted("the end of the trouble with backups", exc)


def _not_noted(what: str, error: StorageError) -> None:
    logger.bind(event="keeper.failed").warning("{} was not noted: {}", what, error)
