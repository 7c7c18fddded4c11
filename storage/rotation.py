"""Rotating the secret key: everything that is sealed is sealed anew with another key.

The key file goes before the rows and after them, so that a crash at any point leaves a file that
opens the database: first it holds the new key and the old ones, at the end the new one alone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Table, and_, bindparam, select, update

from storage.private import create_text, replace_text
from storage.schema import metadata
from storage.tx import Tx
from storage.vault import Vault, new_key, split_keys


async def reseal_all(tx: Tx, vault: Vault) -> int:
    """Seal every stored secret with the vault's first key; returns how many there are.

    `vault` opens what is there. Raises `SecretKeyMismatch` where one does not open.
    """
    resealed = 0
    for table, column in sealed_columns():
        resealed += await _reseal(tx, vault, table, column)
    return resealed


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Every column that holds what the vault made."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name.split("_")[0] == "sealed":
                yield table, column


async def _reseal(tx: Tx, vault: Vault, table: Table, column: Column[bytes]) -> int:
    keys = list(table.primary_key.columns)
    rows = await tx.all(select(*keys, column).where(column.is_not(None)))
    fresh = [
        {
            **{f"key_{key.name}": row[n] for n, key in enumerate(keys)},
            "fresh": vault.reseal(row[-1]),
        }
        for row in rows
    ]
    if fresh:
        its_row = and_(*(key == bindparam(f"key_{key.name}") for key in keys))
        statement = update(table).where(its_row).values({column: bindparam("fresh")})
        await tx.execute(statement, fresh)
    return len(fresh)


def add_key(file: Path, at: datetime) -> tuple[list[str], Path]:
    """Put a new key in front of those in the file, and keep the file as it was beside it.

    Returns the keys that the file holds now and where the old file is: backups made before need
    it. Raises OSError where the directory can't be written; the file is as it was then.
    """
    before = file.read_text()
    kept = file.with_name(f"{file.name}.before-{at.astimezone(UTC).strftime('%Y%m%dT%H%M%SZ')}")
    create_text(kept, before)
    keys = [new_key(), *split_keys(before)]
    try:
        replace_text(file, "\n".join(keys) + "\n")
    except BaseException:
        kept.unlink()
        raise
    return keys, kept


def drop_old_keys(file: Path, key: str) -> None:
    """Nothing is sealed with the old keys any more: the file holds the new one alone."""
    replace_text(file, key + "\n")
