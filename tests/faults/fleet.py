"""Accounts under their supervisors, an outbox, one proxy, and a data centre to break."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world.people import User
from storage import accounts, deliveries, floods, journal, proxies, sessions
from storage.accounts import Desired
from storage.database import Database, utc_now
from storage.delivery import Delivery, DeliveryState
from storage.journal import Entry
from storage.proxies import Endpoint
from storage.sessions import SessionStatus, StoredSession
from tests.network.conftest import enrol
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.line import Line
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Patience, Schedule
from userbot.sending.outbox import Outbox
from userbot.states import State
from userbot.terms import Terms
from userbot.userbot import Userbot

LIMIT_S = limit(20)
FALLBACK_AFTER_S = seconds(0.6)
LIMITS = Limits(
    ping_every_s=0.3,
    ping_answer_s=seconds(0.4),
    ping_retry_s=seconds(0.2),
    check_every_s=seconds(0.8),
)
# A fault of Telegram's own takes Telethon 2 s to tell: the limit of a request lies above that.
PATIENCE = Patience((seconds(2.5), seconds(4), seconds(6)), (seconds(3), seconds(5)))
USERNAME, PASSWORD = "mooring", "right"


class Clock:
    """The time as storage and userbots see it: the real one, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, pause: timedelta) -> None:
        self.ahead += max(pause, timedelta())


@dataclass
class Member:
    """One account, and who it is at Telegram."""

    number: int
    person: User
    stored: StoredSession


@dataclass
class Fleet:
    """What a fault is set on, and what is asked of it after."""

    database: Database
    datacentre: DataCentre
    proxies: Sequence[Socks5Proxy]
    clock: Clock
    receiver: User
    members: Sequence[Member]
    registry: Registry
    outbox: Outbox
    nursery: Nursery = field(repr=False)

    @property
    def first(self) -> Member:
        """Whom a fault concerns that is one account's own."""
        return self.members[0]

    @property
    def proxy(self) -> Socks5Proxy:
        return self.proxies[0]

    def userbot(self, member: Member) -> Userbot:
        found = self.registry.get(member.number)
        assert found is not None
        return found

    async def start(self) -> None:
        """Start every account, as a process does."""
        assert await self.registry.start_all()
        self.nursery.start(self.outbox.run(), name="outbox")

    async def until(
        self, is_so: Callable[[], bool], what: str, *, limit_s: float = LIMIT_S
    ) -> None:
        """Wait for something that is in memory before it is in a row."""
        try:
            async with asyncio.timeout(limit_s):
                while not is_so():  # noqa: ASYNC110 - see above
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"{what} did not come about: {self.states()}") from None

    async def until_state(self, state: State, *members: Member, limit_s: float = LIMIT_S) -> None:
        bots = [self.userbot(member) for member in members]
        await self.until(
            lambda: all(bot.status.state is state for bot in bots), f"{state}", limit_s=limit_s
        )

    async def until_answered(self, member: Member, times: int) -> Line:
        """Wait until a line has proven itself so often; it is the same line all the while."""
        line = self.userbot(member).line
        assert line is not None
        for _ in range(times):
            seen = line.last_answer_at
            await self.until(
                lambda seen=seen: line.last_answer_at != seen,  # type: ignore[misc]
                "an answer",
            )
        assert self.userbot(member).line is line
        return line

    async def until_no_wait(self, member: Member) -> None:
        """Wait until Telegram lets the account do everything again."""
        async with asyncio.timeout(LIMIT_S):
            while await self._waits(member):  # noqa: ASYNC110 - time passes, nothing tells
                await asyncio.sleep(0.05)

    async def _waits(self, member: Member) -> bool:
        async with self.database.read() as tx:
            return await floods.is_any_active(tx, member.number)

    def states(self) -> list[str]:
        return [f"{bot.status.state} {bot.status.reason}" for bot in self.registry]

    async def approve(self, member: Member, text: str, *, to: User | None = None) -> int:
        """An operator's word: send this to the receiver, or to somebody else."""
        target = f"@{(to or self.receiver).username}"
        async with self.database.transaction() as tx:
            number = await deliveries.draft(tx, account_id=member.number, target=target, text=text)
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
            )
        return number

    async def delivery(self, number: int) -> Delivery:
        async with self.database.read() as tx:
            found = await deliveries.get(tx, number)
        assert found is not None
        return found

    async def until_delivered(self, number: int, state: DeliveryState) -> Delivery:
        """Wait until a delivery is there; the pauses before its repeats pass at once."""
        with self.database.wakeups.subscribe(deliveries.CHANGED) as changed:
            try:
                async with asyncio.timeout(LIMIT_S):
                    while (found := await self.delivery(number)).state is not state:
                        await self.hurry(found)
                        await changed.wait(0.1)
            except TimeoutError:
                found = await self.delivery(number)
                raise AssertionError(
                    f"not {state}, but {found.state} {found.error!r}: {self.states()}"
                ) from None
        return found

    async def hurry(self, delivery: Delivery) -> None:
        """Let the pause before its repeat pass at once."""
        if delivery.not_before is not None:
            self.clock.forward(delivery.not_before - self.clock())
        self.database.wakeups.wake(accounts.CHANGED)  # the outbox looks again at once

    async def story(self, member: Member) -> list[Entry]:
        """The journal of an account, oldest first."""
        await self.database.writer.flush()
        async with self.database.read() as tx:
            entries = await journal.latest(tx, account_id=member.number, limit=10_000)
        return entries[::-1]

    async def session(self, member: Member) -> StoredSession | None:
        async with self.database.read() as tx:
            return await sessions.load(tx, member.number, SessionStatus.CURRENT)

    def received(self, member: Member) -> list[str]:
        """What has come to the receiver from an account, in its order."""
        history = self.datacentre.world.messages.history(self.receiver.id, member.person.id)
        return [message.content.text for message in history]


