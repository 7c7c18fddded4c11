"""An account that sends: online over a proxy, with its outbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, attachments, commands, deliveries, proxies
from storage.accounts import Desired
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from storage.proxies import Endpoint
from tests.network.conftest import enrol
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Patience
from userbot.sending.orders import SentOrders
from userbot.sending.outbox import Outbox, nowhere
from userbot.sending.pace import Rates
from userbot.sending.repeats import Repeats
from userbot.states import Schedule, State
from userbot.terms import Terms
from userbot.userbot import Userbot

QUICK = Repeats(faults_s=[0.1] * 5, still_running_s=0.1)


@dataclass
class Sender:
    """Alice's account, online, and her outbox."""

    number: int
    userbot: Userbot
    database: Database
    orders: SentOrders
    registry: Registry
    outbox: Outbox

    async def send(
        self,
        target: str,
        text: str = "hello",
        *,
        files: Sequence[File] = (),
        approved_at: datetime | None = None,
        **more: Any,  # noqa: ANN401 - columns
    ) -> int:
        """An approved delivery; `more` as for `deliveries.draft`."""
        async with self.database.transaction() as tx:
            number = await deliveries.draft(
                tx, account_id=self.number, target=target, text=text, ordered_by=1, **more
            )
            await attachments.add(tx, number, files)
            at = approved_at or tx.now
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=at
            )
        return number

    async def found(self, number: int) -> Delivery:
        async with self.database.read() as tx:
            found = await deliveries.get(tx, number)
        assert found is not None
        return found

    async def until(self, number: int, *states: DeliveryState) -> Delivery:
        with self.database.wakeups.subscribe(deliveries.CHANGED) as changed:
            while (found := await self.found(number)).state not in states:
                await changed.wait(1)
        return found

    async def until_waiting(self, number: int, words: str) -> Delivery:
        """Wait until it says what it waits for."""
        with self.database.wakeups.subscribe(deliveries.CHANGED) as changed:
            while words not in (found := await self.found(number)).error:
                assert not found.state.is_final, found.error
                await changed.wait(1)
        return found

    async def until_state(self, state: State) -> None:
        with self.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while self.userbot.status.state is not state:
                await changed.wait(1)

    async def order(self, kind: str, **args: object) -> Outcome:
        """What an order about something sent is answered with."""
        command = commands.Command(1, kind, self.number, args, 1)
        return await self.orders.kinds[kind](command)


@asynccontextmanager
async def sending(
    db: Database,
    datacentre: DataCentre,
    world: World,
    person: User,
    *,
    rates: Rates | None = None,
    patience: Patience | None = None,
    repeats: Repeats | None = None,
) -> AsyncIterator[Sender]:
    async with (
        account_of(db, datacentre, world, person) as number,
        running(db, number, rates=rates, patience=patience, repeats=repeats) as found,
    ):
        yield found


@asynccontextmanager
async def account_of(
    db: Database, datacentre: DataCentre, world: World, person: User
) -> AsyncIterator[int]:
    """A person's account, logged in behind a proxy that runs; nothing sends for it yet."""
    proxy = Socks5Proxy()
    await proxy.start()
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, Endpoint("socks5", proxy.host, proxy.port))
        number = await accounts.add(
            tx, phone=f"+{person.phone}", identity=IDENTITY, proxy_id=proxy_id, state=State.STOPPED
        )
        await accounts.set_desired(tx, number, Desired.RUN)
    key = world.logins.ready_key(person.id).key
    await enrol(db, number, host=datacentre.host, port=datacentre.port, key=key)
    yield number
    await proxy.stop()


@asynccontextmanager
async def running(
    db: Database,
    number: int,
    *,
    rates: Rates | None = None,
    patience: Patience | None = None,
    repeats: Repeats | None = None,
    fallback_after_s: float = 0.3,
    reached: Callable[[str], None] = nowhere,
) -> AsyncIterator[Sender]:
    """What a process runs for the account: its line and its outbox."""
    terms = Terms(
        database=db,
        limits=Limits(),
        patience=patience or Patience(),
        schedule=Schedule.starting_with(0.05, 10),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with asyncio.timeout(limit(60)), Nursery() as nursery:
        registry = Registry(terms, nursery, Owned(terms.database, "here"))
        userbot = await registry.adopt(number)
        outbox = Outbox(
            db,
            registry,
            nursery,
            fallback_after_s=seconds(fallback_after_s),
            rates=rates,
            repeats=repeats,
            reached=reached,
        )
        nursery.start(outbox.run(), name="outbox")
        found = Sender(number, userbot, db, SentOrders(db, registry), registry, outbox)
        await found.until_state(State.ONLINE)
        yield found
