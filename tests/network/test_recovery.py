"""A start brings many accounts back: in order, in batches, and each account told of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from storage import accounts, journal, proxies, recoveries, traits
from storage.accounts import Desired
from storage.database import Database
from storage.instances import Before
from storage.proxies import Endpoint
from storage.recoveries import Outcome, Recovered
from tests.network.conftest import enrol
from tests.sandbox.hazards import assert_no_hazards
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.plan import Rules
from userbot.recovery import Recovery
from userbot.registry import Registry
from userbot.schedule import Schedule
from userbot.startup import StartupBudget
from userbot.states import State
from userbot.terms import Terms
from userbot.userbot import Userbot

AT_ONCE = 5
DAY = timedelta(days=1, seconds=1)
PHONES = ("+4420794600{:02}", "+120255501{:02}", "+4930123456{:02}", "+88017123456{:02}")
"""Numbers of Britain, the United States, Germany and Bangladesh."""


@dataclass
class Fleet:
    """Stored accounts, all to be run, spread over the proxies in turn."""

    database: Database
    datacentre: DataCentre
    proxies: list[Socks5Proxy]
    people: dict[int, int]
    """The Telegram user of each account."""

    @asynccontextmanager
    async def started(
        self, *, delay_s: float = 0.0, before: Before = Before.CRASH, is_followed: bool = True
    ) -> AsyncIterator[tuple[Registry, Recovery]]:
        """A process that has just started on these accounts."""
        terms = Terms(
            database=self.database,
            limits=Limits(),
            schedule=Schedule.starting_with(0.05, 10),
            budget=StartupBudget(per_second=10_000, per_proxy=AT_ONCE, delay_s=delay_s),
            random=Random(1),  # noqa: S311 - jitter
            may_write=always,
        )
        async with asyncio.timeout(limit(60)), Nursery() as nursery:
            registry = Registry(terms, nursery, Owned(terms.database, "here"), rules=Rules())
            recovery = Recovery(self.database, registry, instance="here", before=before)
            plan = await registry.start_all()
            assert registry.is_whole(plan)
            await recovery.begin(plan)
            if is_followed:
                await recovery.run()
            yield registry, recovery

    async def dialled(self) -> list[int]:
        """The accounts in the order in which they were dialled first."""
        await self.database.writer.flush()
        async with self.database.read() as tx:
            entries = await journal.latest(tx, kind="state.connecting", limit=10_000)
        entries.sort(key=lambda entry: entry.at)
        return list(dict.fromkeys(e.account_id for e in entries if e.account_id is not None))

    async def outcome(self) -> tuple[recoveries.Recovery, dict[int, Recovered]]:
        async with self.database.read() as tx:
            (latest,) = await recoveries.latest(tx)
            found = await recoveries.accounts_of(tx, latest.id)
        return latest, {one.account_id: one for one in found}

    async def set_always_online(self, number: int, *, always_online: bool) -> None:
        async with self.database.transaction() as tx:
            await traits.set_always_online(tx, number, always_online=always_online)


@pytest.fixture
async def fleet(
    request: pytest.FixtureRequest, db: Database, datacentre: DataCentre, world: World
) -> AsyncIterator[Fleet]:
    """As many accounts as the test asks for (3), on two proxies."""
    made = [Socks5Proxy(), Socks5Proxy()]
    for proxy in made:
        await proxy.start()
    found = Fleet(db, datacentre, made, {})
    async with db.transaction() as tx:
        ids = [await proxies.add(tx, Endpoint("socks5", p.host, p.port)) for p in made]
        for index in range(getattr(request, "param", 3)):
            number = await accounts.add(
                tx,
                phone=PHONES[index % len(PHONES)].format(index),
                identity=IDENTITY,
                proxy_id=ids[index % len(ids)],
                state=State.STOPPED,
            )
            await accounts.set_desired(tx, number, Desired.RUN)
            await traits.set_importance(tx, number, index % 3)
            found.people[number] = world.people.create(f"Ann {index}", phone=f"+1555{index:04}").id
    for number, user_id in found.people.items():
        key = world.logins.ready_key(user_id).key
        await enrol(db, number, host=datacentre.host, port=datacentre.port, key=key)
        proxy = made[(number - 1) % len(made)]
        datacentre.hazards.only_through(user_id, proxy.carries)
    yield found
    assert_no_hazards(datacentre)
    for proxy in made:
        await proxy.stop()


async def until(userbot: Userbot, state: State, database: Database) -> None:
    with database.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(limit(20)):
            while userbot.status.state is not state:
                await changed.wait(1)


@pytest.mark.req("S1.4")
@pytest.mark.parametrize("fleet", [50], indirect=True)
async def test_no_proxy_carries_more_than_five_dials_at_a_time_and_all_come_back(
    fleet: Fleet,
) -> None:
    silences = [proxy.faults.say_nothing() for proxy in fleet.proxies]
    async with fleet.started(is_followed=False) as (registry, recovery):
        async with asyncio.timeout(limit(20)):
            while not (  # noqa: ASYNC110 - it is in memory, and wakes nobody
                all(userbot.is_dialling for userbot in registry)
                and all(len(proxy.dials) >= AT_ONCE for proxy in fleet.proxies)
            ):
                await asyncio.sleep(0.01)
        have_a_turn = [u for u in registry if u.status.state is State.CONNECTING]
        assert len(have_a_turn) == AT_ONCE * len(fleet.proxies)
        assert [len(proxy.dials) for proxy in fleet.proxies] == [AT_ONCE, AT_ONCE]
        for silence in silences:
            silence.lift()
        await recovery.run()
        assert all(userbot.line is not None for userbot in registry)
    latest, found = await fleet.outcome()
    assert (latest.totals.back, latest.totals.total) == (50, 50)
    assert {one.attempts for one in found.values()} == {1}
    assert [len(proxy.dials) for proxy in fleet.proxies] == [25, 25]


@pytest.mark.req("S1.3")
@pytest.mark.parametrize("fleet", [50], indirect=True)
async def test_accounts_are_dialled_in_recovery_order_give_or_take_a_batch(fleet: Fleet) -> None:
    async with fleet.started(delay_s=seconds(1)) as (registry, _):
        wanted = [userbot.account_id for userbot in registry]
    async with fleet.database.read() as tx:
        stored = {account.id: account for account in await accounts.page(tx)}
    assert [stored[n].importance for n in wanted] == [2] * 16 + [1] * 17 + [0] * 17
    assert {stored[n].phone[:2] for n in wanted[:4]} == {"+1"}, "the first of the most important"
    dialled = await fleet.dialled()
    # Four readers look up what a dial needs, so neighbours may change places; by chance it is 17.
    away = [abs(dialled.index(number) - place) for place, number in enumerate(wanted)]
    assert sum(away) / len(away) < AT_ONCE


async def test_nothing_is_dialled_before_the_start_up_delay_is_over(fleet: Fleet) -> None:
    async with fleet.started(delay_s=seconds(0.5)):
        pass
    latest, found = await fleet.outcome()
    assert latest.totals.back == len(found) == 3
    assert min(one.seconds for one in found.values()) >= seconds(0.5)


async def test_what_became_of_each_account_is_kept(fleet: Fleet) -> None:
    well, revoked, banned = fleet.people
    fleet.datacentre.revoke(fleet.people[revoked])
    fleet.datacentre.faults.ban(fleet.people[banned])
    async with fleet.started():
        pass
    latest, found = await fleet.outcome()
    assert {n: (one.outcome, one.attempts) for n, one in found.items()} == {
        well: (Outcome.BACK, 1),
        revoked: (Outcome.NEEDS_LOGIN, 1),
        banned: (Outcome.BANNED, 1),
    }
    assert found[revoked].reason == "the session was ended at Telegram"
    assert {one.proxy_action for one in found.values()} == {"kept"}
    totals = recoveries.Totals(3, back=1, needs_login=1, banned=1)
    assert (latest.totals, latest.after) == (totals, recoveries.After.CRASH)
    assert latest.ended_at is not None
    async with fleet.database.read() as tx:
        (noted,) = await journal.latest(tx, kind="recovery.")
        assert await recoveries.running(tx) is None
    assert noted.kind == "recovery.finished"
    assert noted.cause.startswith("1 of 3 back in ")
    assert noted.cause.endswith(" s after a crash; 1 in need of a login; 1 banned")
    assert {**noted.data, "seconds": 0} == {
        "after": "crash",
        "total": 3,
        "back": 1,
        "needs_login": 1,
        "banned": 1,
        "not_yet": 0,
        "seconds": 0,
    }


@pytest.mark.req("S1.4")
async def test_after_three_attempts_an_account_leaves_the_run_and_goes_on_by_its_schedule(
    fleet: Fleet,
) -> None:
    closed = await fleet.proxies[1].faults.go_down()
    async with fleet.started() as (registry, _):
        latest, found = await fleet.outcome()
        assert (latest.totals.back, latest.totals.not_yet) == (2, 1)
        (late,) = (one for one in found.values() if one.outcome is Outcome.NOT_YET)
        assert late.attempts == 3
        assert late.reason
        await closed.mend()
        userbot = registry.get(late.account_id)
        assert userbot is not None
        await until(userbot, State.ONLINE, fleet.database)


async def test_while_it_runs_whoever_asks_is_told_how_far_it_is(fleet: Fleet) -> None:
    silence = fleet.proxies[1].faults.say_nothing()
    async with fleet.started(is_followed=False) as (_, recovery), asyncio.TaskGroup() as group:
        group.create_task(recovery.run())
        with fleet.database.wakeups.subscribe(recoveries.CHANGED) as changed:
            async with asyncio.timeout(limit(20)):
                seen: set[tuple[int, int] | None] = set()
                while (2, 3) not in seen:
                    async with fleet.database.read() as tx:
                        seen.add(await recoveries.running(tx))
                    await changed.wait(1)
        silence.lift()
    assert seen <= {(0, 3), (1, 3), (2, 3)}


@pytest.mark.parametrize("before", [Before.GRACEFUL, Before.CRASH])
async def test_a_recovery_that_finds_nothing_says_why(fleet: Fleet, before: Before) -> None:
    stopped, dead, idle = fleet.people
    fleet.datacentre.revoke(fleet.people[dead])
    async with fleet.started() as (registry, _):
        assert len(registry) == 3
    async with fleet.database.transaction() as tx:
        await accounts.set_desired(tx, stopped, Desired.STOP)
    await fleet.set_always_online(idle, always_online=False)
    async with fleet.database.transaction() as tx:
        await accounts.set_last_online(tx, {idle: tx.now - DAY})
    async with fleet.started(before=before):
        pass
    latest, found = await fleet.outcome()
    assert latest.totals == recoveries.Totals(0)
    assert found == {}
    assert latest.note == "1 stopped, 1 in need of a login, 1 not used lately"
    async with fleet.database.read() as tx:
        (noted, *_) = await journal.latest(tx, kind="recovery.")
        waiting = await recoveries.to_tell(tx)
    assert (noted.kind, noted.cause) == ("recovery.empty", latest.note)
    assert latest.id not in {one.id for one in waiting}


async def test_an_account_that_may_sleep_connects_when_it_is_needed(fleet: Fleet) -> None:
    idle = next(iter(fleet.people))
    await fleet.set_always_online(idle, always_online=False)
    async with fleet.started() as (registry, _):
        assert registry.get(idle) is None
        async with fleet.database.read() as tx:
            account = await accounts.get(tx, idle)
        assert account is not None
        assert (account.observed.state, account.desired) == (State.STOPPED, Desired.RUN)
        assert account.owner == "here", "its deliveries are this process's to send"
        woken = await asyncio.gather(*(registry.wake(idle) for _ in range(5)))
        assert woken == [registry.get(idle)] * 5
        assert woken[0] is not None
        await until(woken[0], State.ONLINE, fleet.database)
        assert await registry.wake(10**6) is None
    async with fleet.started() as (registry, _):
        assert registry.get(idle) is not None, "it was active lately"
