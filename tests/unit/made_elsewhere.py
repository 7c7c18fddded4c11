"""Sessions as other programs leave them: real files, made by the library that makes them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession, StringSession

KEY = bytes(range(256))
ADDRESS = "192.0.2.2"


def string_session(key: bytes | None = KEY, *, dc_id: int = 2, address: str = ADDRESS) -> str:
    session = StringSession()
    session.set_dc(dc_id, address, 443)
    session.auth_key = AuthKey(key) if key else None
    return str(session.save())


def telethon_file(path: Path, key: bytes | None = KEY, met: object = ()) -> Path:
    """A `.session` file as Telethon leaves it."""
    session = SQLiteSession(str(path))
    session.set_dc(2, ADDRESS, 443)
    if key:
        session.auth_key = AuthKey(key)
    session.process_entities(met)
    session.save()
    session.close()
    return path


def pyrogram_file(path: Path) -> Path:
    """The tables of Pyrogram 2 (pyrogram/storage/sqlite_storage.py)."""
    run(
        path,
        "CREATE TABLE sessions (dc_id INTEGER PRIMARY KEY, api_id INTEGER, test_mode INTEGER, "
        "auth_key BLOB, date INTEGER NOT NULL, user_id INTEGER, is_bot INTEGER)",
        "CREATE TABLE peers (id INTEGER PRIMARY KEY, access_hash INTEGER, type INTEGER NOT NULL, "
        "username TEXT, phone_number TEXT, last_update_on INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE version (number INTEGER PRIMARY KEY)",
        "INSERT INTO sessions VALUES (2, 17349, 0, zeroblob(256), 0, 7, 0)",
        "INSERT INTO version VALUES (3)",
    )
    return path


def run(path: Path, *statements: str, values: tuple[Any, ...] = ()) -> Path:
    """Change a database from outside; the last statement gets the values."""
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements[:-1]:
            database.execute(statement)
        database.execute(statements[-1], values)
    return path
