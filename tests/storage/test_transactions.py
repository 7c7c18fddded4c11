import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import dialogs
from storage.database import Database, open_database
from storage.engines import READERS
from storage.errors import StorageBusy
from storage.tx import Tx
from storage.vault import Vault
from tests.storage.fleet import Clock, only_on_sqlite
from tests.timing import limit, seconds


async def set_value(tx: Tx, key: str, value: int) -> None:
    await dialogs.save(tx, key, "state", {"value": value})


async def value_of(tx: Tx, key: str) -> int | None:
    _, data = await dialogs.load(tx, key)
    return data.get("value")


async def stored(db: Database, key: str) -> int | None:
    async with db.read() as tx:
        return await value_of(tx, key)


async def add_one(db: Database, key: str) -> None:
    async with db.transaction() as tx:
        await tx.lock(key)
        before = await value_of(tx, key) or 0
        await asyncio.sleep(0)  # let the others try to come between
        await set_value(tx, key, before + 1)


async def test_all_of_a_transaction_is_stored(db: Database) -> None:
    async with db.transaction() as tx:
        await set_value(tx, "a", 1)
        await set_value(tx, "b", 2)

    assert [await stored(db, "a"), await stored(db, "b")] == [1, 2]


async def test_nothing_of_a_failed_transaction_is_stored(db: Database) -> None:
    async def fail_half_way() -> None:
        async with db.transaction() as tx:
            await set_value(tx, "a", 1)
            await set_value(tx, "b", 1 // 0)

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    assert await stored(db, "a") is None


async def test_after_a_failed_statement_the_next_transaction_works(db: Database) -> None:
    async def fail_in_the_database() -> None:
        async with db.transaction() as tx:
            await set_value(tx, "a", 1)
            await tx.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(DBAPIError):
        await fail_in_the_database()
    await add_one(db, "b")

    assert [await stored(db, "a"), await stored(db, "b")] == [None, 1]


async def test_what_fails_behind_a_savepoint_is_undone_alone(db: Database) -> None:
    async def fail(tx: Tx) -> None:
        async with tx.savepoint():
            await set_value(tx, "a", 2)
            await tx.execute(text("SELECT * FROM no_such_table"))

    async with db.transaction() as tx:
        await set_value(tx, "a", 1)
        with pytest.raises(DBAPIError):
            await fail(tx)
        async with tx.savepoint():
            await set_value(tx, "b", 1)

    assert [await stored(db, "a"), await stored(db, "b")] == [1, 1]


async def test_two_writers_never_lose_an_update(db: Database) -> None:
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(add_one(db, "n"))

    assert await stored(db, "n") == 20


async def test_writers_of_two_processes_never_lose_an_update(
    db: Database, vault: Vault, clock: Clock
) -> None:
    other = await open_database(str(db.url), vault, now=clock)
    try:
        async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(add_one(db, "n"))
                group.create_task(add_one(other, "n"))
    finally:
        await other.close()

    assert await stored(db, "n") == 20


async def test_a_reader_keeps_its_snapshot_while_a_writer_commits(db: Database) -> None:
    await add_one(db, "n")

    async with db.read() as tx:
        before = await value_of(tx, "n")
        await add_one(db, "n")
        after = await value_of(tx, "n")

    assert (before, after, await stored(db, "n")) == (1, 1, 2)


async def test_a_reader_neither_waits_for_a_writer_nor_sees_what_is_not_committed(
    db: Database,
) -> None:
    async with asyncio.timeout(limit(10)), db.transaction() as tx:
        await set_value(tx, "a", 1)

        assert await stored(db, "a") is None


async def test_a_reader_cannot_write(db: Database) -> None:
    # PostgreSQL answers as a standby does, and does not say whose doing it is.
    with pytest.raises((DBAPIError, StorageBusy), match=r"read-?only|takes no writes"):
        async with db.read() as tx:
            await set_value(tx, "a", 1)
    await add_one(db, "b")

    assert await stored(db, "a") is None


async def test_more_readers_than_connections_all_get_their_turn(db: Database) -> None:
    await add_one(db, "n")
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        reads = [group.create_task(stored(db, "n")) for _ in range(READERS * 5)]

    assert {read.result() for read in reads} == {1}


async def test_a_transaction_inside_a_transaction_is_an_error_and_not_a_deadlock(
    db: Database,
) -> None:
    async def nest() -> None:
        async with db.transaction() as tx:
            await set_value(tx, "a", 1)
            await add_one(db, "a")

    async with asyncio.timeout(limit(10)):
        with pytest.raises(RuntimeError, match="open in this task"):
            await nest()
    await add_one(db, "b")

    assert [await stored(db, "a"), await stored(db, "b")] == [None, 1]


async def test_a_transaction_is_of_no_use_after_its_block(db: Database) -> None:
    async with db.transaction() as tx:
        await set_value(tx, "a", 1)

    with pytest.raises(RuntimeError, match="over"):
        await set_value(tx, "a", 2)


async def test_all_rows_of_a_transaction_carry_one_time(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        before = tx.now
        clock.forward(60)

        assert tx.now == before
    async with db.transaction() as tx:
        assert tx.now == clock.now


async def test_a_wake_up_comes_after_the_commit(db: Database) -> None:
    with db.wakeups.subscribe("topic") as woken:
        async with db.transaction() as tx:
            await set_value(tx, "a", 1)
            tx.wake("topic")

            assert not await woken.wait(0)
        assert await woken.wait(0)
        assert await stored(db, "a") == 1
        assert not await woken.wait(0), "one wake-up is seen once"


async def test_who_is_woken_finds_the_row(db: Database) -> None:
    async def wait_and_look() -> int | None:
        with db.wakeups.subscribe("topic") as woken:
            ready.set()
            assert await woken.wait(seconds(30))
            return await stored(db, "a")

    ready = asyncio.Event()
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        found = group.create_task(wait_and_look())
        await ready.wait()
        async with db.transaction() as tx:
            tx.wake("topic")
            await set_value(tx, "a", 1)

    assert found.result() == 1


async def test_nobody_is_woken_by_a_transaction_that_rolled_back(db: Database) -> None:
    async def wake_and_fail() -> None:
        async with db.transaction() as tx:
            tx.wake("topic")
            await set_value(tx, "a", 1 // 0)

    with db.wakeups.subscribe("topic") as woken:
        with pytest.raises(ZeroDivisionError):
            await wake_and_fail()

        assert not await woken.wait(0)


async def test_a_wake_up_reaches_every_subscriber_of_its_topic_and_no_other(db: Database) -> None:
    with (
        db.wakeups.subscribe("one") as one,
        db.wakeups.subscribe("one", "two") as both,
        db.wakeups.subscribe("two") as two,
    ):
        async with db.transaction() as tx:
            tx.wake("one")

        assert [await s.wait(0) for s in (one, both, two)] == [True, True, False]
    assert not db.wakeups._subscriptions, "who left is forgotten"


@only_on_sqlite
async def test_the_writer_is_durable_and_patient(db: Database) -> None:
    async with db.transaction() as tx:
        found = {
            name: (await tx.execute(text(f"PRAGMA {name}"))).scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "busy_timeout",
                "foreign_keys",
                "cache_size",
            )
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 30000,
        "foreign_keys": 1,
        "cache_size": -64000,
    }


@only_on_sqlite
async def test_the_readers_together_keep_half_of_what_the_writer_keeps(db: Database) -> None:
    async with db.read() as tx:
        kept = (await tx.execute(text("PRAGMA cache_size"))).scalar()
    assert kept is not None
    assert READERS * kept == -32000


async def test_closing_twice_and_closing_unused_does_no_harm(vault: Vault, db: Database) -> None:
    other = await open_database(str(db.url), vault)
    await other.close()
    await other.close()


async def test_a_connection_that_comes_back_after_the_end_is_closed(db: Database) -> None:
    async with db.read() as tx:
        await value_of(tx, "a")
        await db.close()
    assert db.connections_in_use() == 0
    assert db._readers.idle == 0
