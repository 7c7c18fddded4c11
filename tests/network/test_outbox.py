"""Sending as an account whose session ends under it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, deliveries, proxies
from storage.accounts import Desired
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from storage.proxies import Endpoint
from tests.network.conftest import enrol
from tests.storage.fleet import IDENTITY
from tests.timing import seconds
from userbot.budget import Budget
from userbot.line import Limits, always
from userbot.nursery import Nursery
from userbot.outbox import Outbox
from userbot.registry import Registry
from userbot.states import Schedule, State
from userbot.userbot import Terms, Userbot


@dataclass
class Sender:
    """Alice's account, online, and her outbox."""

    number: int
    userbot: Userbot
    database: Database

    async def send(self, target: str, text: str = "hello") -> int:
        async with self.database.transaction() as tx:
            number = await deliveries.draft(
                tx, account_id=self.number, target=target, text=text, ordered_by=1
            )
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
            )
        return number

    async def until(self, number: int, *states: DeliveryState) -> Delivery:
        with self.database.wakeups.subscribe(deliveries.CHANGED) as changed:
            while True:
                async with self.database.read() as tx:
                    found = await deliveries.get(tx, number)
                assert found is not None
                if found.state in states:
                    return found
                await changed.wait(1)

    async def until_state(self, state: State) -> None:
        with self.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while self.userbot.status.state is not state:
                await changed.wait(1)


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    proxy = Socks5Proxy()
    await proxy.start()
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, Endpoint("socks5", proxy.host, proxy.port))
        number = await accounts.add(
            tx, phone="+15550001", identity=IDENTITY, proxy_id=proxy_id, state=State.STOPPED
        )
        await accounts.set_desired(tx, number, Desired.RUN)
    key = world.logins.ready_key(alice.id).key
    await enrol(db, number, host=datacentre.host, port=datacentre.port, key=key)
    terms = Terms(
        database=db,
        limits=Limits(),
        schedule=Schedule.starting_with(0.05, 10),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with asyncio.timeout(seconds(60)), Nursery() as nursery:
        registry = Registry(terms, nursery, "here")
        userbot = await registry.adopt(number)
        outbox = Outbox(db, registry, nursery, fallback_after_s=seconds(0.3))
        nursery.start(outbox.run(), name="outbox")
        found = Sender(number, userbot, db)
        await found.until_state(State.ONLINE)
        yield found
    await proxy.stop()


@pytest.mark.req("S2.7")
async def test_a_message_is_sent_once_and_its_target_is_kept(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    delivery = await sender.until(await sender.send("@bobby"), DeliveryState.SENT)
    assert delivery.peer is not None
    assert delivery.peer.id == bob.id
    assert delivery.attempts == 1
    assert delivery.message_id is not None
    assert world.messages.get(alice.id, delivery.message_id) is not None


@pytest.mark.req("C3", "S3.5")
@pytest.mark.parametrize(
    "target",
    [
        "@bobby",
        "me",
    ],
)
async def test_a_session_that_ends_under_a_send_parks_the_account_and_the_bot_takes_over(
    target: str, sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    """Whether the end shows when the name is looked up or when the message is sent."""
    assert bob.username == "bobby"
    datacentre.revoke(alice.id)
    delivery = await sender.until(
        await sender.send(target), DeliveryState.BOT_PENDING, DeliveryState.FAILED
    )
    assert delivery.state is DeliveryState.BOT_PENDING, delivery.error
    await sender.until_state(State.NEEDS_LOGIN)


@pytest.mark.req("S2.7")
@pytest.mark.parametrize("code", [429, 404, 444])
async def test_a_line_that_ends_under_a_look_up_costs_no_message(
    code: int, sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    """An error of the transport fails what is under way with itself, not as a lost connection."""
    assert bob.username == "bobby"
    datacentre.faults.transport_error(code, times=1, user_id=alice.id)
    delivery = await sender.until(
        await sender.send("@bobby"),
        DeliveryState.SENT,
        DeliveryState.BOT_PENDING,
        DeliveryState.FAILED,
    )
    assert delivery.state is not DeliveryState.FAILED, delivery.error


async def test_a_look_up_whose_answer_is_not_understood_is_repeated(
    sender: Sender, bob: User, datacentre: DataCentre, alice: User
) -> None:
    assert bob.username == "bobby"
    datacentre.faults.garble("contacts.resolveUsername", times=1, user_id=alice.id)
    number = await sender.send("@bobby")
    while not (delivery := await sender.until(number, *DeliveryState)).faults:
        assert delivery.state is DeliveryState.PENDING, delivery.error
        await asyncio.sleep(0.02)
    assert delivery.state is DeliveryState.PENDING
    assert delivery.not_before is not None
