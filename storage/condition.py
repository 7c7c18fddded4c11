"""The condition of a database, looked at without changing anything in it."""

from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite
from sqlalchemy import select, text

from storage.backup import opened
from storage.connections import begun, patience
from storage.driver_errors import in_our_words
from storage.engines import engine_for_reading, sqlite_path
from storage.migrate import HEAD, revision_of
from storage.schema import key_check
from storage.vault import Vault

_REVISION = "SELECT version_num FROM alembic_version"
_SEALED = "SELECT sealed FROM key_check"


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found. The database answered."""

    kind: str
    """What it is, with its journal mode or its version."""
    revision: str | None
    """None where it has no tables yet."""
    faults: str = ""
    """What is damaged; empty where nothing is."""
    size_bytes: int | None = None
    is_durable: bool = True
    """Whether it keeps to what Mooring relies on when the power fails."""
    sealed: bytes | None = field(default=None, repr=False)
    """What only the right secret key opens."""

    @property
    def is_current(self) -> bool:
        return self.revision == HEAD

    def check_key(self, vault: Vault) -> None:
        """Raise `SecretKeyMismatch` where the vault does not open what is stored."""
        if self.sealed is not None:
            vault.open(self.sealed)


async def examine(url: str, *, patience_s: float) -> Condition:
    """Look at it. Raises `StorageError`, and FileNotFoundError where there is no SQLite file."""
    path = sqlite_path(url)
    return await (_of_server(url, patience_s) if path is None else _of_file(path))


async def _of_file(path: Path) -> Condition:
    size_bytes = _size(path)
    with in_our_words():
        async with opened(path) as connection:
            mode = str(await _value(connection, "PRAGMA journal_mode"))
            async with connection.execute("PRAGMA quick_check(3)") as cursor:
                found = [str(row[0]) for row in await cursor.fetchall()]
            has_tables = await _value(
                connection,
                "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'key_check')",
            )
            revision = await _value(connection, _REVISION) if has_tables == 2 else None
            sealed = await _value(connection, _SEALED) if has_tables == 2 else None
    return Condition(
        f"SQLite, journal mode {mode}",
        None if revision is None else str(revision),
        "" if found == ["ok"] else "; ".join(found),
        size_bytes,
        mode == "wal",
        sealed if isinstance(sealed, bytes) else None,
    )


def _size(path: Path) -> int:
    if not path.is_file():
        raise FileNotFoundError(f"there is no database at {path}")
    return path.stat().st_size


async def _value(connection: aiosqlite.Connection, statement: str) -> object:
    async with connection.execute(statement) as cursor:
        row = await cursor.fetchone()
    return None if row is None else row[0]


async def _of_server(url: str, patience_s: float) -> Condition:
    engine = engine_for_reading(url)
    try:
        async with begun(engine, patience(patience_s)) as connection:
            with in_our_words():
                version = (await connection.execute(text("SHOW server_version"))).scalar()
                commit = (await connection.execute(text("SHOW synchronous_commit"))).scalar()
                revision = await connection.run_sync(revision_of)
                row = None
                if revision is not None:
                    row = (await connection.execute(select(key_check.c.sealed))).first()
    finally:
        await engine.dispose()
    return Condition(
        f"PostgreSQL {version}, synchronous_commit {commit}",
        revision,
        is_durable=commit != "off",
        sealed=row.sealed if row else None,
    )
