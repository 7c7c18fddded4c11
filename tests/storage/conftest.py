from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.storage.fleet import Clock, url_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, path: Path) -> str:
    """Every storage test runs on both databases, unless it is marked `only_on_sqlite`."""
    if request.param == "sqlite":
        return url_of(path)
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.shared()
