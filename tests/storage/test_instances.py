import pytest

from storage import instances
from storage.database import Database
from storage.instances import Before
from tests.storage.fleet import Clock


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
