"""Checks of proxies: the last one stands with the proxy, all of them make its record."""

from datetime import timedelta

from storage import proxies, proxy_checks
from storage.database import Database
from storage.proxy import Health
from storage.proxy_checks import Check
from storage.traffic import Traffic
from tests.storage.fleet import Clock, add_account, add_proxy


async def test_the_last_check_stands_with_the_proxy(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        sick, well, new = [await add_proxy(tx, n) for n in (1, 2, 3)]
    await db.writer.write(Check(sick, clock.now, "", 30))
    await db.writer.write(Check(sick, clock.forward(60), "REFUSED"))
    await db.writer.write(Check(well, clock.now, "", 12))
    async with db.read() as tx:
        found = {p.id: p for p in await proxies.page(tx)}
        assert [c.fault for c in await proxy_checks.latest(tx, sick)] == ["REFUSED", ""]
    assert found[sick].is_sick
    assert found[sick].health == Health(clock.now, "REFUSED", None)
    assert not found[well].is_sick
    assert found[well].health == Health(clock.now, "", 12)
    assert (found[new].health, found[new].is_sick) == (None, False)


async def test_a_sick_proxy_is_given_to_no_new_account(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        sick, well = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await Check.apply(tx, [Check(sick, clock.now, "TIMED_OUT")])
        free = await proxies.least_loaded(tx)
        assert free is not None
        assert free.id == well
        await Check.apply(tx, [Check(well, clock.now, "TIMED_OUT")])
        assert await proxies.least_loaded(tx) is None
        await Check.apply(tx, [Check(sick, clock.now, "")])
        back = await proxies.least_loaded(tx)
        assert back is not None
        assert back.id == sick


async def test_a_hard_capacity_a_country_and_one_that_is_not_wanted_narrow_the_choice(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        first, second = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await proxies.set_country(tx, second, "be")
        await add_account(tx, 1, proxy_id=first)
        await add_account(tx, 2, proxy_id=second)
        assert await proxies.least_loaded(tx, fewer_than=1) is None
        found = await proxies.least_loaded(tx, fewer_than=2, country="be")
        assert found is not None
        assert (found.id, found.country) == (second, "be")
        assert await proxies.least_loaded(tx, country="nl") is None
        other = await proxies.least_loaded(tx, but=first)
        assert other is not None
        assert other.id == second


async def test_a_check_of_a_proxy_that_is_gone_harms_no_other(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        known = await add_proxy(tx)
        await Check.apply(tx, [Check(4711, clock.now, ""), Check(known, clock.now, "", 5)])
        assert len(await proxy_checks.latest(tx, known)) == 1


async def test_uptime_and_latency_are_told_since_a_time_and_old_checks_go(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
        long_ago = clock.now - timedelta(days=8)
        await Check.apply(tx, [Check(proxy, long_ago, "", 1000)])
        checks = [Check(proxy, clock.now, "", ms) for ms in (10, 20, 30)]
        await Check.apply(tx, [*checks, Check(proxy, clock.now, "REFUSED")])
        recent = (await proxy_checks.records(tx, clock.now - timedelta(days=7)))[proxy]
        assert (recent.checks, recent.well, recent.latency_ms) == (4, 3, 20)
        assert recent.uptime == 0.75
        assert await proxy_checks.records(tx, clock.now + timedelta(days=1)) == {}
        assert await proxy_checks.forget_before(tx, clock.now, limit=10) == 1
        assert len(await proxy_checks.latest(tx, proxy)) == 4


async def test_bytes_add_up(db: Database) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
    for up, down in ((1, 10), (2, 20)):
        await db.writer.write(Traffic(proxy, up, down))
    async with db.read() as tx:
        found = await proxies.get(tx, proxy)
    assert found is not None
    assert (found.bytes_up, found.bytes_down) == (3, 30)
