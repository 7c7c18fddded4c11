"""Looking at a database without changing it."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.condition import examine
from storage.database import Database
from storage.errors import SecretKeyMismatch, StorageFailed
from storage.migrate import HEAD
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import only_on_sqlite, url_of


async def test_a_whole_database_is_found_whole_beside_whoever_uses_it(
    db: Database, vault: Vault
) -> None:
    found = await examine(db.url, patience_s=10)
    assert (found.revision, found.faults, found.is_durable) == (HEAD, "", True)
    assert found.is_current
    found.check_key(vault)
    with pytest.raises(SecretKeyMismatch):
        found.check_key(Vault([Fernet.generate_key().decode()]))


@only_on_sqlite
async def test_a_file_that_is_missing_or_no_database_is_told_and_left_alone(
    tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "other.db"
    with pytest.raises(FileNotFoundError):
        await examine(url_of(file), patience_s=1)
    assert not file.exists()
    file.write_text("no database " * 1000)
    with pytest.raises(StorageFailed, match="no database"):
        await examine(url_of(file), patience_s=1)
    file.write_bytes(b"")
    found = await examine(url_of(file), patience_s=1)
    assert (found.revision, found.is_durable, found.sealed) == (None, False, None)
    assert database_url


async def test_a_server_without_our_tables_is_told(postgres: Postgres) -> None:
    found = await examine(postgres.new(), patience_s=10)
    assert found.kind.startswith("PostgreSQL ")
    assert (found.revision, found.sealed) == (None, None)
