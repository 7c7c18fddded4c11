"""A real database for whoever wants one, and the requirements that the passed tests prove.

Every full run ends with the line that says which requirements no passed test carries.
"""

import asyncio
import gc
import os
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete

from storage.database import Database, open_database, utc_now
from storage.schema import key_check
from storage.vault import Vault
from tests.postgres import Postgres, running
from tests.storage.fleet import add_account, copy_once, url_of

REQUIREMENTS = tomllib.loads((Path(__file__).parent / "requirements.toml").read_text())

_covered = pytest.StashKey[set[str]]()


class Coverage:
    """Gathers the requirements of the tests that passed, wherever they ran."""

    def __init__(self, covered: set[str]) -> None:
        self._covered = covered

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._covered.update(str(i) for name, i in report.user_properties if name == "req")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_covered] = set()
    config.pluginmanager.register(Coverage(config.stash[_covered]))


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of the time a test waits for a socket, a disk or a clock."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: it would look at all of it each time."""
    gc.collect()
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    named = [str(i) for mark in item.iter_markers("req") for i in mark.args]
    unknown = set(named) - set(REQUIREMENTS)
    if unknown:
        raise pytest.UsageError(f"{item.nodeid}: no such requirement: {sorted(unknown)}")
    item.user_properties.extend(("req", i) for i in named)


def pytest_unconfigure(config: pytest.Config) -> None:
    is_whole = (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not config.option.keyword
        and not config.option.markexpr
        and not config.option.collectonly
    )
    if not is_whole or hasattr(config, "workerinput"):
        return
    covered = config.stash[_covered]
    missing = [i for i in REQUIREMENTS if i not in covered]
    line = f"requirements: {len(covered)} of {len(REQUIREMENTS)} covered"
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"{line}; missing: {', '.join(missing) or 'none'}")


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mooring.db"


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The database's clock; the storage tests put one there that they can turn."""
    return utc_now


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started for the first test that wants it."""
    with running() as server:
        yield server


@pytest.fixture
def database_url(path: Path) -> str:
    """Which database `db` is; the storage tests run on both."""
    return url_of(path)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables and no row: to migrate takes twenty times as long."""
    path = tmp_path_factory.mktemp("migrated") / "mooring.db"

    async def make() -> None:
        database = await open_database(url_of(path), Vault([Fernet.generate_key().decode()]))
        async with database.transaction() as tx:
            await tx.execute(delete(key_check))
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def db(
    database_url: str,
    path: Path,
    migrated: Path,
    vault: Vault,
    clock: Callable[[], datetime],
) -> AsyncIterator[Database]:
    if database_url == url_of(path):
        copy_once(migrated, path)
    database = await open_database(database_url, vault, now=clock)
    yield database
    await database.writer.flush()  # what was only posted may be on its way
    assert database.connections_in_use() == 0
    await database.close()


@pytest.fixture
async def account(db: Database) -> int:
    async with db.transaction() as tx:
        return await add_account(tx)
