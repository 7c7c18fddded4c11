"""A task may be cancelled at any await; the database must not care."""

import asyncio

import pytest

from storage import dialogs
from storage.database import Database, open_database
from storage.vault import Vault
from tests.storage.interrupts import interrupt
from tests.timing import limit

ENOUGH = 200
"""More awaits than any transaction has: a test that gets here never saw its work end."""


async def write_two(db: Database, key: str) -> None:
    async with db.transaction() as tx:
        await dialogs.save(tx, f"{key}.a", "state", {})
        tx.wake("written")
        await dialogs.save(tx, f"{key}.b", "state", {})


async def written(db: Database, key: str) -> bool:
    """Whether both rows are there. Half of them is what must never be."""
    async with db.read() as tx:
        found = [(await dialogs.load(tx, f"{key}.{part}"))[0] for part in "ab"]
    assert found in (["state", "state"], [None, None])
    return found[0] is not None


async def _state(db: Database, key: str) -> str | None:
    async with db.read() as tx:
        return (await dialogs.load(tx, key))[0]


@pytest.mark.parametrize("is_cold", [False, True], ids=["warm pool", "cold pool"])
@pytest.mark.parametrize("then", [None, 1, 2, 5], ids="then {}".format)
async def test_a_write_cancelled_at_any_await_is_whole_or_nothing_and_wakes_only_if_whole(
    db: Database,
    is_cold: bool,  # noqa: FBT001 - pytest hands it over by name
    then: int | None,
) -> None:
    outcomes = set()
    for step in range(1, ENOUGH):
        await write_two(db, "warm-up")
        if is_cold:
            await db.close()  # the pools open their connections anew
        with db.wakeups.subscribe("written") as woken:
            async with asyncio.timeout(limit(30)):
                steps = (step,) if then is None else (step, step + then)
                was_cancelled = await interrupt(write_two(db, str(step)), *steps)
                await write_two(db, "after")  # the pool is usable
                whole = await written(db, str(step))
            assert db.connections_in_use() == 0
            del woken
        outcomes.add((was_cancelled, whole))
        if not was_cancelled:
            break
    else:
        pytest.fail("the work never came to its end")

    assert outcomes == {(True, False), (True, True), (False, True)}


async def test_who_waits_for_a_cancelled_write_is_woken_exactly_if_it_was_committed(
    db: Database,
) -> None:
    for step in range(1, ENOUGH):
        with db.wakeups.subscribe("written") as woken:
            was_cancelled = await interrupt(write_two(db, str(step)), step)
            assert await woken.wait(0) == await written(db, str(step))
        if not was_cancelled:
            break


@pytest.mark.parametrize("is_cold", [False, True], ids=["warm pool", "cold pool"])
async def test_a_read_cancelled_at_any_await_leaves_the_pool_usable(
    db: Database,
    is_cold: bool,  # noqa: FBT001 - pytest hands it over by name
) -> None:
    for step in range(1, ENOUGH):
        if is_cold:
            await db.close()
        async with asyncio.timeout(limit(30)):
            was_cancelled = await interrupt(written(db, "a"), step)
            await written(db, "a")
        assert db.connections_in_use() == 0
        if not was_cancelled:
            break
    else:
        pytest.fail("the work never came to its end")


async def test_who_was_cancelled_can_still_write_what_is_to_be_kept(db: Database) -> None:
    """The cancellation is still on its way up, with the frames it passed: they must hold no lock."""
    await write_two(db, "before")

    async def write_and_tidy_up(key: str) -> None:
        try:
            async with db.transaction() as tx:
                await dialogs.load(tx, "before.a")
                await dialogs.save(tx, "lost", "state", {})
                await dialogs.load(tx, "before.b")
                await asyncio.sleep(0)
                raise asyncio.CancelledError
        finally:
            async with asyncio.timeout(limit(10)):
                await write_two(db, key)

    async with asyncio.timeout(limit(60)):
        for step in range(1, 7):  # begin, three statements, sleep, roll back
            assert await interrupt(write_and_tidy_up(str(step)), step)
            assert await written(db, str(step))
        assert (await _state(db, "lost")) is None


async def test_a_writer_cancelled_in_the_queue_leaves_the_queue_moving(db: Database) -> None:
    async with (
        asyncio.timeout(limit(30)),
        asyncio.TaskGroup() as group,
        db.transaction() as tx,
    ):
        waiting = [group.create_task(write_two(db, str(n))) for n in range(3)]
        await dialogs.load(tx, "a")  # long enough for them to queue up
        waiting[0].cancel()
        waiting[1].cancel()

    assert [await written(db, str(n)) for n in range(3)] == [False, False, True]


async def test_a_time_limit_on_a_transaction_rolls_it_back(db: Database) -> None:
    async def write_and_hang() -> None:
        async with asyncio.timeout(0.01), db.transaction() as tx:
            await dialogs.save(tx, "a.a", "state", {})
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await write_and_hang()

    assert not await written(db, "a")


async def test_opening_cancelled_at_any_await_leaves_a_database_that_opens(
    database_url: str, vault: Vault
) -> None:
    async def open_and_close() -> None:
        await (await open_database(database_url, vault)).close()

    step = 1
    async with asyncio.timeout(limit(60)):
        while await interrupt(open_and_close(), step):
            step += 1
            await open_and_close()

    assert step > 1
