from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.database import Database, open_database
from storage.vault import Vault
from tests.storage.fleet import Clock, add_account, url_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mooring.db"


@pytest.fixture
async def db(path: Path, vault: Vault, clock: Clock) -> AsyncIterator[Database]:
    database = await open_database(url_of(path), vault, now=clock)
    yield database
    assert database.connections_in_use() == 0
    await database.close()


@pytest.fixture
async def account(db: Database) -> int:
    async with db.transaction() as tx:
        return await add_account(tx)
