"""What the drivers' errors mean: locked, lost, failed, or a bug of ours."""

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from storage.errors import StorageBusy, StorageError, StorageFailed, StorageLost

_SQLITE_BUSY = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
_SQLITE_FAILED = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk can't be read or written",
    "SQLITE_CANTOPEN": "the database file can't be opened",
    "SQLITE_READONLY_DBMOVED": "the database file was moved away",
    "SQLITE_CORRUPT": "the database file is damaged",
    "SQLITE_NOTADB": "the file is no database",
}
# Classes of SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_REFUSED = ("28", "3D000", "42501")
"""Wrong login, no such database, not allowed."""
_POSTGRES_BUSY = ("40001", "40P01", "55P03", "57014")
"""Serialization failure, deadlock, a lock or statement that took too long."""
_POSTGRES_AWAY = ("08", "57P01", "57P02", "57P03", "57P05", "25P03", "53300")
"""Connection lost, shutting down, starting up, idled out, too many connections."""
_POSTGRES_STANDBY = "25006"
"""No writes here: a standby, for one that is being promoted answers before it may write."""
_NO_TLS = "rejected SSL upgrade"
"""In the driver's words; it has no error of its own for that."""


DRIVER_ERRORS = (DBAPIError, OSError, sqlite3.Error)
"""What a step on a connection raises when the database is not as it should be."""


@contextmanager
def in_our_words() -> Iterator[None]:
    """Raise what a driver's error means, where it is the database's doing and not a bug."""
    try:
        yield
    except DRIVER_ERRORS as exc:
        if meant := storage_error(exc):
            raise meant from exc
        raise


def storage_error(error: BaseException) -> StorageError | None:
    """What a driver's error means to those above; None where it is a bug or a broken rule."""
    if isinstance(error, OSError):
        return _from_network(error)
    if name := _sqlite_name(error):
        return _from_sqlite(name)
    if not isinstance(error, DBAPIError):
        return None
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return _from_postgres(state, error)


def _from_network(error: OSError) -> StorageError:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        return StorageFailed(f"The database server's certificate is not accepted: {why}.")
    if isinstance(error, ssl.SSLError):
        return StorageFailed(f"TLS with the database server fails: {error.reason}.")
    if _NO_TLS in str(error):
        return StorageFailed("The database server offers no TLS, and sslmode wants it.")
    return StorageLost("The database does not answer.")


def _from_postgres(state: str, error: DBAPIError) -> StorageError | None:
    if state.startswith(_POSTGRES_BUSY):
        return StorageBusy("The database is locked by another process.")
    if error.connection_invalidated or state.startswith(_POSTGRES_AWAY):
        return StorageLost("The connection to the database was lost.")
    if state == _POSTGRES_STANDBY:
        return StorageBusy("The database server takes no writes: it is a standby.")
    if state.startswith(_POSTGRES_REFUSED):
        return StorageFailed(f"The database server refuses us: {error.orig}.")
    if state.startswith("53"):
        return StorageFailed("The database server has no disk or memory left.")
    return None


def sqlite_error(error: BaseException) -> sqlite3.Error | None:
    """The error of SQLite's that it comes of; None where it comes of none."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, sqlite3.Error):
        found = found.orig if isinstance(found, DBAPIError) else found.__cause__
    return found


def _sqlite_name(error: BaseException) -> str:
    """SQLite's name of the error; empty where it is no error of SQLite's."""
    return getattr(sqlite_error(error), "sqlite_errorname", "") or ""


def _from_sqlite(name: str) -> StorageError | None:
    short = "_".join(name.split("_")[:2])
    if short in _SQLITE_BUSY:
        return StorageBusy("The database is locked by another process.")
    for known in (name, short):
        if words := _SQLITE_FAILED.get(known):
            return StorageFailed(f"The database failed: {words}.")
    return None
