"""An operator's acts on proxies, and what running accounts make of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from sqlalchemy import update

from sandbox.datacentre import DataCentre
from sandbox.proxies.http import HttpProxy
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, assignments, journal, proxies
from storage.commands import Command
from storage.database import Database
from storage.proxies import Endpoint
from storage.schema import accounts as accounts_table
from tests.network.test_supervisor import ready_account
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.checker import Checker
from userbot.facts import Heartbeat
from userbot.limits import Limits, always
from userbot.login_answers import Outcome
from userbot.monitor import Monitor
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.proxy_orders import ProxyOrders
from userbot.reach import Reach
from userbot.registry import Registry
from userbot.states import Schedule, State
from userbot.telegram import DcAddress
from userbot.terms import Terms


@dataclass
class Fleet:
    """Alice and Bob behind one proxy, another proxy beside it, and the orders."""

    database: Database
    datacentre: DataCentre
    registry: Registry
    orders: ProxyOrders
    old: Socks5Proxy
    new: HttpProxy
    old_id: int = 0
    numbers: list[int] = field(default_factory=list)

    async def order(self, kind: str, **args: Any) -> Outcome:  # noqa: ANN401 - JSON
        command = Command(1, kind, None, args, 7)
        return await self.orders.kinds[f"proxies.{kind}"](command)

    async def until_on(self, proxy: Socks5Proxy | HttpProxy, *numbers: int) -> None:
        """Until these accounts are connected, and the only lines are through that proxy."""
        with self.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while not (
                all(self.state(n) is State.ONLINE for n in numbers)
                and self.lines_over(proxy) == len(numbers)
            ):
                await changed.wait(0.1)

    def lines_over(self, proxy: Socks5Proxy | HttpProxy) -> int:
        """How many accounts' connections the data centre sees come from that proxy."""
        seen = [c for c in self.datacentre.connections() if c.user_id is not None]
        return sum(proxy.carries(c.peer[1]) for c in seen)

    def state(self, number: int) -> State | None:
        userbot = self.registry.get(number)
        return userbot.status.state if userbot else None

    async def proxy_of(self, number: int) -> str:
        async with self.database.read() as tx:
            account = await accounts.get(tx, number)
        assert account is not None
        return account.proxy_name

    async def add(self, proxy: HttpProxy) -> int:
        async with self.database.transaction() as tx:
            number = await proxies.add(tx, Endpoint("http", proxy.host, proxy.port))
        assert number is not None
        return number


@pytest.fixture
async def fleet(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> AsyncIterator[Fleet]:
    old, new = Socks5Proxy(), HttpProxy()
    for proxy in (old, new):
        await proxy.start()
    target = DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)
    reach = Reach()
    checker = Checker(db, reach, target, random=Random(1), limit_s=seconds(1))  # noqa: S311 - jitter
    terms = Terms(
        database=db,
        limits=Limits(ping_every_s=0.2),
        schedule=Schedule.starting_with(0.05, 2),
        budget=Budget(per_second=1000, per_proxy=5),
        random=Random(1),  # noqa: S311 - jitter
        may_write=always,
        reach=reach,
        diagnose=checker.why,
    )
    async with asyncio.timeout(limit(60)), Nursery() as nursery:
        registry = Registry(terms, nursery, Owned(terms.database, "here"))
        orders = ProxyOrders(db, registry, checker)
        found = Fleet(db, datacentre, registry, orders, old, new)
        async with db.transaction() as tx:
            found.old_id = await proxies.add(tx, Endpoint("socks5", old.host, old.port)) or 0
        for person in (alice, bob):
            number = await ready_account(db, datacentre, world, person, found.old_id)
            found.numbers.append(number)
            await registry.adopt(number)
        await found.until_on(old, *found.numbers)
        yield found
    assert_no_hazards(datacentre)
    for proxy in (old, new):
        await proxy.stop()


async def test_a_new_address_is_tried_out_and_all_its_accounts_come_back_over_it(
    fleet: Fleet,
) -> None:
    line = f"{fleet.new.host}:{fleet.new.port}"
    outcome = await fleet.order("change", proxy=fleet.old_id, line=line)
    assert outcome == {"accounts": fleet.numbers}
    await fleet.until_on(fleet.new, *fleet.numbers)
    assert fleet.lines_over(fleet.old) == 0
    async with fleet.database.read() as tx:
        changed = await proxies.get(tx, fleet.old_id)
        (noted, *_) = await journal.latest(tx, kind="proxy.")
        assert len(await assignments.history(tx, fleet.numbers[0])) == 1, "it is the same proxy"
    assert changed is not None
    assert (changed.endpoint.scheme, changed.accounts) == ("http", 2)
    assert (noted.kind, noted.actor) == ("proxy.changed", "operator 7")


async def test_an_address_that_does_not_work_is_not_taken_but_by_force(fleet: Fleet) -> None:
    await fleet.new.faults.go_down()
    line = f"http://{fleet.new.host}:{fleet.new.port}"
    outcome = await fleet.order("change", proxy=fleet.old_id, line=line)
    assert outcome["error"] == "does_not_work"
    assert "refuses connections" in outcome["words"]
    assert fleet.lines_over(fleet.old) == 2, "nothing was changed"
    outcome = await fleet.order("change", proxy=fleet.old_id, line=line, force=True)
    assert outcome == {"accounts": fleet.numbers}


