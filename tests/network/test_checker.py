"""Checks of proxies over real sockets: what is found lies in the rows."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.http import HttpProxy
from sandbox.proxies.relay import RelayProxy
from sandbox.proxies.socks5 import Socks5Proxy
from storage import proxies
from storage.database import Database
from storage.proxies import Endpoint, Proxy
from tests.network.proxying import until_open
from tests.network.test_line import no_connections, sockets
from tests.timing import limit, seconds
from userbot.checker import Checker
from userbot.nursery import Nursery
from userbot.proxies import Parsed
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Failed, Reached
from userbot.reach import Reach
from userbot.telegram import DcAddress


@pytest.fixture
def reach() -> Reach:
    return Reach()


@pytest.fixture
def checker(db: Database, datacentre: DataCentre, reach: Reach) -> Checker:
    target = DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)
    return Checker(db, reach, target, random=Random(1), limit_s=seconds(1))  # noqa: S311 - jitter


@asynccontextmanager
async def up(*made: RelayProxy) -> AsyncIterator[None]:
    for proxy in made:
        await proxy.start()
    yield
    for proxy in made:
        await proxy.stop()


async def listed(db: Database, proxy: RelayProxy, scheme: str, *, is_guess: bool = False) -> int:
    async with db.transaction() as tx:
        endpoint = Endpoint(scheme, proxy.host, proxy.port)
        number = await proxies.add(tx, endpoint, is_guess=is_guess)
    assert number is not None
    return number


async def stored(db: Database, number: int) -> Proxy:
    async with db.read() as tx:
        found = await proxies.get(tx, number)
    assert found is not None
    return found


async def test_what_a_check_finds_lies_in_the_rows(db: Database, checker: Checker) -> None:
    well, sick = Socks5Proxy(), HttpProxy()
    async with up(well, sick):
        numbers = await listed(db, well, "socks5"), await listed(db, sick, "http")
        await sick.faults.go_down()
        outcomes = await checker.check()
        assert isinstance(outcomes[numbers[0]], Reached)
        assert outcomes[numbers[1]] == Failed(Cause.REFUSED)
        first, second = [await stored(db, n) for n in numbers]
        assert (first.is_sick, second.is_sick) == (False, True)
        assert first.health is not None
        assert first.health.latency_ms is not None
        assert second.health is not None
        assert second.health.fault == "refused"
        assert await checker.why(numbers[0]) == ""
        assert "refuses connections" in await checker.why(numbers[1])
        assert await checker.why(4711) == ""


async def test_a_new_proxy_is_checked_at_once_and_its_kind_found_out(
    db: Database, checker: Checker
) -> None:
    proxy = HttpProxy()
    async with up(proxy), Nursery() as nursery, asyncio.timeout(limit(20)):
        nursery.start(checker.run(), name="checker")
        with db.wakeups.subscribe(proxies.CHANGED) as changed:
            number = await listed(db, proxy, "socks5", is_guess=True)
            while (found := await stored(db, number)).health is None:
                await changed.wait(1)
        assert (found.endpoint.scheme, found.is_guess, found.is_sick) == ("http", False, False)


async def test_a_proxy_that_nobody_answers_for_stays_a_guess(
    db: Database, checker: Checker
) -> None:
    proxy = Socks5Proxy()
    async with up(proxy):
        number = await listed(db, proxy, "socks5", is_guess=True)
        await proxy.faults.go_down()
        await checker.check({number})
        found = await stored(db, number)
        assert (found.is_guess, found.is_sick) == (True, True)


async def test_who_waits_for_a_proxy_is_woken_when_a_check_comes_through_again(
    db: Database, checker: Checker, reach: Reach
) -> None:
    proxy = Socks5Proxy()
    woken = list[int]()
    async with up(proxy):
        number = await listed(db, proxy, "socks5")
        fault = await proxy.faults.go_down()
        reach.wait(number, 1, lambda: woken.append(1))
        await checker.check({number})
        assert woken == []
        await fault.mend()
        await checker.check({number})
        assert woken == [1]


async def test_all_are_checked_again_and_again(db: Database, datacentre: DataCentre) -> None:
    target = DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)
    often = Checker(db, Reach(), target, random=Random(1), every_s=0.1)  # noqa: S311 - jitter
    proxy = Socks5Proxy()
    async with up(proxy), Nursery() as nursery, asyncio.timeout(limit(20)):
        await listed(db, proxy, "socks5")
        with db.wakeups.subscribe(proxies.CHANGED) as changed:
            nursery.start(often.run(), name="checker")
            while len(proxy.source_ports) < 4:
                await changed.wait(1)


async def test_an_address_is_tried_out_and_nothing_is_stored(
    db: Database, checker: Checker
) -> None:
    old, new = Socks5Proxy(), HttpProxy()
    async with up(old, new):
        number = await listed(db, old, "socks5")
        guess = Parsed(Endpoint("socks5", new.host, new.port), is_guess=True)
        answer = await checker.try_out(guess, number)
        assert isinstance(answer.outcome, Reached)
        assert answer.endpoint.scheme == "http"
        wrong = Parsed(guess.endpoint)
        assert isinstance((await checker.try_out(wrong, number)).outcome, Failed)
        assert (await stored(db, number)).health is None


@contextmanager
def frozen(made: Sequence[RelayProxy]) -> Iterator[None]:
    with ExitStack() as faults:
        for proxy in made:
            faults.enter_context(proxy.faults.freeze())
        yield


async def until_dialled(made: Sequence[RelayProxy], times: int) -> None:
    while sum(len(proxy.dials) for proxy in made) < times:  # noqa: ASYNC110 - no event for it
        await asyncio.sleep(0.01)


async def test_so_many_are_checked_at_a_time(db: Database, datacentre: DataCentre) -> None:
    made = [Socks5Proxy() for _ in range(12)]
    target = DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)
    random = Random(1)  # noqa: S311 - jitter
    checker = Checker(db, Reach(), target, random=random, limit_s=seconds(20), at_once=4)
    async with up(*made), asyncio.timeout(limit(60)):
        for proxy in made:
            await listed(db, proxy, "socks5")
        with frozen(made):
            checking = asyncio.ensure_future(checker.check())  # noqa: TID251
            await until_dialled(made, 4)
            await asyncio.sleep(0.2)
            assert sum(len(p.dials) for p in made) == 4
        outcomes = await checking
        assert len(outcomes) == 12
        assert all(isinstance(outcome, Reached) for outcome in outcomes.values())


async def test_checks_that_are_cancelled_together_leave_nothing(
    db: Database, datacentre: DataCentre, checker: Checker
) -> None:
    made = [Socks5Proxy() for _ in range(20)]
    async with up(*made), asyncio.timeout(limit(60)):
        for proxy in made:
            await listed(db, proxy, "socks5")
        before, tasks = sockets(), asyncio.all_tasks()
        with frozen(made):
            checking = asyncio.ensure_future(checker.check())  # noqa: TID251
            await until_dialled(made, 20)
            checking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await checking
        await until_open(before)
        await no_connections(datacentre)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
