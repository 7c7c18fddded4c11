"""The supervisor: each way to notice, alone; and what it leaves behind."""

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, journal, proxies
from storage.accounts import Desired
from storage.database import Database
from storage.proxies import Endpoint
from tests.network.conftest import enrol
from tests.sandbox.hazards import assert_no_hazards
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.facts import status_of
from userbot.limits import Limits, always
from userbot.line import Line
from userbot.monitor import Monitor
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Patience, Schedule
from userbot.states import State
from userbot.terms import Terms
from userbot.userbot import Userbot

NEVER_S = 10_000.0
BLIND = Limits(ping_every_s=NEVER_S, check_every_s=NEVER_S)
"""Only the client's own word that the line ended is heard."""


@dataclass
class House:
    """Alice's account under its supervisor, behind one proxy."""

    number: int
    userbot: Userbot
    registry: Registry
    database: Database
    proxy: Socks5Proxy

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that is in memory before it is in a row."""
        async with asyncio.timeout(limit(20)):
            while not is_so():  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.005)

    async def until_state(self, state: State) -> None:
        await self.until(lambda: self.userbot.status.state is state)

    async def until_new_line(self, old: Line | None) -> None:
        await self.until(lambda: self.userbot.line not in {None, old})

    async def story(self) -> list[str]:
        """The journal's kinds, in order."""
        await self.database.writer.flush()
        async with self.database.read() as tx:
            entries = await journal.latest(tx, account_id=self.number, limit=10_000)
        return [entry.kind for entry in reversed(entries)]


async def ready_account(
    db: Database, datacentre: DataCentre, world: World, person: User, proxy_id: int | None
) -> int:
    """A person's account, logged in and to be run."""
    async with db.transaction() as tx:
        number = await accounts.add(
            tx,
            phone=f"+{person.phone}",
            identity=IDENTITY,
            proxy_id=proxy_id,
            state=State.STOPPED,
        )
        await accounts.set_desired(tx, number, Desired.RUN)
    key = world.logins.ready_key(person.id).key
    await enrol(db, number, host=datacentre.host, port=datacentre.port, key=key)
    return number


Opener = Callable[..., Any]


@pytest.fixture
async def opened(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Opener]:
    proxy = Socks5Proxy()
    await proxy.start()

    @asynccontextmanager
    async def open_house(
        limits: Limits = BLIND,
        *,
        auto: bool = True,
        first_s: float = 0.05,
        patience: Patience | None = None,
        again: int | None = None,
    ) -> AsyncIterator[House]:
        """Alice's account in a process of its own; `again`: the one that was there before."""
        endpoint = Endpoint("socks5", proxy.host, proxy.port)
        async with db.transaction() as tx:
            proxy_id = await proxies.add(tx, endpoint) or await proxies.find(tx, endpoint)
        assert proxy_id is not None
        number = again or await ready_account(db, datacentre, world, alice, proxy_id)
        terms = Terms(
            database=db,
            limits=limits,
            schedule=Schedule.starting_with(first_s, 10, auto=auto),
            budget=Budget(per_second=1000, per_proxy=5),
            random=Random(1),  # noqa: S311 - jitter
            may_write=always,
            patience=patience or Patience(),
        )
        async with Nursery() as nursery:
            registry = Registry(terms, nursery, Owned(terms.database, "here"))
            house = House(number, await registry.adopt(number), registry, db, proxy)
            if again is None:
                await house.until_state(State.ONLINE)
            yield house
        assert_no_hazards(datacentre)

    yield open_house
    await proxy.stop()


@pytest.mark.req("S0.4")
async def test_a_drop_is_noticed_by_the_client_alone(
    opened: Opener, datacentre: DataCentre
) -> None:
    async with opened(BLIND) as house:
        for reset in (False, True):
            line = house.userbot.line
            datacentre.cut(reset=reset)
            await house.until_new_line(line)
        story = await house.story()

    assert story == [
        *["state.connecting", "state.online"],
        *["state.retrying", "state.connecting", "state.online"] * 2,
    ]


@pytest.mark.req("S2.5")
async def test_a_silent_line_is_noticed_by_the_pings_alone(
    opened: Opener, datacentre: DataCentre
) -> None:
    pings = replace(BLIND, ping_every_s=0.2, ping_answer_s=0.3, ping_retry_s=0.2)
    async with opened(pings) as house:
        line = house.userbot.line
        with datacentre.faults.freeze():
            await house.until(lambda: house.userbot.line is not line)
        await house.until_new_line(line)

        assert house.userbot.status.state is State.ONLINE


