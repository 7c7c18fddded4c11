"""Reads Telethon's `.session` files, which are SQLite databases. Never touches the original."""

import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from telethon.sessions.sqlite import CURRENT_VERSION

from storage.sessions import Peer
from userbot.foreign import BadSession, ForeignSession, checked

HEADER = b"SQLite format 3\0"
COMPANIONS = ("-journal", "-wal")
"""What SQLite keeps beside a database while a program writes to it."""
GOOD_HASHES_SINCE = 6
"""Telethon itself drops the entities of older files: their access hashes may be wrong."""
_PYROGRAM = {"api_id", "test_mode", "user_id"}
_TELETHON = {"dc_id", "server_address", "port", "auth_key"}
_DAMAGED = "this database is damaged or cut short"
_FOREIGN = "this is a database, but not a Telethon session"


def read(content: bytes, companions: Mapping[str, bytes]) -> ForeignSession:
    """The session in a `.session` file with that content, its known chats included.

    `companions` are the files that SQLite keeps beside it, by the end of their names. All is
    read from a private copy: SQLite may have to undo there what a writer left half done.
    Raises `BadSession`.
    """
    with tempfile.TemporaryDirectory(prefix="mooring-") as folder:  # is 0700
        copy = Path(folder, "copy")
        copy.write_bytes(content)
        for end, more in companions.items():
            Path(f"{copy}{end}").write_bytes(more)
        try:
            with closing(sqlite3.connect(f"{copy.as_uri()}?mode=rw", uri=True)) as database:
                return _session(database)
        except sqlite3.Error as exc:
            raise BadSession(_in_words(exc)) from exc
        except UnicodeError as exc:  # sqlite3 lets it through for the names of columns
            raise BadSession(_DAMAGED) from exc


def _in_words(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    if name.startswith("SQLITE_NOTADB"):
        return "this begins like a database, but is none; it may be encrypted or cut short"
    if name.startswith("SQLITE_CORRUPT"):
        return _DAMAGED
    return f"{_DAMAGED} ({name})"


def _session(database: sqlite3.Connection) -> ForeignSession:
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.execute("PRAGMA trusted_schema=OFF")
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise BadSession(_DAMAGED)
    version = _version(database)
    found = _only_session(database)
    peers = _peers(database) if version >= GOOD_HASHES_SINCE else ()
    return replace(found, peers=tuple(peers))


def _version(database: sqlite3.Connection) -> int:
    """The version of the tables, once they are known to be Telethon's."""
    columns = _columns(database, "sessions")
    if not columns:
        raise BadSession("this is a database, but there is no session in it")
    if columns >= _PYROGRAM:
        raise BadSession("this is a Pyrogram session; only Telethon's can be read")
    if not columns >= _TELETHON or "version" not in _columns(database, "version"):
        raise BadSession(_FOREIGN)
    row = database.execute("SELECT version FROM version").fetchone()
    if row is None or not isinstance(row[0], int):
        raise BadSession(_FOREIGN)
    if row[0] > CURRENT_VERSION:
        raise BadSession(
            f"this session has version {row[0]}, a newer Telethon made it; "
            f"up to version {CURRENT_VERSION} can be read"
        )
    return row[0]


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    """The names of a table's columns; none where there is no such table. Views do not count."""
    is_there = database.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    return (
        {row[1] for row in database.execute(f"PRAGMA table_info({table})")} if is_there else set()
    )


def _only_session(database: sqlite3.Connection) -> ForeignSession:
    rows = database.execute(
        "SELECT dc_id, server_address, port, auth_key FROM sessions WHERE length(auth_key) > 0"
    ).fetchall()
    if not rows:
        raise BadSession("this session is empty: it was never logged in")
    if len(rows) > 1:
        raise BadSession("there are several sessions in this file, Telethon keeps one")
    dc_id, address, port, key = rows[0]
    is_typed = isinstance(dc_id, int) and isinstance(address, str) and isinstance(port, int)
    if not (is_typed and isinstance(key, bytes)):
        raise BadSession(_DAMAGED)
    return checked(dc_id=dc_id, server_address=address, port=port, auth_key=key)


def _peers(database: sqlite3.Connection) -> Iterable[Peer]:
    """Who the session has met; a row that makes no sense is left out.

    Of two with one username or number the one that was met last has it, as Telethon decides.
    """
    columns = _columns(database, "entities")
    if not columns >= {"id", "hash", "username", "phone", "name"}:
        return []
    latest_last = " ORDER BY date" if "date" in columns else ""
    rows = database.execute(f"SELECT id, hash, username, phone, name FROM entities{latest_last}")  # noqa: S608 - one of two constants
    met: dict[int, Peer] = {}
    names: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for peer in filter(None, map(_peer, rows)):
        met[peer.id] = peer
        if peer.username:
            names[peer.username] = peer.id
        if peer.phone:
            numbers[peer.phone] = peer.id
    return [
        replace(
            peer,
            username=peer.username if names.get(peer.username or "") == peer.id else None,
            phone=peer.phone if numbers.get(peer.phone or "") == peer.id else None,
        )
        for peer in met.values()
    ]


def _peer(row: tuple[Any, ...]) -> Peer | None:
    marked_id, access_hash, username, phone, name = row
    if not isinstance(marked_id, int) or not isinstance(access_hash, int) or marked_id == 0:
        return None  # 0 is Telethon's own note of who the session is
    username = _text(username, 64)
    return Peer(
        marked_id,
        access_hash,
        username.lower() if username else None,
        _text(str(phone), 16) if isinstance(phone, int) else None,
        _text(name, 255),
    )


def _text(value: object, limit: int) -> str | None:
    """A text that fits its column; PostgreSQL takes no NUL."""
    if not isinstance(value, str) or not value or len(value) > limit or "\0" in value:
        return None
    return value
