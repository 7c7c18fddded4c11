from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import instances, ownership
from storage.database import Database
from storage.instances import Before
from storage.schema import instances as table
from tests.storage.fleet import Clock, add_account

DAY_S = 24 * 3600.0


async def start(db: Database, name: str) -> Before:
    async with db.transaction() as tx:
        return await instances.start(tx, name, host="here", pid=1, version="0")


async def stop(db: Database, name: str) -> None:
    async with db.transaction() as tx:
        await instances.stop(tx, name)


@pytest.mark.req("S1.2")
async def test_a_start_tells_a_first_one_a_graceful_stop_and_a_crash_apart(
    db: Database, clock: Clock
) -> None:
    told = []
    for name, is_stopped in (("1", True), ("2", False), ("3", False), ("4", True), ("5", True)):
        clock.forward(60)
        told.append(await start(db, name))
        clock.forward(60)
        if is_stopped:
            await stop(db, name)

    graceful, crash = Before.GRACEFUL, Before.CRASH
    assert told == [Before.NOTHING, graceful, crash, crash, graceful]


async def test_what_ended_long_ago_is_forgotten_but_not_the_newest(
    db: Database, clock: Clock
) -> None:
    for name, is_stopped in (("stopped", True), ("killed", False), ("owner", True)):
        await start(db, name)
        if is_stopped:
            await stop(db, name)
    async with db.transaction() as tx:
        await ownership.claim(tx, [await add_account(tx)], "owner")
    clock.forward(DAY_S)
    await start(db, "lately")
    await stop(db, "lately")
    clock.forward(30 * DAY_S)
    async with db.transaction() as tx:
        assert await instances.forget_gone(tx, clock.now - timedelta(days=30)) == 2
        left = {row.id for row in await tx.all(select(table.c.id))}
    assert left == {"owner", "lately"}
    clock.forward(90 * DAY_S)
    async with db.transaction() as tx:
        await ownership.free_all(tx, "owner")
        assert await instances.forget_gone(tx, clock.now) == 1
    assert await start(db, "next") is Before.GRACEFUL