async def test_one_lost_ping_costs_no_line(opened: Opener, datacentre: DataCentre) -> None:
    pings = replace(BLIND, ping_every_s=0.2, ping_answer_s=0.3, ping_retry_s=seconds(5))
    async with opened(pings) as house:
        line = house.userbot.line
        with datacentre.faults.delay(0.4):
            await asyncio.sleep(1.5)

        assert house.userbot.line is line


@pytest.mark.req("S3.3")
async def test_a_session_that_was_ended_elsewhere_is_noticed_by_the_check_alone(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    async with opened(replace(BLIND, check_every_s=0.2)) as house:
        with datacentre.faults.deny(alice.id, "AUTH_KEY_UNREGISTERED"):
            await house.until_state(State.NEEDS_LOGIN)
        assert house.userbot.line is None
        assert "ended" in house.userbot.status.reason


async def test_a_flood_wait_or_a_fault_met_by_the_check_costs_no_line(
    opened: Opener, datacentre: DataCentre
) -> None:
    async with opened(replace(BLIND, check_every_s=0.2)) as house:
        line = house.userbot.line
        for code, text in ((420, "FLOOD_WAIT_1"), (500, "INTERNAL")):
            fault = datacentre.faults.rpc_error("updates.getState", code, text)
            async with asyncio.timeout(limit(20)):
                await fault.has_struck()
        await asyncio.sleep(0.3)

        assert house.userbot.line is line


@pytest.mark.req("S4.1")
async def test_reconnects_ordered_at_once_are_one_and_its_facts_are_told(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    async with opened() as house:
        dials, line = len(house.proxy.source_ports), house.userbot.line
        with datacentre.faults.delay(0.3, user_id=alice.id):
            for _ in range(5):
                assert house.userbot.force()
                await asyncio.sleep(0.05)
            await house.until_new_line(line)
        assert len(house.proxy.source_ports) == dials + 1
        await datacentre.faults.refuse()
        datacentre.cut(alice.id)
        await house.until(lambda: house.userbot.status.attempt >= 2)
        await house.database.writer.flush()
        facts = await status_of(house.registry, house.database, house.number)
        assert facts.account.observed.attempt >= 2
        assert facts.account.observed.retry_at or facts.state is State.CONNECTING


@pytest.mark.req("S2.3")
async def test_a_flood_wait_on_connecting_outlives_the_process_and_is_kept_to_the_second(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    """The data centre's own clock is the judge: a call before its time is a hazard."""
    async with opened() as house:
        datacentre.faults.flood_wait("updates.getState", 3, alice.id)
        datacentre.cut(alice.id)
        await house.until_state(State.WAITING)
        until = house.userbot.status.retry_at
        dials = len(house.proxy.source_ports)
    async with opened(again=house.number) as house:
        await house.until_state(State.WAITING)
        assert abs((house.userbot.status.retry_at - until).total_seconds()) < 1
        assert not house.userbot.force(), "an impatient operator shortens nothing"
        assert len(house.proxy.source_ports) == dials
        await house.until_state(State.ONLINE)
        assert house.database.now() >= until


@pytest.mark.req("S2.3")
async def test_a_flood_wait_outlives_a_process_that_ends_while_its_line_is_closed(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    async with opened() as house:
        datacentre.faults.flood_wait("updates.getState", 3, alice.id)
        datacentre.cut(alice.id)
        await house.until(lambda: house.userbot._dialling is not None)
        async with asyncio.timeout(limit(20)):
            while house.userbot._dialling is not None:  # noqa: ASYNC110 - closing takes a moment
                await asyncio.sleep(0)
    dials = len(house.proxy.source_ports)
    async with opened(again=house.number) as house:
        await house.until_state(State.WAITING)
        assert len(house.proxy.source_ports) == dials


async def test_an_account_that_moved_to_a_data_centre_nobody_names_needs_a_login(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    """Telethon looks the new data centre up and fails over that, with an error of its own."""
    async with opened() as house:
        datacentre.faults.migrate("updates.getState", 9, times=None, user_id=alice.id)
        datacentre.cut(alice.id)
        await house.until_state(State.NEEDS_LOGIN)
        assert "another data centre" in house.userbot.status.reason


@pytest.mark.req("S4.3", "S0.7")
async def test_the_monitor_revives_a_dead_supervisor_and_says_so(opened: Opener) -> None:
    async with opened(BLIND) as house:
        monitor = Monitor(house.database, house.registry)
        house.registry._supervisors[house.number].cancel()
        await house.until(lambda: house.userbot.line is None)
        await asyncio.sleep(0.05)
        assert monitor.looked_at is None

        await monitor.look()

        await house.until_new_line(None)
        assert "monitor.mended" in await house.story()
        assert monitor.looked_at is not None


async def test_the_monitor_begins_an_overdue_attempt(
    opened: Opener, datacentre: DataCentre
) -> None:
    """As after a jump of the clock: the timer would ring much later."""
    async with opened(BLIND) as house:
        real = house.database.now
        house.database.now = lambda: real().replace(year=2000)  # retry_at is long ago, then
        closed = await datacentre.faults.go_down()
        await house.until(lambda: house.userbot.status.state is State.RETRYING)
        house.database.now = real
        await closed.mend()
        await Monitor(house.database, house.registry, overdue_s=1).look()

        await house.until_new_line(None)


@pytest.mark.req("S1.11")
async def test_without_auto_reconnect_a_drop_is_told_and_nothing_dials_until_it_is_forced(
    opened: Opener, datacentre: DataCentre
) -> None:
    async with opened(BLIND, auto=False) as house:
        dials = len(house.proxy.dials)
        datacentre.cut()
        await house.until_state(State.FAILED)
        await asyncio.sleep(0.5)
        assert house.userbot.status.retry_at is None
        assert len(house.proxy.dials) == dials
        async with house.database.read() as tx:
            account = await accounts.get(tx, house.number)
        assert account is not None

        assert house.userbot.force()

        await house.until_state(State.ONLINE)
        assert len(house.proxy.dials) == dials + 1


async def test_after_a_timeout_the_next_attempt_waits_longer(
    opened: Opener, datacentre: DataCentre
) -> None:
    """A data centre that answers after 0.6 s is given up once, and reached by patience."""
    async with opened(BLIND, patience=Patience((0.3, seconds(10)), (seconds(10),))) as house:
        with datacentre.faults.delay(0.6):
            line = house.userbot.line
            assert line is not None
            line.drop()
            await house.until(lambda: house.userbot.status.timeouts == 1)
            await house.until_new_line(line)

        assert house.userbot.status.timeouts == 0


async def test_a_proxy_that_works_again_wakes_who_waits_for_it(
    opened: Opener, datacentre: DataCentre, world: World, bob: User
) -> None:
    async with opened(BLIND, first_s=3600) as house:
        number = await ready_account(house.database, datacentre, world, bob, proxy_id=1)
        other = await house.registry.adopt(number)
        await house.until(lambda: other.line is not None)
        closed = await house.proxy.faults.go_down()
        for userbot in (house.userbot, other):
            await house.until(lambda u=userbot: u.status.state is State.RETRYING)
            userbot.force()
            await house.until(lambda u=userbot: "refuses connections" in u.status.reason)
        await closed.mend()
        await asyncio.sleep(0.3)
        assert other.status.state is State.RETRYING, "its own turn comes in an hour"

        house.userbot.force()

        await house.until(lambda: other.line is not None)


@pytest.mark.req("S4.4")
async def test_two_hundred_reconnects_leave_nothing_behind(
    opened: Opener, datacentre: DataCentre, caplog: pytest.LogCaptureFixture
) -> None:
    # What is captured of Telethon's log holds on to its clients.
    caplog.set_level(logging.CRITICAL, logger="telethon")
    async with opened(BLIND) as house:

        async def reconnect(times: int) -> None:
            for _ in range(times):
                line = house.userbot.line
                house.userbot.force()  # drops the line; without it the pauses would grow
                await house.until_new_line(line)

        await reconnect(20)  # caches fill
        before = await leftovers(house, datacentre)
        datacentre.hazards.connects_per_minute = None  # that is what this test is about
        await reconnect(200)
        after = await leftovers(house, datacentre)

    assert after.tasks == before.tasks
    assert after.files == before.files
    assert after.lines <= before.lines
    assert after.memory_kib - before.memory_kib < 4096, "less than 20 KiB a reconnect"


@dataclass(frozen=True)
class Leftovers:
    tasks: int
    files: int
    lines: int
    memory_kib: int


async def leftovers(house: House, datacentre: DataCentre) -> Leftovers:
    await house.database.writer.flush()
    await house.until(lambda: len(datacentre.connections()) == 1)
    await asyncio.sleep(0.2)
    gc.collect()
    lines = sum(isinstance(found, Line) for found in gc.get_objects())
    return Leftovers(len(asyncio.all_tasks()), files_open(), lines, memory_kib())


def files_open() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def memory_kib() -> int:
    """What the process holds now; its peak would hide what was given back."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