@pytest.mark.parametrize(
    ("line", "error"), [("nonsense", "bad_line"), ("http://10.0.0.1:1/x", "bad_line")]
)
async def test_a_line_that_names_no_proxy_is_told(fleet: Fleet, line: str, error: str) -> None:
    assert (await fleet.order("change", proxy=fleet.old_id, line=line))["error"] == error


async def test_an_address_of_another_entry_and_an_entry_that_is_gone_are_told(
    fleet: Fleet,
) -> None:
    await fleet.add(fleet.new)
    line = f"http://{fleet.new.host}:{fleet.new.port}"
    taken = await fleet.order("change", proxy=fleet.old_id, line=line)
    assert taken == {"error": "known_already"}
    other = f"socks5://me:secret@{fleet.old.host}:{fleet.old.port}"
    gone = await fleet.order("change", proxy=4711, line=other)
    assert gone == {"error": "unknown_proxy"}


@pytest.mark.req("S0.1")
async def test_only_the_account_that_is_moved_goes_over_another_proxy(fleet: Fleet) -> None:
    alice, bob = fleet.numbers
    new_id = await fleet.add(fleet.new)
    assert await fleet.order("move", accounts=[alice], to=new_id) == {"accounts": [alice]}
    await fleet.until_on(fleet.new, alice)
    assert fleet.lines_over(fleet.old) == 1
    assert await fleet.proxy_of(bob) == f"{fleet.old.host}:{fleet.old.port}"
    async with fleet.database.read() as tx:
        first, last = await assignments.history(tx, alice)
    assert (first.proxy_id, last.proxy_id, last.actor) == (fleet.old_id, new_id, "operator 7")


async def test_all_accounts_of_a_proxy_move_to_the_others_or_none_does(fleet: Fleet) -> None:
    assert await fleet.order("move", accounts=fleet.numbers) == {"error": "no_proxy"}
    assert fleet.lines_over(fleet.old) == 2
    await fleet.add(fleet.new)
    assert await fleet.order("move", accounts=fleet.numbers) == {"accounts": fleet.numbers}
    await fleet.until_on(fleet.new, *fleet.numbers)
    assert fleet.lines_over(fleet.old) == 0


async def test_an_account_is_declared_failed_with_what_is_wrong_with_its_proxy(
    fleet: Fleet,
) -> None:
    alice, bob = fleet.numbers
    fleet.old.faults.reject_login()
    fleet.old.cut()
    userbot = fleet.registry.get(alice)
    assert userbot is not None
    with fleet.database.wakeups.subscribe(accounts.CHANGED) as changed:
        while userbot.status.state is not State.FAILED:
            await changed.wait(0.1)
    assert userbot.status.reason == "the proxy rejected the user name or the password"
    assert fleet.state(bob) is not State.NEEDS_LOGIN


async def test_the_exit_country_is_seen_after_a_connect(
    fleet: Fleet, datacentre: DataCentre
) -> None:
    async with fleet.database.read() as tx:
        found = await proxies.get(tx, fleet.old_id)
    with fleet.database.wakeups.subscribe(proxies.CHANGED) as changed:
        while found is not None and found.exit_country is None:
            await changed.wait(0.2)
            async with fleet.database.read() as tx:
                found = await proxies.get(tx, fleet.old_id)
    assert found is not None
    assert found.exit_country == datacentre.country.lower()


async def test_a_check_is_ordered_for_some_or_all(fleet: Fleet) -> None:
    new_id = await fleet.add(fleet.new)
    assert await fleet.order("check", proxies=[new_id]) == {"checked": 1, "failed": 0}
    await fleet.new.faults.go_down()
    assert await fleet.order("check") == {"checked": 2, "failed": 1}


async def test_what_goes_over_a_proxy_is_counted_with_each_beat(fleet: Fleet) -> None:
    heartbeat = Heartbeat(fleet.database, fleet.registry, Monitor(fleet.database, fleet.registry))
    await heartbeat.beat()
    await fleet.database.writer.flush()
    async with fleet.database.read() as tx:
        found = await proxies.get(tx, fleet.old_id)
    assert found is not None
    assert found.bytes_up > 500
    assert found.bytes_down > 500
    again = sum(t.bytes_up for t in fleet.registry.take_traffic())
    assert again < found.bytes_up, "it was taken"


@pytest.mark.req("S0.1")
async def test_an_account_that_has_no_proxy_connects_only_where_an_operator_said_so(
    fleet: Fleet,
) -> None:
    alice, _ = fleet.numbers
    userbot = fleet.registry.get(alice)
    assert userbot is not None
    async with fleet.database.transaction() as tx:
        await tx.execute(
            update(accounts_table).where(accounts_table.c.id == alice).values(proxy_id=None)
        )
    assert userbot.force()
    with fleet.database.wakeups.subscribe(accounts.CHANGED) as changed:
        while fleet.state(alice) is not State.FAILED:
            await changed.wait(0.1)
        assert userbot.status.reason == "the account has no proxy"
        assert fleet.lines_over(fleet.old) == 1, "Bob's"
        async with fleet.database.transaction() as tx:
            await assignments.allow_none(tx, alice)
        assert userbot.force()
        while fleet.state(alice) is not State.ONLINE:
            await changed.wait(0.1)
    assert fleet.lines_over(fleet.old) == 1