async def enlist(
    database: Database, datacentre: DataCentre, person: User, proxy: Socks5Proxy
) -> Member:
    """A person's account, logged in and to be run behind that proxy, and only there."""
    endpoint = Endpoint("socks5", proxy.host, proxy.port, USERNAME, PASSWORD)
    async with database.transaction() as tx:
        proxy_id = await proxies.find(tx, endpoint) or await proxies.add(tx, endpoint)
        number = await accounts.add(
            tx,
            phone=f"+{person.phone}",
            identity=IDENTITY,
            proxy_id=proxy_id,
            state=State.STOPPED,
        )
        await accounts.set_desired(tx, number, Desired.RUN)
    key = datacentre.world.logins.ready_key(person.id).key
    await enrol(database, number, host=datacentre.host, port=datacentre.port, key=key)
    datacentre.hazards.only_through(person.id, proxy.carries)
    async with database.read() as tx:
        stored = await sessions.load(tx, number, SessionStatus.CURRENT)
    assert stored is not None
    return Member(number, person, stored)


@asynccontextmanager
async def fleet_of(
    count: int,
    database: Database,
    datacentre: DataCentre,
    clock: Clock,
    *,
    proxies_in_all: int = 1,
    limits: Limits = LIMITS,
) -> AsyncIterator[Fleet]:
    """So many accounts, spread over the proxies; none has been started yet."""
    people = datacentre.world.people
    receiver = people.create("Bob", phone="+15559999", username="bobby")
    terms = Terms(
        database=database,
        limits=limits,
        schedule=Schedule.starting_with(0.05, 10),
        patience=PATIENCE,
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=5),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with AsyncExitStack() as stack:
        found = [Socks5Proxy(username=USERNAME, password=PASSWORD) for _ in range(proxies_in_all)]
        for proxy in found:
            await proxy.start()
            stack.push_async_callback(proxy.stop)
        members = []
        for i in range(count):
            person = people.create(f"Alice {i}", phone=f"+1555{i:04}", username=f"alice{i}")
            proxy = found[i % proxies_in_all]
            members.append(await enlist(database, datacentre, person, proxy))
        nursery = await stack.enter_async_context(Nursery())
        registry = Registry(terms, nursery, Owned(terms.database, "here"))
        outbox = Outbox(database, registry, nursery, fallback_after_s=FALLBACK_AFTER_S)
        yield Fleet(
            database, datacentre, found, clock, receiver, members, registry, outbox, nursery
        )
