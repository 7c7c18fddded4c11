"""Another process holds SQLite's lock: whoever writes waits, and loses nothing."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from loguru import logger

from storage import dialogs
from storage.database import Database, open_database
from storage.errors import StorageBusy
from storage.vault import Vault
from tests.storage.fleet import url_of
from tests.timing import limit


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the write lock from outside, as a shell on the file does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.fixture
async def hasty(path: Path, vault: Vault) -> AsyncIterator[Database]:
    """A database that waits for a lock only for a moment."""
    database = await open_database(url_of(path), vault, busy_limit_s=0.2)
    yield database
    assert database.connections_in_use() == 0
    await database.close()


async def save(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        await dialogs.save(tx, key, "state", {})


async def is_saved(database: Database, key: str) -> bool:
    async with database.read() as tx:
        return (await dialogs.load(tx, key))[0] is not None


async def test_who_opens_a_locked_database_is_told_that_it_waits(path: Path, vault: Vault) -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    sink = logger.add(told.set_result, format="{extra[event]}", level="WARNING")
    try:
        with locked(path) as other:
            async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
                opening = group.create_task(open_database(url_of(path), vault))
                assert (await told).strip() == "storage.waiting"
                assert not opening.done()
                other.execute("ROLLBACK")
    finally:
        logger.remove(sink)
    await opening.result().close()


@pytest.mark.req("S2.1")
async def test_writers_wait_for_a_lock_and_none_is_lost(path: Path, hasty: Database) -> None:
    patient = await open_database(url_of(path), hasty.vault)
    async with asyncio.timeout(limit(60)), asyncio.TaskGroup() as group:
        with locked(path) as other:
            for number in range(10):
                group.create_task(save(patient, str(number)))
            await asyncio.sleep(1)
            assert not await is_saved(hasty, "0"), "readers do not wait"
            other.execute("ROLLBACK")

    assert all([await is_saved(hasty, str(number)) for number in range(10)])
    await patient.close()


async def test_a_lock_that_stays_is_told_and_the_next_write_works(
    path: Path, hasty: Database
) -> None:
    with locked(path):
        with pytest.raises(StorageBusy):
            await save(hasty, "a")
        results = await asyncio.gather(
            *(save(hasty, str(n)) for n in range(5)), return_exceptions=True
        )
        assert {type(result) for result in results} == {StorageBusy}
    await save(hasty, "b")

    assert [await is_saved(hasty, key) for key in "ab"] == [False, True]


async def test_who_waits_for_the_lock_can_be_cancelled(path: Path, hasty: Database) -> None:
    with locked(path):
        task = asyncio.get_running_loop().create_task(save(hasty, "a"))
        await asyncio.sleep(0.05)
        task.cancel()
        async with asyncio.timeout(limit(20)):
            with pytest.raises(asyncio.CancelledError):
                await task
    await save(hasty, "b")

    assert not await is_saved(hasty, "a")


async def test_an_up_to_date_database_opens_while_it_is_locked(
    path: Path, hasty: Database
) -> None:
    with locked(path):
        async with asyncio.timeout(limit(10)):
            again = await open_database(url_of(path), hasty.vault)
        assert not await is_saved(again, "a")
        await again.close()
