"""Whoever wants the data alone gets them alone, on either database."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, update

from bot.alone import alone, alone_or_beside
from bot.settings import Settings
from storage import instances, lease
from storage.database import Database, open_database
from storage.errors import AlreadyRunning, DatabaseInUse
from storage.link import Link
from storage.migrate import migrate
from storage.schema import UtcTime, leases
from storage.vault import Vault
from storage.wakeups import Wakeups
from tests.postgres import Postgres
from tests.storage.fleet import only_on_postgres
from tests.storage.test_migrations_postgres import run
from tests.timing import seconds


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "bot_token": "123456:" + "a" * 30,
            "api_id": 1,
            "api_hash": "0" * 32,
            "admin_ids": [1],
            "data_dir": tmp_path / "data",
            "database_url": database_url,
        }
    )


def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """The same database, from another data directory."""
    return settings.model_copy(
        update={
            "data_dir": tmp_path / "other",
            "database_url": SecretStr(settings.database),
        }
    )


async def test_one_holder_at_a_time_even_from_another_data_directory(
    settings: Settings, tmp_path: Path
) -> None:
    other = elsewhere(settings, tmp_path)
    async with alone(settings):
        with pytest.raises(AlreadyRunning):
            async with alone(other):
                pytest.fail("two processes would run the same accounts")
        async with alone_or_beside(other) as is_alone:
            assert not is_alone


async def test_who_is_alone_is_told_so(settings: Settings) -> None:
    async with alone_or_beside(settings) as is_alone:
        assert is_alone


@asynccontextmanager
async def with_a_lease(settings: Settings, vault: Vault) -> AsyncIterator[Database]:
    """An instance "a" that has its lease, and has lost the connection that holds its lock."""
    database = await open_database(settings.database, vault)
    try:
        async with database.transaction() as tx:
            await instances.start(tx, "a", host="harbour", pid=4711, version="1")
            await lease.take(tx, "a", runs_userbots=True)
        yield database
    finally:
        await database.close()


async def renewed(database: Database, ago: timedelta) -> None:
    """As if every lease had been renewed last so long ago."""
    until = func.clock_timestamp(type_=UtcTime) + lease.TTL - ago
    async with database.transaction() as tx:
        await tx.execute(update(leases).values(until=until))


@only_on_postgres
@pytest.mark.parametrize("ago_s", [0, 14, 16, 35])
async def test_who_has_a_lease_is_company_although_its_lock_is_free(
    settings: Settings, vault: Vault, ago_s: int
) -> None:
    async with with_a_lease(settings, vault) as database:
        await renewed(database, timedelta(seconds=ago_s))
        with pytest.raises(AlreadyRunning, match="process 4711 on harbour") as refused:
            async with alone(settings):
                pytest.fail("it has lines, and would go on beside this")
        left = re.search(r"try again in (\d+) s", str(refused.value))
        assert left is not None, "it may have been killed"
        assert 45 - ago_s - seconds(5) < int(left[1]) <= 45 - ago_s
        async with alone_or_beside(settings) as is_alone:
            assert not is_alone


@only_on_postgres
async def test_of_several_one_is_named_and_the_others_are_counted(
    settings: Settings, vault: Vault
) -> None:
    async with with_a_lease(settings, vault) as database:
        async with database.transaction() as tx:
            for name in ("b", "c"):
                await instances.start(tx, name, host="pier", pid=812, version="1")
                await lease.take(tx, name, runs_userbots=False)
        with pytest.raises(AlreadyRunning, match="process 812 on pier and 2 others"):
            async with alone(settings):
                pytest.fail("three instances run")


@only_on_postgres
async def test_whose_lease_is_given_up_or_long_over_is_no_company(
    settings: Settings, vault: Vault
) -> None:
    async with with_a_lease(settings, vault) as database:
        await renewed(database, lease.TTL + lease.TAKEOVER_AFTER)
        async with alone_or_beside(settings) as is_alone:
            assert is_alone, "its lines are closed, whatever became of it"
        await renewed(database, timedelta())
        async with database.transaction() as tx:
            await lease.end(tx, "a")
        async with alone_or_beside(settings) as is_alone:
            assert is_alone, "it stopped gracefully"


@only_on_postgres
async def test_who_stopped_and_left_a_line_to_telegrams_timer_is_no_company(
    settings: Settings, vault: Vault
) -> None:
    async with with_a_lease(settings, vault) as database:
        async with database.transaction() as tx:
            await instances.stop(tx, "a")
        async with alone_or_beside(settings) as is_alone:
            assert is_alone


async def test_a_database_without_leases_is_had_alone(
    settings: Settings, postgres: Postgres
) -> None:
    """One without any table, to restore into; and one of a version that knew none."""
    empty = settings.model_copy(update={"database_url": SecretStr(postgres.new())})
    async with alone_or_beside(empty) as is_alone:
        assert is_alone
    await run(empty.database, lambda connection: migrate(connection, "0007"))
    async with alone_or_beside(empty) as is_alone:
        assert is_alone


@only_on_postgres
async def test_who_asks_beside_leases_is_never_in_the_way_of_a_lock_that_comes_back(
    settings: Settings, vault: Vault
) -> None:
    """An instance that meets an exclusive lock when it reconnects takes itself for evicted."""
    async with with_a_lease(settings, vault):
        links = [Link(settings.database, Wakeups(), is_shared=True) for _ in range(20)]
        asking = asyncio.gather(*(_ask(settings) for _ in range(20)))
        for link in links:
            try:
                await link.open()
            except DatabaseInUse:
                pytest.fail("it would stop")
            finally:
                await link.close()
        await asking


async def _ask(settings: Settings) -> None:
    for _ in range(5):
        with pytest.raises(DatabaseInUse):
            await Link(settings.database, Wakeups()).open()
