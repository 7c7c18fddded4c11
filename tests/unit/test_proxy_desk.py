"""What an operator does with proxies, as rows; and what is told of those that are to be paid."""

from datetime import timedelta

import pytest

from bot import costs
from bot.costs import Group
from bot.paid import PaidWatch
from bot.proxy_desk import ProxyDesk, Return
from storage import accounts, alerts, forgetting, journal, proxies, proxy_leases, purchases
from storage.accounts import Desired, Observed
from storage.database import Database
from storage.proxies import Cost, Endpoint, Kind, Lease
from storage.proxy_checks import Check
from storage.purchases import PurchaseState
from storage.tx import Tx
from tests.storage.fleet import START, Clock, add_account, add_proxy
from userbot.providers.money import amount
from userbot.proxies import parse_many

LEASE = Lease("brightdata", "1.2.3.4")
BY = 42


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(db: Database) -> ProxyDesk:
    return ProxyDesk(db, capacity=5)


async def leased(tx: Tx, country: str = "de") -> int:
    number = await proxies.add(
        tx,
        Endpoint("http", "198.51.100.1", 33335, "zone-ip", "word"),
        kind=Kind.LEASED,
        lease=LEASE,
        country=country,
        cost=Cost(360),
    )
    assert number is not None
    return number


async def observe(tx: Tx, number: int, state: str, desired: Desired = Desired.RUN) -> None:
    await accounts.set_desired(tx, number, desired)
    seen = Observed(state, "", 0, None, tx.now)
    await accounts.set_observed(tx, number, seen, is_online=state == "ONLINE")


async def test_lines_are_kept_once_however_they_are_written(db: Database, desk: ProxyDesk) -> None:
    text = "10.0.0.1:1080:user:pass\nhttp://10.0.0.2:8080\n10.0.0.2:8080\n10.0.0.3:1080"
    first = await desk.add(parse_many(text), by=BY)
    assert [one.line for one in first.new] == [1, 2, 3, 4]
    assert [p.is_guess for p in await desk.page()] == [True, False, True, True]
    again = await desk.add(parse_many(text), by=BY)
    assert (again.new, [one.line for one in again.known]) == ([], [1, 2, 3, 4])
    async with db.read() as tx:
        noted = await journal.latest(tx, kind="proxy.added")
    assert [(e.actor, e.data["proxy"]) for e in noted][::-1] == [
        ("operator 42", "10.0.0.1:1080"),
        ("operator 42", "10.0.0.2:8080"),
        ("operator 42", "10.0.0.2:8080"),
        ("operator 42", "10.0.0.3:1080"),
    ]


async def test_the_same_line_takes_a_removed_proxy_back_whatever_it_turned_out_to_be(
    desk: ProxyDesk,
) -> None:
    (one,) = (await desk.add(parse_many("10.0.0.1:8080:user:old"), by=BY)).new
    assert await desk.settle_scheme(one.id, "http", by=BY)
    assert await desk.remove(one.id, by=BY)
    assert not await desk.remove(one.id, by=BY)
    (back,) = (await desk.add(parse_many("10.0.0.1:8080:user:new"), by=BY)).new
    assert back.id == one.id
    (proxy,) = await desk.page()
    assert (proxy.endpoint.scheme, proxy.endpoint.password) == ("http", "new")
    assert not proxy.is_guess


async def test_a_press_takes_a_removed_one_back_with_all_that_is_known_of_it(
    db: Database, desk: ProxyDesk
) -> None:
    async with db.transaction() as tx:
        number = await leased(tx)
    assert await desk.remove(number, by=BY)
    assert await desk.use_again(number, by=BY)
    assert not await desk.use_again(number, by=BY)
    (proxy,) = await desk.page()
    assert (proxy.kind, proxy.lease, proxy.country) == (Kind.LEASED, LEASE, "de")
    assert proxy.cost == Cost(360)
    assert proxy.endpoint.password == "word"
    async with db.transaction() as tx:
        await proxy_leases.set_released(tx, number)
    assert not await desk.use_again(number, by=BY)


@pytest.mark.req("S1.7")
async def test_a_leased_one_goes_back_in_an_hour_and_only_when_no_account_needs_it(
    db: Database, desk: ProxyDesk, clock: Clock
) -> None:
    async with db.transaction() as tx:
        number = await leased(tx)
        banned, alive, forgotten = [await add_account(tx, n, proxy_id=number) for n in (1, 2, 3)]
        await observe(tx, banned, "BANNED")
        await observe(tx, alive, "STOPPED", Desired.STOP)
        await forgetting.forget(tx, forgotten)
    assert await desk.needed_by(number) == 1
    assert not await desk.release(number, by=BY)
    async with db.transaction() as tx:
        await observe(tx, alive, "BANNED")
    assert await desk.release(number, by=BY)
    (proxy,) = await desk.page()
    assert proxy.lease is not None
    assert proxy.lease.release_at == clock.now + timedelta(hours=1)
    assert await desk.targets(but=None) == []
    assert await desk.keep(number, by=BY)
    assert [p.id for p in await desk.targets(but=None)] == [number]
    async with db.transaction() as tx:
        await proxy_leases.set_released(tx, number)
    assert not await desk.keep(number, by=BY)
    assert not await desk.release(number, by=BY)


async def test_only_an_own_proxy_is_said_to_be_of_another_kind(
    db: Database, desk: ProxyDesk
) -> None:
    async with db.transaction() as tx:
        own, theirs = await add_proxy(tx), await leased(tx)
    assert await desk.set_kind(own, Kind.ROTATING, by=BY)
    assert not await desk.set_kind(theirs, Kind.STATIC, by=BY)
    assert not await desk.set_kind(4711, Kind.STATIC, by=BY)
    assert [p.kind for p in await desk.page()] == [Kind.ROTATING, Kind.LEASED]


