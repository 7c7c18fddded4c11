from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage import floods
from storage.database import Database, open_database
from storage.vault import Vault
from tests.storage.fleet import START, Clock, add_account
from tests.storage.test_proxies import in_one_database
from tests.storage.undo import undone


@in_one_database
@given(waits=st.lists(st.floats(-100, 10**8).map(lambda s: START + timedelta(seconds=s))))
async def test_of_the_waits_told_the_latest_holds(
    db: Database, account: int, waits: list[datetime]
) -> None:
    async with undone(db) as tx:
        for until in waits:
            await floods.store(tx, account, "send", until)
        latest = max(waits, default=START)

        assert await floods.active(tx, account, "send") == (latest if latest > START else None)


async def test_a_wait_is_over_at_its_very_end_and_not_before(
    db: Database, account: int, clock: Clock
) -> None:
    until = clock.now + timedelta(seconds=30)
    async with db.transaction() as tx:
        await floods.store(tx, account, "send", until)
    clock.now = until - timedelta(microseconds=1)
    async with db.read() as tx:
        assert await floods.active(tx, account, "send") == until
    clock.now = until
    async with db.read() as tx:
        assert await floods.active(tx, account, "send") is None


async def test_a_wait_holds_for_its_method_and_its_account(
    db: Database, account: int, clock: Clock
) -> None:
    soon, late = (clock.now + timedelta(seconds=s) for s in (10, 20))
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await floods.store(tx, account, "send", soon)
        await floods.store(tx, account, "resolve", late)

        assert await floods.active(tx, account, "send") == soon
        assert await floods.active(tx, account, "send", "resolve") == late
        assert await floods.active(tx, account, floods.CONNECTING) is None
        assert await floods.active(tx, account) is None
        assert await floods.active(tx, other, "send", "resolve") is None


async def test_a_wait_survives_a_restart(
    db: Database, account: int, database_url: str, vault: Vault, clock: Clock
) -> None:
    until = clock.now + timedelta(seconds=77, microseconds=1)
    async with db.transaction() as tx:
        await floods.store(tx, account, floods.CONNECTING, until)
    await db.close()

    again = await open_database(database_url, vault, now=clock)
    async with again.read() as tx:
        found = await floods.active(tx, account, floods.CONNECTING)
    await again.close()
    assert found == until


async def test_only_waits_that_are_over_are_forgotten(
    db: Database, account: int, clock: Clock
) -> None:
    until = clock.now + timedelta(seconds=10)
    async with db.transaction() as tx:
        await floods.store(tx, account, "send", until)
        await floods.store(tx, account, "resolve", clock.now)
        await floods.forget_past(tx)

        assert await floods.active(tx, account, "send", "resolve") == until
    clock.forward(10)
    async with db.transaction() as tx:
        await floods.forget_past(tx)
        clock.forward(-10)
    async with db.read() as tx:
        assert await floods.active(tx, account, "send") is None
