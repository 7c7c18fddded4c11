"""A fleet behind leased proxies: the fake provider, real lines, and the loop that looks after them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from sandbox.brightdata import BrightData as FakeBrightData
from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, assignments, journal, proxies, proxy_leases, traits
from storage.assignments import Assignment
from storage.database import Database
from storage.proxies import Proxy
from tests.faults.fleet import Clock
from tests.network.bright_data import SHORT, client_of, http_session
from tests.network.test_supervisor import ready_account
from tests.timing import seconds
from userbot.budget import Budget
from userbot.leasing.buying import Buyer, Wish
from userbot.leasing.leases import Leases, Policy
from userbot.leasing.rules import Mode
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.providers import fallbacks
from userbot.registry import Registry
from userbot.states import Schedule, State
from userbot.terms import Terms

NAME = "Bright Data"


@dataclass
class House:
    """One process that runs accounts behind leased proxies."""

    database: Database
    datacentre: DataCentre
    fake: FakeBrightData
    clock: Clock
    registry: Registry
    buyer: Buyer
    leases: Leases
    numbers: list[int] = field(default_factory=list)

    async def until_online(self, *numbers: int) -> None:
        wanted = numbers or tuple(self.numbers)
        with self.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while not all(self.is_online(n) for n in wanted):
                await changed.wait(0.1)

    def is_online(self, number: int) -> bool:
        userbot = self.registry.get(number)
        return userbot is not None and userbot.status.state is State.ONLINE

    async def proxy_of(self, number: int) -> Proxy:
        async with self.database.read() as tx:
            found = await proxies.get(tx, await assignments.current(tx, number) or 0)
        assert found is not None
        return found

    async def history(self, number: int) -> list[Assignment]:
        async with self.database.read() as tx:
            return await assignments.history(tx, number)

    async def noted(self, kind: str) -> int:
        async with self.database.read() as tx:
            return len(await journal.latest(tx, kind=kind, limit=100))

    async def owned(self) -> set[str]:
        """What we hold, as far as we know, by the provider's names."""
        async with self.database.read() as tx:
            return {p.lease.ref for p in await proxy_leases.leased(tx, self.provider) if p.lease}

    @property
    def provider(self) -> str:
        return self.buyer.providers[0].name

    def withdraw(self, proxy: Proxy) -> None:
        assert proxy.lease is not None
        self.fake.account.withdraw(proxy.lease.ref)


@dataclass
class Estate:
    """What outlives a process: the database, the provider, and who is behind which proxy."""

    database: Database
    datacentre: DataCentre
    world: World
    fake: FakeBrightData
    clock: Clock
    numbers: list[int] = field(default_factory=list)
    policy: Policy = field(default_factory=lambda: Policy(confirm_s=0))
    limit: Decimal | None = Decimal(100)
    call_s: float = seconds(1)
    """How long a call to the provider may take."""

    async def enrol(self, person: User, country: str, *, one_time_phone: bool = False) -> int:
        """An account behind a proxy that was bought for it in that country."""
        async with self.running() as house:
            proxy_id = await house.buyer.buy(Wish(country))
        number = await ready_account(self.database, self.datacentre, self.world, person, proxy_id)
        if not one_time_phone:
            async with self.database.transaction() as tx:
                await traits.set_one_time_phone(tx, number, one_time_phone=False)
        self.numbers.append(number)
        return number

    @asynccontextmanager
    async def running(self, *, mode: Mode | None = None) -> AsyncIterator[House]:
        """A process, from its start to its end; its accounts are adopted."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(http_session())
            client = client_of(self.fake, session, limits=replace(SHORT, call_s=self.call_s))
            nursery = await stack.enter_async_context(Nursery())
            terms = Terms(
                database=self.database,
                limits=Limits(),
                schedule=Schedule.starting_with(0.05, 100),
                budget=Budget(per_second=1000, per_proxy=5),
                random=Random(1),  # noqa: S311 - jitter
                may_write=always,
            )
            registry = Registry(terms, nursery, Owned(terms.database, "here"))
            buyer = Buyer(self.database, [client], limit=self.limit)
            policy = replace(self.policy, mode=mode) if mode else self.policy
            looked_after = Leases(self.database, registry, buyer, fallbacks.load(), policy)
            for number in self.numbers:
                await registry.adopt(number)
            yield House(
                self.database,
                self.datacentre,
                self.fake,
                self.clock,
                registry,
                buyer,
                looked_after,
                list(self.numbers),
            )


def sold_out(fake: FakeBrightData, countries: Sequence[str]) -> None:
    """The provider has no address left there."""
    for country in countries:
        fake.account.set_stock(country, 0)
