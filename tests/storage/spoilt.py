"""Backups that are none, each in its own way."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import journal
from storage.backup import back_up
from storage.database import Database
from storage.errors import DatabaseTooNew, StorageError
from storage.restore import NotRestored
from tests.storage.test_backup import break_a_rule, damage
from tests.storage.test_secrets_at_rest import store_all_secrets


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8192])


def make_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def leave_a_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"x")


WRONG: dict[str, tuple[Callable[[Path], Any], type[StorageError], str]] = {
    "no such file": (Path.unlink, NotRestored, "No such file"),
    "a directory": (make_directory, NotRestored, "Is a directory"),
    "text": (lambda p: p.write_text("hello " * 1000), NotRestored, "no backup of Mooring"),
    "empty": (lambda p: p.write_bytes(b""), NotRestored, "no backup of Mooring"),
    "another program's": (
        lambda p: edit(p, "DROP TABLE key_check"),
        NotRestored,
        "no backup of Mooring",
    ),
    "cut short": (truncate, NotRestored, "its last 8,192 bytes are missing"),
    "damaged": (damage, NotRestored, "damaged"),
    "a rule broken": (break_a_rule, NotRestored, "damaged"),
    "orphans": (
        lambda p: edit(p, "PRAGMA foreign_keys=OFF", "DELETE FROM accounts"),
        NotRestored,
        "belong to others that are missing",
    ),
    "in use": (leave_a_log, NotRestored, "in use"),
    "newer": (
        lambda p: edit(p, "UPDATE alembic_version SET version_num = '9999'"),
        DatabaseTooNew,
        "newer Mooring",
    ),
}


async def spoilt_backup(db: Database, path: Path, name: str) -> tuple[type[StorageError], str]:
    """One with a few hundred pages, spoilt so; what to expect of it: the error, and its words."""
    await store_all_secrets(db)
    async with db.transaction() as tx:
        for _ in range(300):
            await journal.note(tx, "bulk", actor="mooring", cause="x" * 500)
    await back_up(db.url, path)
    spoil, error, words = WRONG[name]
    spoil(path)
    return error, words
