"""What logs accounts in: the parts of an instance that a test of logins needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, proxies, sessions
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import SessionStatus
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.enrolling import Enrolments
from userbot.limits import Limits, always
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.orders import Orders
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.sending.outbox import Outbox
from userbot.share import Share
from userbot.states import Schedule, State
from userbot.telegram import DcAddress
from userbot.terms import Terms


@dataclass
class Office:
    """The parts that log accounts in."""

    enrolments: Enrolments
    registry: Registry
    world: World
    database: Database

    async def begin(self, user: User) -> Outcome:
        return await self.enrolments.begin(user.phone or "", "operator 1")

    def share(self, *, is_draining: bool = False) -> Share:
        """What hands its accounts over; nothing sends, and no orders are carried out."""
        nursery = self.registry._nursery
        outbox = Outbox(self.database, self.registry, nursery, fallback_after_s=1)
        orders = Orders(self.database, self.registry, self.enrolments, nursery)
        return Share(
            self.database,
            self.registry,
            outbox,
            orders,
            self.enrolments,
            is_draining=lambda: is_draining,
        )

    def code(self, user: User) -> str:
        code = self.world.logins.code_of(user.phone or "")
        assert code is not None
        return code.code

    async def key(self, account_id: int) -> bytes:
        """The key of the login that is under way."""
        async with self.database.read() as tx:
            stored = await sessions.load(tx, account_id, SessionStatus.ENROLLING)
        assert stored is not None
        assert stored.auth_key is not None
        return stored.auth_key

    async def until_online(self, account_id: int) -> None:
        with self.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while True:
                async with self.database.read() as tx:
                    account = await accounts.get(tx, account_id)
                if account is not None and account.observed.state == State.ONLINE:
                    return
                await changed.wait(1)


@asynccontextmanager
async def office_behind(
    proxy: Socks5Proxy, db: Database, datacentre: DataCentre, world: World
) -> AsyncIterator[Office]:
    """Its first account gets that proxy, which is started and ended here."""
    await proxy.start()
    async with db.transaction() as tx:
        await proxies.add(tx, Endpoint("socks5", proxy.host, proxy.port))
    limits = Limits(connect_s=seconds(10), request_s=seconds(10), linger_s=seconds(2))
    terms = Terms(
        database=db,
        limits=limits,
        schedule=Schedule.starting_with(0.05, 10),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with asyncio.timeout(limit(60)), Nursery() as nursery:
        registry = Registry(terms, nursery, Owned(terms.database, "here"))
        enrolments = Enrolments(
            db,
            registry,
            nursery,
            identity=IDENTITY,
            start_at=DcAddress(datacentre.dc_id, datacentre.host, datacentre.port),
            limits=limits,
        )
        yield Office(enrolments, registry, world, db)
        await enrolments.close()
    await proxy.stop()
