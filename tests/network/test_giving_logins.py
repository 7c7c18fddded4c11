"""Logins under way where accounts are handed over, or all ends: nobody else may dial their keys."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.fleet import _note_unheard
from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import ownership
from storage.database import Database
from tests.network.office import Office, office_behind
from tests.timing import limit
from userbot.owned import Owned
from userbot.registry import Elsewhere


@pytest.fixture
def proxy() -> Socks5Proxy:
    return Socks5Proxy()


@pytest.fixture
async def office(
    db: Database, datacentre: DataCentre, world: World, proxy: Socks5Proxy
) -> AsyncIterator[Office]:
    async with office_behind(proxy, db, datacentre, world) as opened:
        yield opened


async def test_a_drain_gives_no_account_away_whose_login_is_being_dialled(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    """It is claimed before it has a line; another instance would dial with the same key."""
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            beginning = group.create_task(office.begin(alice))
            await until(lambda: bool(proxy.dials))
            (number,) = office.registry.owned
            office.registry.owned.is_alone = False
            share = office.share(is_draining=True)
            await share.look()
            assert share.drained.is_set()
            assert [*office.registry.owned] == [number]
            assert number in office.registry.owned.unheard
            beginning.cancel()


@pytest.mark.req("S1.8")
async def test_an_end_gives_no_account_away_whose_login_is_being_dialled(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    """It is cancelled a moment later, and would then be seen nowhere."""
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            beginning = group.create_task(office.begin(alice))
            await until(lambda: bool(proxy.dials))
            office.registry.owned.is_alone = False
            await _note_unheard(office.registry, office.enrolments)
            beginning.cancel()
    assert office.registry.owned.unheard == {*office.registry.owned} != set()


async def test_a_fair_share_gives_no_account_away_whose_login_is_being_dialled(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    share = office.share()
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            beginning = group.create_task(office.begin(alice))
            await until(lambda: bool(proxy.dials))
            (number,) = office.registry.owned
            await share._give(1)
            await share._adopt()
            assert [*office.registry.owned] == [number]
            assert len(office.registry) == 0
            beginning.cancel()


async def test_a_login_that_is_ordered_when_all_ends_is_left_to_others(
    office: Office, alice: User
) -> None:
    office.registry.close()
    with pytest.raises(Elsewhere):
        await office.begin(alice)
    assert len(office.registry.owned) == 0


@pytest.mark.req("S1.8")
async def test_a_login_whose_answer_was_lost_is_not_given_away_before_telegram_has_closed_it(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    """It may have come through, and the old line be open there."""
    number = (await office.begin(alice))["account"]
    share = office.share()
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            handing = group.create_task(office.enrolments.code(number, office.code(alice)))
            login = office.enrolments._under_way.get(number)
            assert login is not None
            await until(lambda: login.is_possibly_in)
            proxy.cut()
        assert handing.result()["error"] == "no_connection"
        assert office.enrolments.is_any_of(number)
        await share._give(1)
        assert [*office.registry.owned] == [number]
        await until(lambda: not office.enrolments.is_any_of(number))
        await share._give(1)
        assert [*office.registry.owned] == []


async def test_a_login_that_was_dialled_in_vain_lingers_too(
    office: Office, alice: User, proxy: Socks5Proxy, datacentre: DataCentre
) -> None:
    number = (await office.begin(alice))["account"]
    await office.enrolments.close()
    assert not office.enrolments.is_any_of(number)
    dials = len(proxy.dials)
    with datacentre.faults.freeze():
        async with asyncio.TaskGroup() as group:
            again = group.create_task(office.begin(alice))
            while not again.done():
                await asyncio.sleep(0.02)
                if len(proxy.dials) > dials:
                    proxy.cut(reset=True)
        assert again.result()["error"] == "no_connection"
    assert office.enrolments.is_any_of(number)


async def test_no_login_begins_on_an_account_that_is_its_own_when_all_ends(
    office: Office, alice: User
) -> None:
    """What is left was asked for its lines just before."""
    number = (await office.begin(alice))["account"]
    await office.enrolments.close()
    office.registry.close()
    with pytest.raises(Elsewhere):
        await office.begin(alice)
    assert not office.enrolments.is_any_of(number)


async def test_an_account_whose_login_begins_while_it_is_given_stays(
    office: Office, alice: User
) -> None:
    """Asked when nothing can come between: the step has its lock before it has a line."""
    number = (await office.begin(alice))["account"]
    await office.enrolments.close()
    async with asyncio.TaskGroup() as group, office.registry.owned.lock:
        group.create_task(office.share()._give(1))
        await asyncio.sleep(0.05)
        step = office.enrolments._under_way.lock(number)
        await step.acquire()
    assert [*office.registry.owned] == [number]
    step.release()


async def test_logins_that_do_not_answer_are_asked_all_at_once_and_not_where_nobody_else_is(
    office: Office, alice: User, bob: User, datacentre: DataCentre
) -> None:
    numbers = {(await office.begin(user))["account"] for user in (alice, bob)}
    loop = asyncio.get_running_loop()
    with datacentre.faults.freeze():
        office.registry.owned.is_alone = False
        began = loop.time()
        await office.enrolments.close()
        assert 2 <= loop.time() - began < 4
        assert office.registry.owned.unheard == numbers
    office.registry.owned.is_alone = True
    assert {(await office.begin(user))["account"] for user in (alice, bob)} == numbers
    office.registry.owned.unheard.clear()
    with datacentre.faults.freeze():
        began = loop.time()
        await office.enrolments.close()
        assert loop.time() - began < 2
    assert office.registry.owned.unheard == set()


async def test_where_nothing_may_be_given_nobody_is_woken(
    office: Office, alice: User, db: Database
) -> None:
    """Else all would look again at once, and this one too, for as long as that is so."""
    await office.begin(alice)
    await office.enrolments.close()
    office.registry.owned.doubt()
    with db.wakeups.subscribe(ownership.FREE) as woken:
        await office.share()._give(1)
        await office.registry.give([])
        await office.registry.owned.release([])
        assert await woken.wait(0.1) is False
        assert len(office.registry.owned) == 1
        await Owned(db, "nobody").release([1])
        assert await woken.wait(limit(5))


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(limit(10)):
        while not is_so():  # noqa: ASYNC110 - it is in memory, and nobody is told
            await asyncio.sleep(0.01)
