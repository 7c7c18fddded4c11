"""What only a server can do: go away, come back, and carry wake-ups between processes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from storage import dialogs
from storage.database import Database, open_database
from storage.errors import DatabaseInUse, StorageBusy, StorageFailed, StorageLost
from storage.link import Link
from storage.vault import Vault
from tests.postgres import Postgres
from tests.timing import limit, seconds


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    yield postgres.shared()
    postgres.start()  # whatever the test did to it


@asynccontextmanager
async def opened(
    url: str, vault: Vault, *, busy_limit_s: float = seconds(30)
) -> AsyncIterator[Database]:
    database = await open_database(url, vault, busy_limit_s=busy_limit_s)
    try:
        yield database
        assert database.connections_in_use() == 0
    finally:
        await database.close()


async def save(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        await dialogs.save(tx, key, "state", {})


async def is_saved(database: Database, key: str) -> bool:
    async with database.read() as tx:
        return (await dialogs.load(tx, key))[0] is not None


async def test_after_the_server_restarted_work_goes_on(
    postgres: Postgres, url: str, vault: Vault
) -> None:
    async with opened(url, vault) as database:
        await asyncio.gather(*(save(database, str(n)) for n in range(5)))
        await asyncio.to_thread(postgres.restart)

        await asyncio.gather(*(save(database, f"after {n}") for n in range(5)))

        assert await is_saved(database, "0")
        assert await is_saved(database, "after 4")


async def test_a_restart_in_mid_transaction_is_told_and_nothing_is_half_written(
    postgres: Postgres, url: str, vault: Vault
) -> None:
    async with opened(url, vault) as database:

        async def restart_in_the_middle() -> None:
            async with database.transaction() as tx:
                await dialogs.save(tx, "a", "state", {})
                await asyncio.to_thread(postgres.restart)
                await dialogs.save(tx, "b", "state", {})

        with pytest.raises(StorageLost):
            await restart_in_the_middle()
        await save(database, "c")

        assert [await is_saved(database, key) for key in "abc"] == [False, False, True]


async def test_a_restart_at_commit_is_told(postgres: Postgres, url: str, vault: Vault) -> None:
    async with opened(url, vault) as database:

        async def restart_before_commit() -> None:
            async with database.transaction() as tx:
                await dialogs.save(tx, "a", "state", {})
                tx.wake("topic")
                await asyncio.to_thread(postgres.restart)

        with database.wakeups.subscribe("topic") as woken:
            with pytest.raises(StorageLost):
                await restart_before_commit()
            assert not await woken.wait(0)
        assert not await is_saved(database, "a")


async def test_a_write_waits_for_a_server_that_is_away(
    postgres: Postgres, url: str, vault: Vault
) -> None:
    async with opened(url, vault) as database:
        await asyncio.to_thread(postgres.stop)
        async with asyncio.timeout(limit(60)), asyncio.TaskGroup() as group:
            group.create_task(save(database, "a"))
            await asyncio.sleep(0.5)
            await asyncio.to_thread(postgres.start)

        assert await is_saved(database, "a")


async def test_a_server_that_stays_away_is_told(
    postgres: Postgres, url: str, vault: Vault
) -> None:
    async with opened(url, vault, busy_limit_s=0.3) as database:
        await asyncio.to_thread(postgres.stop)

        with pytest.raises(StorageBusy):
            await save(database, "a")
        with pytest.raises(StorageBusy):
            await is_saved(database, "a")
        await asyncio.to_thread(postgres.start)
        await save(database, "a")


async def test_a_lock_that_another_holds_is_waited_for_and_then_told(
    url: str, vault: Vault
) -> None:
    async with opened(url, vault) as one, opened(url, vault) as other:

        async def wait_for_the_lock() -> None:
            async with other.transaction() as tx:
                await tx._connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
                await tx.lock("name")

        async with one.transaction() as tx:
            await tx.lock("name")
            with pytest.raises(StorageBusy):
                await wait_for_the_lock()
        await wait_for_the_lock()


async def test_a_database_that_is_not_there_is_named_without_a_trace(
    postgres: Postgres, vault: Vault
) -> None:
    with pytest.raises(StorageFailed, match='database "nowhere" does not exist'):
        await open_database(postgres.url("nowhere"), vault)


async def test_a_commit_wakes_other_processes_and_itself_once(url: str, vault: Vault) -> None:
    async with opened(url, vault) as one, opened(url, vault) as other:
        with one.wakeups.subscribe("topic") as here, other.wakeups.subscribe("topic") as there:
            async with linked(one), hearing(other):
                async with one.transaction() as tx:
                    await dialogs.save(tx, "a", "state", {})
                    tx.wake("topic")

                assert await there.wait(seconds(20))
                assert await here.wait(0)
                assert not await here.wait(0.2), "its own echo is no news"


async def test_the_link_comes_back_and_wakes_for_what_was_missed(
    postgres: Postgres, url: str, vault: Vault
) -> None:
    async with opened(url, vault) as one, opened(url, vault) as other:
        with other.wakeups.subscribe("topic") as there:
            async with linked(one), hearing(other):
                await asyncio.to_thread(postgres.restart)

                assert await there.wait(seconds(20)), "reconnected: look at the rows"
                for _ in range(50):  # until the other end is back too
                    async with one.transaction() as tx:
                        tx.wake("topic")
                    if await there.wait(0.2):
                        break
                else:
                    pytest.fail("no wake-up came through after the restart")


async def test_only_one_process_runs_on_a_database(url: str, vault: Vault) -> None:
    async with opened(url, vault) as database:
        first, second = Link(url, database.wakeups), Link(url, database.wakeups)
        await first.open()
        with pytest.raises(DatabaseInUse, match="mooring"):
            await second.open()
        await first.close()
        for _ in range(100):  # the server needs a moment to notice
            try:
                await second.open()
                break
            except DatabaseInUse:
                await asyncio.sleep(0.05)
        await second.close()


async def test_a_process_takes_its_lock_back_from_its_own_dead_connection(
    url: str, vault: Vault
) -> None:
    async with opened(url, vault) as database:
        link = Link(url, database.wakeups)
        await link.open()
        dead = link._connection
        link._connection = None  # as after a cut that the server has not noticed

        await link.open()

        assert dead is not None
        assert dead.is_closed() or await _is_ended(dead)
        await link.close()


async def test_a_process_whose_lock_another_took_is_told_to_stop(url: str, vault: Vault) -> None:
    async with opened(url, vault) as database:
        evicted = asyncio.Event()
        first = Link(url, database.wakeups, on_evicted=evicted.set)
        await first.open()
        assert first._connection is not None
        first._connection.terminate()
        first._connection = None
        second = Link(url, database.wakeups)
        for _ in range(100):
            try:
                await second.open()
                break
            except DatabaseInUse:
                await asyncio.sleep(0.05)

        async with asyncio.timeout(limit(20)):
            await first.run()

        assert evicted.is_set()
        await second.close()


@asynccontextmanager
async def linked(database: Database) -> AsyncIterator[None]:
    """The link of the process that runs."""
    link = Link(database.url, database.wakeups)
    await link.open()
    async with _running(link):
        yield


@asynccontextmanager
async def hearing(database: Database) -> AsyncIterator[None]:
    """The link of a process that only hears."""
    link = Link(database.url, database.wakeups, takes_lock=False)
    await link.open()
    async with _running(link):
        yield


@asynccontextmanager
async def _running(link: Link) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(link.run())
        try:
            yield
        finally:
            task.cancel()
            await link.close()


async def _is_ended(connection: object) -> bool:
    for _ in range(100):
        if connection.is_closed():  # type: ignore[attr-defined]
            return True
        await asyncio.sleep(0.05)
    return False
