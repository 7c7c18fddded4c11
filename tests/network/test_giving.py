"""Accounts that change hands: which lines Telegram may have open still, and what is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

import pytest
from sqlalchemy import update

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.people import User
from storage import assignments, proxies
from storage.database import Database
from storage.delivery import DeliveryState
from storage.proxies import Endpoint
from storage.schema import deliveries as rows
from tests.network.sending import account_of, running
from tests.network.test_supervisor import ready_account
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.errors import CallTimedOut
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Schedule
from userbot.sending.pace import Rates
from userbot.states import State
from userbot.terms import Terms
from userbot.userbot import Userbot

QUICK = Limits(
    ping_every_s=0.2,
    ping_answer_s=0.3,
    ping_retry_s=0.2,
    check_every_s=10_000,
    linger_s=seconds(2),
)


@dataclass
class House:
    """Alice's account under its supervisor, which dials once an hour where it fails."""

    number: int
    registry: Registry
    proxy: Socks5Proxy

    @property
    def userbot(self) -> Userbot:
        found = self.registry.get(self.number)
        assert found is not None
        return found

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(limit(20)):
            while not is_so():  # noqa: ASYNC110 - it is in memory before it is in a row
                await asyncio.sleep(0.005)

    async def lingers(self) -> bool:
        return await self.registry.unheard([self.number]) == {self.number}


@asynccontextmanager
async def housed(
    db: Database,
    datacentre: DataCentre,
    world: World,
    person: User,
    budget: Budget,
    *,
    is_direct: bool = False,
) -> AsyncIterator[House]:
    proxy = Socks5Proxy()
    await proxy.start()
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, Endpoint("socks5", proxy.host, proxy.port))
    number = await ready_account(
        db, datacentre, world, person, None if is_direct else proxy_id or 0
    )
    if is_direct:
        async with db.transaction() as tx:
            await assignments.allow_none(tx, number)
    terms = Terms(
        database=db,
        limits=QUICK,
        schedule=Schedule.starting_with(3600, 10),
        budget=budget,
        random=Random(1),  # noqa: S311 - jitter
        may_write=always,
    )
    async with Nursery() as nursery:
        registry = Registry(terms, nursery, Owned(db, "here"))
        await registry.adopt(number)
        yield House(number, registry, proxy)
    assert_no_hazards(datacentre)
    await proxy.stop()


@pytest.fixture
async def house(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[House]:
    budget = Budget(per_second=1000, per_proxy=5)
    async with housed(db, datacentre, world, alice, budget) as made:
        await made.until(lambda: made.userbot.line is not None)
        yield made


@pytest.mark.req("S1.8")
async def test_a_line_that_fell_silent_is_not_given_away_before_telegram_has_closed_it(
    house: House,
) -> None:
    """It is closed here, and nobody beyond the silence has heard of that."""
    assert not await house.lingers()
    await house.proxy.faults.refuse()
    with house.proxy.faults.freeze():
        await house.until(lambda: house.userbot.status.state is State.RETRYING)
        assert house.userbot.line is None
        assert await house.lingers()
        await house.registry.give([house.number])
        assert house.number in house.registry.owned
        await asyncio.sleep(QUICK.linger_s)
        await house.until(lambda: not house.userbot.is_dialling)
        assert not await house.lingers()
        await house.registry.give([house.number])
    assert house.number not in house.registry.owned


async def test_a_line_that_an_error_of_the_network_ended_is_not_given_away_either(
    house: House,
) -> None:
    await house.proxy.faults.refuse()
    house.proxy.cut(reset=True)
    await house.until(lambda: house.userbot.status.state is State.RETRYING)
    assert await house.lingers()


@pytest.mark.req("S1.8")
async def test_a_proxy_that_hung_up_says_nothing_of_telegrams_side(
    house: House, datacentre: DataCentre
) -> None:
    """Its own way to Telegram may have been cut: there the line is open until its timer ends."""
    await house.proxy.faults.refuse()
    with house.proxy.faults.freeze():
        for writer in tuple(house.proxy._writers):
            if writer.get_extra_info("sockname")[1] == house.proxy.port:
                writer.close()
        await house.until(lambda: house.userbot.status.state is State.RETRYING)
        assert len(datacentre.connections()) == 1
        await house.until(lambda: not house.userbot.is_dialling)
        assert await house.lingers()


async def test_a_line_on_which_telegram_hung_up_through_a_proxy_is_not_given_away(
    house: House, datacentre: DataCentre
) -> None:
    """It looks the same from here."""
    await house.proxy.faults.refuse()
    datacentre.cut()
    await house.until(lambda: house.userbot.status.state is State.RETRYING)
    await house.until(lambda: not house.userbot.is_dialling)
    assert await house.lingers()


async def test_a_direct_line_on_which_telegram_hung_up_is_free_to_give(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> None:
    budget = Budget(per_second=1000, per_proxy=5)
    async with housed(db, datacentre, world, alice, budget, is_direct=True) as house:
        await house.until(lambda: house.userbot.line is not None)
        datacentre.cut()
        await house.until(lambda: house.userbot.status.state is State.RETRYING)
        assert house.proxy.dials == []
        assert not await house.lingers()


async def test_a_line_that_answered_and_was_then_closed_by_an_order_is_free_to_give(
    house: House,
) -> None:
    house.userbot.stop()
    await house.until(lambda: house.userbot.status.state is State.STOPPED)
    assert not await house.lingers()


async def test_a_line_that_left_something_unanswered_is_not_given_away_when_it_is_closed(
    house: House,
) -> None:
    """An answer to something else just before is no word on now."""
    line = house.userbot.line
    assert line is not None
    await line.ping(limit(5))
    with house.proxy.faults.freeze():
        with pytest.raises(CallTimedOut):
            await line.ping(0.05)
        house.userbot.stop()
        await house.until(lambda: house.userbot.status.state is State.STOPPED)
    assert await house.lingers()


class LastTurn(Budget):
    """All ends at the moment at which somebody has its turn."""

    @asynccontextmanager
    async def turn(self, proxy_id: int) -> AsyncIterator[None]:
        async with super().turn(proxy_id):
            self.close()
            yield


async def test_one_that_has_its_turn_when_all_ends_dials_no_more(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> None:
    """Whoever was asked for its lines just before has not named this one."""
    budget = LastTurn(per_second=1000, per_proxy=5)
    async with housed(db, datacentre, world, alice, budget) as house:
        await house.until(lambda: house.userbot.status.state is State.CONNECTING)
        await asyncio.sleep(0.2)
        assert house.proxy.dials == []


async def test_what_another_instance_sent_meanwhile_counts_when_an_account_is_back(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    """Two messages a minute: one from here, one from there; the third has to wait."""
    async with (
        account_of(db, datacentre, world, alice) as number,
        running(db, number, rates=Rates(per_minute=2)) as sender,
    ):
        here = sender.outbox
        await sender.until(await sender.send(f"@{bob.username}", "one"), DeliveryState.SENT)
        async with here.leaving([number], 5) as idle:
            assert idle == [number]
            await sender.registry.give(idle)
        there = await sender.send(f"@{bob.username}", "two")
        async with db.transaction() as tx:
            sent = {"state": DeliveryState.SENT, "handed_at": tx.now}
            await tx.execute(update(rows).where(rows.c.id == there).values(sent))
        await sender.registry.adopt(number)
        third = await sender.send(f"@{bob.username}", "three")
        await sender.until_waiting(third, "its own limit of 2 messages a minute")
