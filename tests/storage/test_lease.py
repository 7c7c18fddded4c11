"""Leases on a real PostgreSQL: whose clock, who is fenced, who is buried, and when."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import accounts, commands, instances, lease, ownership, seats
from storage.database import Database, open_database
from storage.engines import READERS, SERVER_CONNECTIONS, URGENT
from storage.errors import Fenced
from storage.schema import leases, timelines
from storage.seats import Seat
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import add_account
from tests.timing import limit

WRITERS = SERVER_CONNECTIONS - READERS - URGENT


@pytest.fixture
async def server(postgres: Postgres, vault: Vault) -> AsyncIterator[Database]:
    database = await open_database(postgres.shared(), vault)
    yield database
    await database.close()


async def begin(database: Database, *names: str) -> None:
    async with database.transaction() as tx:
        for name in names:
            await instances.start(tx, name, host="here", pid=1, version="1")
            await lease.take(tx, name, runs_userbots=True)


async def turn_back(database: Database, name: str, by: timedelta) -> None:
    """As if its lease had been renewed that much earlier."""
    async with database.transaction() as tx:
        mine = leases.c.instance == name
        await tx.execute(update(leases).where(mine).values(until=leases.c.until - by))


async def renew(database: Database, name: str) -> lease.Renewal:
    async with database.transaction() as tx:
        return await lease.renew(tx, name)


async def test_a_renewal_tells_what_is_owned_and_on_which_timeline(server: Database) -> None:
    await begin(server, "a")
    async with server.transaction() as tx:
        mine = [await add_account(tx, number) for number in (1, 2)]
        await ownership.claim(tx, mine, "a", is_alone=False)
        await ownership.claim(tx, mine[:1], "a", is_alone=False)

    renewal = await renew(server, "a")

    assert (renewal.owned, renewal.epochs) == (2, 3)
    assert len(renewal.timeline) == 8
    assert not renewal.is_draining
    async with server.read() as tx:
        assert [each.accounts for each in await lease.page(tx)] == [2]
        assert [each.accounts for each in await lease.page(tx, with_counts=False)] == [0]


@pytest.mark.req("S1.2")
async def test_only_who_is_dead_for_long_enough_is_buried_and_its_accounts_are_free(
    server: Database,
) -> None:
    await begin(server, "alive", "late", "dead")
    async with server.transaction() as tx:
        number = await add_account(tx)
        await ownership.claim(tx, [number], "dead", is_alone=False)
    await turn_back(server, "late", lease.TTL + lease.TAKEOVER_AFTER / 2)
    await turn_back(server, "dead", lease.TTL + lease.TAKEOVER_AFTER)

    async with server.transaction() as tx:
        assert await lease.bury(tx) == [("dead", 1)]
        assert [(each.instance, each.is_over) for each in await lease.page(tx)] == [
            ("alive", False),
            ("late", True),
        ]
        assert [a.id for a in await accounts.to_be_had(tx, 10)] == [number]
    with pytest.raises(Fenced):
        await renew(server, "dead")
    await renew(server, "late")  # nobody was in its place yet


async def test_a_renewal_waits_behind_none_of_the_transactions_of_its_process(
    server: Database,
) -> None:
    await begin(server, "a")
    is_over = asyncio.Event()
    begun = 0

    async def one_of_many() -> None:
        nonlocal begun
        async with server.transaction() as tx:
            await tx.all(select(leases))
            begun += 1
            await is_over.wait()

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as many:
        for _ in range(50):
            many.create_task(one_of_many())
        while server.connections_in_use() < WRITERS:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
        assert begun < 50
        async with server.transaction(is_urgent=True) as tx:
            assert (await lease.renew(tx, "a")).owned == 0
        is_over.set()
    assert begun == 50


async def test_who_lost_its_lease_writes_nothing_more(server: Database) -> None:
    await begin(server, "a")
    server.holder = "a"
    async with server.transaction() as tx:
        number = await add_account(tx)
    server.holder = None
    async with server.transaction() as tx:
        await lease.end(tx, "a")

    server.holder = "a"
    with pytest.raises(Fenced):
        async with server.transaction() as tx:
            await ownership.claim(tx, [number], "a", is_alone=False)
    server.holder = None

    async with server.read() as tx:
        assert await ownership.epochs_of(tx, "a") == {}


async def test_a_lease_is_not_ended_under_a_transaction_of_its_holder(
    server: Database, vault: Vault
) -> None:
    await begin(server, "a")
    await turn_back(server, "a", lease.TTL + lease.TAKEOVER_AFTER)
    other = await open_database(server.url, vault)
    server.holder = "a"
    async with server.transaction(), other.transaction() as tx:
        assert await lease.bury(tx) == []
        async with other.read() as reading:
            assert len(await reading.all(select(leases))) == 1
    server.holder = None
    async with other.transaction() as tx:
        assert await lease.bury(tx) == [("a", 0)]
    await other.close()


async def test_on_a_new_timeline_nothing_is_taken_over_before_all_have_noticed(
    server: Database,
) -> None:
    await begin(server, "a", "dead")
    await turn_back(server, "dead", lease.TTL + lease.TAKEOVER_AFTER)
    async with server.transaction() as tx:
        assert await lease.is_settled(tx)
        # The one before a fail-over: what runs now is new.
        await tx.execute(timelines.insert().values(id="00000000", seen_at=tx.now))
        assert not await lease.is_settled(tx)
        assert await lease.bury(tx) == []
        later = timelines.c.seen_at - lease.SETTLING
        await tx.execute(update(timelines).values(seen_at=later))
        assert await lease.is_settled(tx)
        assert await lease.bury(tx) == [("dead", 0)]


async def test_what_an_earlier_version_left_to_an_owner_without_a_lease_is_free(
    server: Database,
) -> None:
    await begin(server, "a")
    async with server.transaction() as tx:
        mine, left = [await add_account(tx, number) for number in (1, 2)]
        await ownership.claim(tx, [mine], "a", is_alone=False)
        await ownership.claim(tx, [left], "long ago", is_alone=False)
    await begin(server, "b")
    async with server.transaction() as tx:
        assert [a.id for a in await accounts.to_be_had(tx, 10)] == [left]
        assert await ownership.epochs_of(tx, "a") == {mine: 1}


async def test_two_that_look_at_the_same_moment_find_different_accounts_and_wait_for_nobody(
    server: Database, vault: Vault
) -> None:
    await begin(server, "a", "b")
    other = await open_database(server.url, vault)
    async with server.transaction() as tx:
        both = {await add_account(tx, number) for number in (1, 2)}
    async with server.transaction() as tx, other.transaction() as beside:
        (mine,) = await accounts.to_be_had(tx, 1)
        (theirs,) = await accounts.to_be_had(beside, 2)
        await ownership.claim(beside, [theirs.id], "b", is_alone=False)
    assert {mine.id, theirs.id} == both
    await other.close()


async def test_an_order_goes_to_whoever_has_the_account_and_outlives_its_death(
    server: Database,
) -> None:
    await begin(server, "a", "b")
    async with server.transaction() as tx:
        number = await add_account(tx)
        await ownership.claim(tx, [number], "a", is_alone=False)
        again = await commands.order(tx, "reconnect", account_id=number)
        secret = await commands.order(tx, "enrol.code", account_id=number, args={"code": "1"})

        assert await commands.take(tx, commands.Taker("b")) == []
        assert not await commands.is_any_waiting(tx, commands.Taker("b"))
        taken = await commands.take(tx, commands.Taker("a"))
        assert [order.id for order in taken] == [again, secret]

        await lease.end(tx, "a")
        assert [o.id for o in await commands.take(tx, commands.Taker("b"))] == [again]
    outcome = await commands.outcome_of(server, secret, limit_s=10)
    assert outcome == {"error": "interrupted"}


async def test_an_order_can_be_left_for_others(server: Database) -> None:
    await begin(server, "a", "b")
    async with server.transaction() as tx:
        number = await add_account(tx)
        await ownership.claim(tx, [number], "b", is_alone=False)
        ordered = await commands.order(tx, "enrol.begin", args={"phone": "+1"})
        but = commands.Taker("b", but=frozenset({"enrol.begin"}))
        assert await commands.take(tx, but) == []

        (order,) = await commands.take(tx, commands.Taker("a"))
        await commands.pass_on(tx, order, number)
        assert await commands.take(tx, commands.Taker("a")) == []
        (again,) = await commands.take(tx, commands.Taker("b"))
    assert (again.id, again.args) == (ordered, {"phone": "+1"})


async def test_a_seat_is_taken_over_when_its_holders_lease_has_run_out(server: Database) -> None:
    await begin(server, "a", "b")

    async def take(name: str) -> bool:
        async with server.transaction() as tx:
            return await seats.take(tx, Seat.BOT, name)

    assert sorted(await asyncio.gather(take("a"), take("b"))) == [False, True]
    async with server.read() as tx:
        (holder,) = (await seats.holders(tx)).values()
    other = "b" if holder == "a" else "a"
    assert not await take(other)
    await turn_back(server, holder, lease.TTL)
    assert await take(other)
    assert not await take(holder)


async def test_a_drain_is_told_with_the_next_renewal(server: Database) -> None:
    await begin(server, "a")
    async with server.transaction() as tx:
        assert await lease.drain(tx, "a")
        assert not await lease.drain(tx, "nobody")
    assert (await renew(server, "a")).is_draining


async def test_one_that_ended_and_left_its_lease_to_run_out_counts_no_longer_among_those_that_share(
    server: Database,
) -> None:
    await begin(server, "a", "b")
    async with server.transaction() as tx:
        await lease.leave(tx, "a")
        await instances.stop(tx, "a")
        assert [each.is_draining for each in await lease.page(tx)] == [True, False]


def test_what_is_early_is_so_until_a_dead_owner_would_have_been_buried() -> None:
    assert ownership.NO_LINE_AFTER == lease.SETTLING
