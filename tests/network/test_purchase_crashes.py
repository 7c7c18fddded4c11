"""Random lives of a Mooring that buys: lost replies, crashes, time; the books are right at the end.

`MOORING_LIVES=300 MOORING_SEED=1 pytest tests/network/test_purchase_crashes.py` lives more of them;
a life is its seed, which stands in the test's name.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from storage import accounts, forgetting, proxy_leases, purchases, traits
from storage.accounts import Desired
from storage.database import Database
from storage.purchases import Purchase, PurchaseState
from tests.faults.fleet import Clock
from tests.network.bright_data import running_fake
from tests.network.leasing import Estate, House
from tests.storage.fleet import IDENTITY
from tests.storage.interrupts import interrupt
from tests.timing import limit, seconds
from userbot.leasing.buying import NotAllowed, Wish
from userbot.providers.errors import ProviderError
from userbot.providers.purchasing import GRACE_S
from userbot.states import State

LIVES = int(os.environ.get("MOORING_LIVES", "6"))
SEED = int(os.environ.get("MOORING_SEED", "1"))
PROCESSES = 8
AWAITS = 400
"""A look at the provider has about half as many: one in two crashes within it."""
COUNTRIES = ("be", "nl")
ELSEWHERE = "fr"
PAUSES_S = (1, 40, GRACE_S, 3700)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return Clock()


@pytest.fixture
async def estate(
    db: Database, datacentre: DataCentre, world: World, clock: Clock
) -> AsyncIterator[Estate]:
    async with asyncio.timeout(limit(100)), running_fake() as fake:
        yield Estate(db, datacentre, world, fake, clock, call_s=seconds(20))


class Life:
    """Accounts that need proxies, and everything that goes wrong while they are bought."""

    def __init__(self, estate: Estate, seed: int) -> None:
        self.estate = estate
        self.random = Random(seed)  # noqa: S311 - a repeatable choice
        self.account = estate.fake.account
        self.numbers: list[int] = []
        self.orders = 0
        """Purchases that an operator asked for; each may be made once."""
        self.needs = 0
        """Proxies that were taken away from accounts; each is bought anew at most once."""

    async def begin(self) -> None:
        """Four accounts behind three proxies."""
        bought = []
        async with self.estate.running() as house:
            for country in ("be", "be", "nl"):
                bought.append(await house.buyer.buy(Wish(country)))
                self.orders += 1
        async with self.estate.database.transaction() as tx:
            for position, proxy_id in enumerate([*bought, bought[0]]):
                number = await accounts.add(
                    tx,
                    phone=f"+1555{position:07}",
                    identity=IDENTITY,
                    proxy_id=proxy_id,
                    state=State.STOPPED,
                )
                await accounts.set_desired(tx, number, Desired.RUN)
                await traits.set_one_time_phone(tx, number, one_time_phone=False)
                self.numbers.append(number)

    async def go_on(self) -> None:
        """One process, until it crashes or has done its work; and what happens meanwhile."""
        if self.random.random() < 0.7:
            await self.lose_one()
        if self.random.random() < 0.1:
            await self.forget_one()
        self.break_something()
        self.estate.call_s = seconds(0.3)
        async with self.estate.running() as house:
            await interrupt(self.work(house), self.random.randint(1, AWAITS))
        if self.random.random() < 0.3:
            newest = list(self.account.held)[-1]
            self.account.listed_as[newest] = ELSEWHERE
        self.estate.clock.forward(timedelta(seconds=self.random.choice(PAUSES_S)))

    async def work(self, house: House) -> None:
        """What a process does: look at the provider, and what operators order at the same time."""
        if self.random.random() < 0.3:
            self.orders += 1
            with suppress(ProviderError, NotAllowed):
                await house.buyer.buy(Wish(self.random.choice(COUNTRIES)))
        async with asyncio.TaskGroup() as at_once:
            at_once.create_task(house.leases.look(), name="look")
            if self.random.random() < 0.5:
                at_once.create_task(self.replace(house), name="order")

    async def replace(self, house: House) -> None:
        """An operator has every lost proxy replaced, whatever the loop does about it."""
        async with self.estate.database.read() as tx:
            lost = await proxy_leases.lost(tx)
        for proxy in lost:
            await house.leases.replace(proxy, country=proxy.country, actor="operator 7")

    async def lose_one(self) -> None:
        """The provider takes away what an account has, but never the last: that means nothing."""
        async with self.estate.database.read() as tx:
            held = [
                p for p in await proxy_leases.leased(tx, "Bright Data") if p.accounts and p.lease
            ]
        ids = [p.lease.ref for p in held if p.lease and p.lease.ref in self.account.held]
        if len(self.account.held) > 1 and ids:
            self.account.withdraw(self.random.choice(ids))
            self.needs += 1

    async def forget_one(self) -> None:
        if len(self.numbers) > 1:
            number = self.numbers.pop(self.random.randrange(len(self.numbers)))
            async with self.estate.database.transaction() as tx:
                await accounts.set_desired(tx, number, Desired.STOP)
                await forgetting.forget(tx, number)

    def break_something(self) -> None:
        faults, late = self.estate.fake.faults, self.random.random() < 0.6
        method = self.random.choice(["POST", "POST", "POST", "GET", "DELETE"])
        mishaps: list[Callable[[], object]] = [
            lambda: faults.drop_reply(method=method, late=late, times=1),
            lambda: faults.drop_reply(method="POST", late=True, times=1),
            lambda: faults.server_error(method=method, late=late, times=1),
            lambda: faults.garble(method=method, late=late, times=1),
            lambda: faults.hang(method=method, late=late, times=1),
            lambda: faults.throttle(method=method, times=1),
            lambda: None,
            lambda: None,
        ]
        self.random.choice(mishaps)()

    async def end_well(self) -> None:
        """All is mended, and there is time enough for every purchase to be settled."""
        for fault in self.estate.fake.faults.active():
            fault.lift()
        self.estate.call_s = seconds(20)
        for _ in range(5):
            self.estate.clock.forward(timedelta(seconds=3700))
            async with self.estate.running() as house:
                await house.leases.look()

    async def rows(self) -> list[Purchase]:
        async with self.estate.database.read() as tx:
            return await purchases.page(tx, since=tx.now - timedelta(days=30))


@pytest.mark.req("S1.7")
@pytest.mark.parametrize("seed", range(SEED, SEED + LIVES))
async def test_money_spent_is_proxies_held_whatever_crashes(estate: Estate, seed: int) -> None:
    life, price = Life(estate, seed), estate.fake.account.price
    await life.begin()
    for _ in range(PROCESSES):
        await life.go_on()
    await life.end_well()

    made = [entry.ip for entry in estate.fake.account.ledger if entry.act == "bought"]
    rows = await life.rows()
    kept = [row for row in rows if row.state is PurchaseState.BOUGHT]
    async with estate.running() as house:
        assert await house.owned() == set(estate.fake.account.held)
        had = [await house.proxy_of(number) for number in life.numbers]
    assert [row for row in rows if row.state is PurchaseState.OPEN] == []
    assert len({row.proxy_id for row in kept}) == len(kept) == len(made)
    assert sum(row.price_cents for row in kept) == estate.fake.account.spent * 100
    assert len(made) * price == estate.fake.account.spent
    assert len([row for row in kept if row.account_id is None]) <= life.orders
    assert len([row for row in kept if row.account_id is not None]) <= life.needs
    assert {p.lease.ref for p in had if p.lease} <= set(estate.fake.account.held)


@pytest.mark.req("S1.7")
async def test_what_the_loop_and_an_operator_want_replaced_at_once_is_bought_once(
    estate: Estate,
) -> None:
    life = Life(estate, 1)
    await life.begin()
    async with estate.running() as house:
        lost = await house.proxy_of(life.numbers[1])
        house.withdraw(lost)
        await house.leases.look()
        estate.fake.account.withdraw(list(estate.fake.account.held)[-1])
        async with asyncio.TaskGroup() as at_once:
            at_once.create_task(house.leases.look(), name="look")
            at_once.create_task(house.leases.look(), name="another")
    assert len([row for row in await life.rows() if row.account_id]) == 2


@pytest.mark.req("S1.7")
async def test_what_was_bought_unheard_is_found_even_where_the_listing_has_it_elsewhere(
    estate: Estate,
) -> None:
    life = Life(estate, 1)
    await life.begin()
    async with estate.running() as house:
        house.withdraw(await house.proxy_of(life.numbers[1]))
        estate.fake.faults.drop_reply(method="POST", late=True, times=1)
        await house.leases.look()
        estate.fake.account.listed_as[list(estate.fake.account.held)[-1]] = ELSEWHERE
        estate.clock.forward(timedelta(seconds=GRACE_S))
        await house.leases.look()
        assert (await house.proxy_of(life.numbers[1])).country == "be"
        assert await house.owned() == set(estate.fake.account.held)
    assert estate.fake.account.spent == 4 * estate.fake.account.price


@pytest.mark.req("S1.7")
async def test_accounts_that_lost_one_proxy_get_one_even_if_the_first_of_them_is_forgotten(
    estate: Estate,
) -> None:
    life = Life(estate, 1)
    await life.begin()
    first, last = life.numbers[0], life.numbers[-1]
    async with estate.running() as house:
        house.withdraw(await house.proxy_of(first))
        estate.fake.faults.drop_reply(method="POST", late=True, times=1)
        await house.leases.look()
        async with estate.database.transaction() as tx:
            await forgetting.forget(tx, first)
        await house.leases.look()
        estate.clock.forward(timedelta(seconds=GRACE_S))
        await house.leases.look()
        assert (await house.proxy_of(last)).lease is not None
        assert await house.owned() == set(estate.fake.account.held)
    assert estate.fake.account.spent == 4 * estate.fake.account.price
