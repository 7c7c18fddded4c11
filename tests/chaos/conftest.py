"""A sandbox, and a team of processes on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import mooring, sandbox, telegram
from tests.e2e.harness import Mooring
from tests.e2e.team import Team, team
from tests.postgres import Postgres

__all__ = ["mooring", "sandbox", "telegram"]


@pytest.fixture
async def crew_team(mooring: Mooring, postgres: Postgres) -> AsyncIterator[Team]:
    async with team(mooring, postgres) as made:
        yield made
