"""Handing accounts over while the database is in trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from sqlalchemy import select

from storage import accounts, instances, lease, ownership
from storage.accounts import Desired
from storage.database import Database, open_database
from storage.errors import StorageLost
from storage.schema import accounts as rows
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import add_account
from tests.timing import limit
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Schedule
from userbot.terms import Terms

_WAITING = "SELECT 'waiting: 1' FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 1;"


@pytest.fixture
async def registry(postgres: Postgres, vault: Vault) -> AsyncIterator[Registry]:
    """Of an instance with a lease and one account, which is not logged in."""
    database = await open_database(postgres.new(), vault)
    async with database.transaction() as tx:
        await instances.start(tx, "a", host="here", pid=1, version="1")
        await lease.take(tx, "a", runs_userbots=True)
        await accounts.set_desired(tx, await add_account(tx, 1), Desired.RUN)
    terms = Terms(
        database=database,
        limits=Limits(),
        schedule=Schedule(),
        budget=Budget(per_second=1000, per_proxy=5),
        random=Random(1),  # noqa: S311 - jitter
        may_write=always,
    )
    async with Nursery() as nursery:
        made = Registry(terms, nursery, Owned(database, "a", is_alone=False))
        await made.start_all()
        yield made
    await database.close()


@pytest.mark.req("S1.8")
async def test_what_is_handed_over_while_the_database_goes_down_is_so_once_it_is_back(
    registry: Registry, postgres: Postgres
) -> None:
    """Else nobody would ever run it: its userbot is gone, and its row says that it is ours."""
    database, given = registry.owned.database, list(registry.owned)
    assert len(given) == len(registry) == 1
    await database.writer.flush()
    async with asyncio.TaskGroup() as group:
        async with locked(database, given[0]):
            giving = group.create_task(registry.give(given), name="giving")
            await is_waited_for(postgres, database)
            await asyncio.to_thread(postgres.restart)  # in the middle of its statement
        await giving
    async with database.read() as tx:
        assert not await ownership.epochs_of(tx, "a")
    assert (len(registry), len(registry.owned)) == (0, 0)


@asynccontextmanager
async def locked(database: Database, account_id: int) -> AsyncIterator[None]:
    """Somebody else is at the account's row, until the server goes down."""
    with suppress(StorageLost):
        async with database.transaction() as tx:
            await tx.one(select(rows.c.id).where(rows.c.id == account_id).with_for_update())
            yield


async def is_waited_for(postgres: Postgres, database: Database) -> None:
    async with asyncio.timeout(limit(20)):
        while "waiting: 1" not in await asyncio.to_thread(  # noqa: ASYNC110 - only the server tells
            postgres.run, database.url, _WAITING
        ):
            await asyncio.sleep(0.05)


@pytest.mark.req("S1.8")
async def test_a_claim_that_was_committed_without_anybody_hearing_of_it_gets_its_userbot(
    registry: Registry,
) -> None:
    """Its row says that it is ours, so nobody else would ever run it."""
    database, owned = registry.owned.database, registry.owned
    async with database.transaction() as tx:
        number = await add_account(tx, 2)
        await owned.claim(tx, [number])  # and its answer is lost
    assert await owned.surprise() == ""
    assert registry.without_userbot() == [number]
    await registry.adopt(number)
    assert registry.without_userbot() == []


async def test_one_that_is_ending_dials_nothing_more(registry: Registry) -> None:
    registry.close()
    async with asyncio.TaskGroup() as group:
        turn = group.create_task(_take_a_turn(registry), name="turn")
        await asyncio.wait({turn}, timeout=0.3)
        assert not turn.done()
        turn.cancel()


async def _take_a_turn(registry: Registry) -> None:
    async with registry._terms.budget.turn(1):
        pass
