"""A real SQLite database with one account; nothing here talks to Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.texts import Texts
from storage.database import Database, open_database
from storage.vault import Vault
from tests.storage.fleet import add_account, url_of


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    vault = Vault([Fernet.generate_key().decode()])
    database = await open_database(url_of(tmp_path / "mooring.db"), vault)
    yield database
    assert database.connections_in_use() == 0
    await database.close()


@pytest.fixture
async def account(db: Database) -> int:
    async with db.transaction() as tx:
        return await add_account(tx)


@pytest.fixture(scope="session")
def t() -> Texts:
    return Texts()
