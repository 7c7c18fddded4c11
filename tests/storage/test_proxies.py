from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from storage import accounts, proxies, proxy_leases
from storage.database import Database
from storage.proxies import Cost, Endpoint, Kind, Lease
from storage.proxy_checks import Check
from storage.schema import proxies as proxies_table
from tests.storage.fleet import Clock, add_account, add_proxy, enrol, log_in
from tests.storage.undo import undone

in_one_database = settings(
    deadline=None,
    max_examples=40,
    # Each example rolls back, so the next one starts from the same database.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.req("S0.2")
async def test_accounts_go_round_the_proxies_in_their_order(db: Database) -> None:
    async with db.transaction() as tx:
        fleet = [await add_proxy(tx, n) for n in (1, 2, 3)]
        got = [(await enrol(tx, n))[1] for n in range(7)]

    assert got == [*fleet, *fleet, fleet[0]]


@pytest.mark.req("S0.2")
async def test_the_older_of_two_equally_loaded_proxies_comes_first(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        old = await add_proxy(tx, 1)
        await enrol(tx, 1)
    clock.forward(60)
    async with db.transaction() as tx:
        new = await add_proxy(tx, 2)
        got = [(await enrol(tx, n))[1] for n in (2, 3, 4)]

    assert got == [new, old, new]


@pytest.mark.req("S0.2")
@in_one_database
@given(steps=st.lists(st.sampled_from(["proxy", "account", "give up"]), max_size=25))
async def test_every_account_gets_a_least_loaded_proxy_whatever_came_before(
    db: Database, steps: list[str]
) -> None:
    load: Counter[int] = Counter()
    unfinished: list[tuple[int, int]] = []
    async with undone(db) as tx:
        for number, step in enumerate(steps, start=1):
            if step == "proxy":
                load[await add_proxy(tx, number)] = 0
            elif step == "account" and load:
                account_id, proxy_id = await enrol(tx, number)
                least = min(load.values())
                assert proxy_id == min(p for p, n in load.items() if n == least)
                load[proxy_id] += 1
                unfinished.append((account_id, proxy_id))
            elif step == "give up" and unfinished:
                account_id, proxy_id = unfinished.pop()
                assert await accounts.remove_unfinished(tx, account_id, state="NEW")
                load[proxy_id] -= 1
        assert {p.id: p.accounts for p in await proxies.page(tx)} == load


@pytest.mark.req("S0.2")
@in_one_database
@given(size=st.integers(1, 6), count=st.integers(0, 20))
async def test_no_proxy_carries_two_accounts_more_than_another(
    db: Database, size: int, count: int
) -> None:
    async with undone(db) as tx:
        for n in range(size):
            await add_proxy(tx, n)
        for n in range(count):
            await enrol(tx, n)
        loads = [p.accounts for p in await proxies.page(tx)]

    assert sum(loads) == count
    assert max(loads) - min(loads) <= 1


async def test_without_proxies_there_is_none_to_give(db: Database) -> None:
    async with db.read() as tx:
        assert await proxies.least_loaded(tx) is None


async def test_a_retired_proxy_gets_no_new_accounts_and_keeps_its_own(db: Database) -> None:
    async with db.transaction() as tx:
        proxy_id = await add_proxy(tx)
        account_id = await add_account(tx, proxy_id=proxy_id)
        await tx.execute(update(proxies_table).values(retired_at=tx.now))
        account = await accounts.get(tx, account_id)

        assert await proxies.least_loaded(tx) is None
        assert account is not None
        assert account.proxy_id == proxy_id


async def test_a_proxy_that_is_there_already_is_not_added_again(db: Database) -> None:
    endpoint = Endpoint("socks5", "10.0.0.1", 1080, "me", "pass")
    same = Endpoint("socks5", "10.0.0.1", 1080, "me", "another password")
    others = [
        Endpoint("http", "10.0.0.1", 1080, "me"),
        Endpoint("socks5", "10.0.0.2", 1080, "me"),
        Endpoint("socks5", "10.0.0.1", 1081, "me"),
        Endpoint("socks5", "10.0.0.1", 1080, "you"),
        Endpoint("socks5", "10.0.0.1", 1080),
    ]
    async with db.transaction() as tx:
        first = await proxies.add(tx, endpoint)
        assert await proxies.add(tx, endpoint) is None
        assert await proxies.add(tx, same) is None
        added = [await proxies.add(tx, other) for other in others]
        assert first is not None
        stored = await proxies.get(tx, first)

    assert None not in added
    assert stored is not None
    assert stored.endpoint == endpoint


async def test_proxies_come_back_as_they_were_given_oldest_first(
    db: Database, clock: Clock
) -> None:
    endpoints = [
        Endpoint("mtproto", "mt.test", 443, "", "dd00"),
        Endpoint("socks5", "2001:db8::1", 1080, "me", "päss:wörd"),
        Endpoint("http", "10.0.0.1", 8080),
    ]
    async with db.transaction() as tx:
        for endpoint in endpoints:
            await proxies.add(tx, endpoint)
        page = await proxies.page(tx)

        assert [p.endpoint for p in page] == endpoints
        assert {p.added_at for p in page} == {clock.now}
        assert await proxies.get(tx, 4711) is None
    assert [p.endpoint.name for p in page] == [
        "mt.test:443",
        "[2001:db8::1]:1080",
        "10.0.0.1:8080",
    ]


async def test_an_address_changes_in_place_and_keeps_its_accounts(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy, other = await add_proxy(tx, 1), await add_proxy(tx, 2)
        number = await add_account(tx, proxy_id=proxy)
        await Check.apply(tx, [Check(proxy, clock.now, "LOGIN_REJECTED")])
        fresh = Endpoint("http", "new.test", 8080, "me", "new password")
        assert await proxies.change(tx, proxy, fresh)
        found = await proxies.get(tx, proxy)
        assert found is not None
        assert (found.endpoint, found.accounts, found.health) == (fresh, 1, None)
        taken = await proxies.get(tx, other)
        assert taken is not None
        assert not await proxies.change(tx, proxy, taken.endpoint), "another entry has it"
        assert not await proxies.change(tx, 4711, Endpoint("http", "x.test", 1))
        account = await accounts.get(tx, number)
    assert account is not None
    assert account.proxy_id == proxy


async def test_a_leased_proxy_can_be_taken_back_until_it_is_released(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        manual = await add_proxy(tx)
        endpoint = Endpoint("http", "shop.test", 22225, "ip-10.0.0.9", "pass")
        leased = await proxies.add(
            tx,
            endpoint,
            kind=Kind.LEASED,
            country="be",
            lease=Lease("shop", "10.0.0.9"),
            cost=Cost(250),
        )
        assert leased is not None
        assert not await proxy_leases.set_release(tx, manual, tx.now), "nobody leases that to us"
        assert await proxy_leases.set_release(tx, leased, tx.now + timedelta(hours=1))
        free = await proxies.least_loaded(tx)
        assert free is not None
        assert free.id == manual, "who is to go gets no new account"
        assert await proxy_leases.to_release(tx) == []
        assert await proxy_leases.set_release(tx, leased, None)
        assert await proxy_leases.set_release(tx, leased, tx.now + timedelta(hours=1))
    clock.forward(3600)
    async with db.transaction() as tx:
        (due,) = await proxy_leases.to_release(tx)
        assert (due.id, due.country, due.cost) == (leased, "be", Cost(250))
        assert [p.id for p in await proxy_leases.leased(tx, "shop")] == [leased]
        await proxy_leases.set_released(tx, leased)
        assert not await proxy_leases.set_release(tx, leased, None), "too late"
        assert await proxy_leases.to_release(tx) == []
        assert await proxy_leases.leased(tx, "shop") == []
        assert await proxies.add(tx, endpoint, kind=Kind.LEASED) == leased, "bought again"


async def test_another_exit_country_is_told_once(db: Database) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
        seen = [await proxies.see_exit(tx, proxy, c) for c in ("nl", "nl", "de", "de", "nl")]
        found = await proxies.get(tx, proxy)
        assert await proxies.see_exit(tx, 4711, "nl") is None
    assert seen == [None, None, "nl", None, "de"]
    assert found is not None
    assert (found.first_exit, found.exit_country, found.has_drifted) == ("nl", "nl", False)


async def test_a_proxy_of_unknown_kind_is_given_to_nobody_until_its_kind_is_known(
    db: Database, clock: Clock
) -> None:
    endpoint = Endpoint("socks5", "10.0.0.1", 8080)
    async with db.transaction() as tx:
        guess = await proxies.add(tx, endpoint, is_guess=True)
        assert guess is not None
        assert await proxies.least_loaded(tx) is None
        assert [p.id for p in await proxies.unchecked(tx)] == [guess]
        await Check.apply(tx, [Check(guess, clock.now, "")])
        assert await proxies.unchecked(tx) == []
        assert await proxies.settle_scheme(tx, guess, "http")
        found = await proxies.least_loaded(tx)
        assert found is not None
        assert (found.endpoint.scheme, found.is_guess) == ("http", False)
        again = await proxies.add(tx, endpoint, is_guess=True)
        assert again is not None
        assert not await proxies.settle_scheme(tx, again, "http"), "that is the first one"
        assert not await proxies.settle_scheme(tx, 4711, "http")


async def test_the_target_of_a_probe_is_the_data_centre_of_a_proxys_accounts(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        used, unused = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await log_in(tx, await add_account(tx, 1, proxy_id=used))
        await add_account(tx, 2, proxy_id=unused)
        assert await proxies.targets(tx) == {used: (2, "192.0.2.1", 443)}