async def test_a_dossier_tells_the_first_accounts_and_how_the_checks_went(
    db: Database, desk: ProxyDesk, clock: Clock
) -> None:
    async with db.transaction() as tx:
        number = await add_proxy(tx)
        for n in range(7):
            await add_account(tx, n, proxy_id=number)
        week = clock.now - timedelta(days=3)
        await Check.apply(tx, [Check(number, week, "refused"), Check(number, week, "", 50)])
        await Check.apply(tx, [Check(number, clock.now, "", 30)])
    seen = await desk.dossier(number)
    assert seen is not None
    assert (seen.proxy.accounts, len(seen.named)) == (7, 5)
    assert seen.day is not None
    assert seen.week is not None
    assert (seen.day.uptime, seen.day.latency_ms) == (1, 30)
    assert (seen.week.checks, seen.week.well) == (3, 2)
    assert await desk.dossier(4711) is None


async def test_only_who_connected_since_is_back_and_only_who_may_is_waited_for(
    db: Database, desk: ProxyDesk, clock: Clock
) -> None:
    async with db.transaction() as tx:
        before, after, waits, stopped = [await add_account(tx, n) for n in (1, 2, 3, 4)]
        await observe(tx, before, "ONLINE")
        await observe(tx, waits, "RETRYING")
        await observe(tx, stopped, "STOPPED", Desired.STOP)
    began = clock.forward(5)
    clock.forward(5)
    async with db.transaction() as tx:
        await observe(tx, after, "ONLINE")
    assert await desk.coming_back([before, after, waits, stopped], began) == Return(1, 3)


async def test_the_next_account_is_one_more_and_a_known_one_is_not(
    db: Database, desk: ProxyDesk
) -> None:
    assert await desk.next_proxy("+15550000001") == (None, True)
    async with db.transaction() as tx:
        number = await add_proxy(tx)
    proxy, is_new = await desk.next_proxy("+15550000001")
    assert proxy is not None
    assert (proxy.id, is_new) == (number, True)
    async with db.transaction() as tx:
        await add_account(tx, 1, proxy_id=number)
    proxy, is_new = await desk.next_proxy("+15550000001")
    assert proxy is not None
    assert (proxy.accounts, is_new) == (1, False)


async def told(db: Database) -> list[tuple[str | None, str, bool]]:
    async with db.read() as tx:
        found = [alert.incident for alert in await alerts.unsettled(tx)]
    return [(i.subject, i.cause, i.closed_at is None) for i in found]


@pytest.mark.req("S1.7")
async def test_three_days_before_a_proxy_is_to_be_paid_that_is_told_until_it_is(
    db: Database, desk: ProxyDesk, clock: Clock
) -> None:
    async with db.transaction() as tx:
        number = await add_proxy(tx)
    watch = PaidWatch(db)
    until = START + timedelta(days=4)
    await desk.set_cost(number, Cost(500, until), by=BY)
    await watch.look()
    assert await told(db) == []
    clock.forward(86400)
    await watch.look()
    await watch.look()
    assert await told(db) == [(f"proxy {number}", f"{until:%Y-%m-%d}", True)]
    clock.forward(10 * 86400)
    await watch.look()
    assert len(await told(db)) == 1
    await desk.set_cost(number, Cost(500, clock.now + timedelta(days=30)), by=BY)
    assert [is_open for *_, is_open in await told(db)] == [False]


async def test_nobody_is_told_to_pay_for_what_is_used_no_more(
    db: Database, desk: ProxyDesk
) -> None:
    async with db.transaction() as tx:
        idle, used = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await add_account(tx, proxy_id=used)
    for number in (idle, used):
        await desk.set_cost(number, Cost(500, START + timedelta(days=1)), by=BY)
        await desk.remove(number, by=BY)
    assert await told(db) == [
        (f"proxy {idle}", "2026-03-02", False),
        (f"proxy {used}", "2026-03-02", True),
    ]
    await PaidWatch(db).look()
    assert [is_open for *_, is_open in await told(db)] == [False, True]


@pytest.mark.req("S1.9")
async def test_the_costs_are_those_of_what_is_in_use(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        own, unused, _ = [await add_proxy(tx, n) for n in (1, 2, 3)]
        rented = await leased(tx)
        account = await add_account(tx, proxy_id=own)
        await proxies.set_country(tx, own, "fr")
        await proxy_leases.set_cost(tx, own, Cost(1250))
        await proxy_leases.set_cost(tx, unused, Cost(9900))
        await proxy_leases.set_release(tx, rented, clock.now + timedelta(hours=1))
        await proxies.retire(tx, unused)
    for cents, state in ((360, PurchaseState.BOUGHT), (999, PurchaseState.REFUSED), (40, None)):
        async with db.transaction() as tx:
            number = await purchases.begin(
                tx,
                account_id=account,
                provider="brightdata",
                wanted_country="de",
                country="de",
                held_before=[],
                price_cents=cents,
            )
            if state is not None:
                await purchases.settle(tx, number, state)
        clock.forward(86400)
    async with db.read() as tx:
        found = await costs.read(tx, amount("20"))
    assert (found.active, found.idle, found.releasing, found.total) == (1, 1, 1, 3)
    assert (found.monthly_cents, found.unpriced) == (1250 + 360, 1)
    assert found.by_country == [Group("", 1, 0), Group("de", 1, 360), Group("fr", 1, 1250)]
    assert found.by_provider == [Group("", 2, 1250), Group("brightdata", 1, 360)]
    assert (found.bought, found.bought_cents) == (2, 400)
    assert (found.today_cents, found.limit_cents) == (0, 2000)
