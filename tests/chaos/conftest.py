"""A sandbox, and a team of processes on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.vault import open_vault
from storage.database import open_database
from tests.e2e.conftest import mooring, sandbox, telegram
from tests.e2e.harness import Mooring
from tests.e2e.team import Team, team
from tests.postgres import Postgres

__all__ = ["mooring", "sandbox", "telegram"]


@pytest.fixture
async def crew_team(mooring: Mooring, postgres: Postgres) -> AsyncIterator[Team]:
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    mooring.settings.data_dir.mkdir(exist_ok=True)
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    async with team(mooring, database) as made:
        yield made
    await database.close()
