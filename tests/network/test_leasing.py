"""Leased proxies: reused, replaced by rule, bought once, given back (S1.5 to S1.7)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from storage import accounts, alerts, assignments, forgetting, proxies, purchases
from storage.accounts import Desired
from storage.database import Database
from storage.proxies import Proxy
from storage.purchases import PurchaseState
from tests.faults.fleet import Clock
from tests.network.bright_data import running_fake
from tests.network.leasing import Estate, sold_out
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit
from userbot.leasing.buying import NotAllowed, Wish
from userbot.leasing.leases import Policy
from userbot.leasing.rules import Mode
from userbot.providers.spending import May

CHAINS = [
    ("be", ["nl", "fr", "de", "gb", "us"]),
    ("bd", ["in", "sg", "my", "gb", "us"]),
    ("ng", ["za", "ke", "eg", "gb", "us"]),
]
"""The regional chains of S1.12."""


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return Clock()


@pytest.fixture
async def estate(
    db: Database, datacentre: DataCentre, world: World, clock: Clock
) -> AsyncIterator[Estate]:
    async with asyncio.timeout(limit(60)), running_fake() as fake:
        yield Estate(db, datacentre, world, fake, clock)
    assert_no_hazards(datacentre)


async def stored(estate: Estate, proxy_id: int) -> Proxy:
    async with estate.database.read() as tx:
        found = await proxies.get(tx, proxy_id)
    assert found is not None
    return found


async def told(estate: Estate) -> dict[str, str]:
    """The open alerts about no account, by kind."""
    async with estate.database.read() as tx:
        found = [alert.incident for alert in await alerts.unsettled(tx)]
    return {i.kind: i.cause for i in found if i.subject and i.closed_at is None}


@pytest.mark.req("S1.5", "S1.7")
async def test_after_a_start_what_the_provider_still_has_is_used_again(
    estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, "be")
    async with estate.running() as house:
        await house.until_online(number)
    before = (await house.proxy_of(number)).id
    async with estate.running() as house:
        await house.leases.look()
        await house.until_online(number)
        assert (await house.proxy_of(number)).id == before
        assert await house.noted("proxy.reactivated") == 1
    assert estate.fake.account.spent == estate.fake.account.price


@pytest.mark.req("S1.5")
async def test_what_the_provider_lost_is_replaced_in_the_same_country(
    estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, "be")
    async with estate.running() as house:
        await house.until_online(number)
        lost = await house.proxy_of(number)
        house.withdraw(lost)
        await house.leases.look()
        await house.until_online(number)
        found = await house.proxy_of(number)
        assert found.id != lost.id
        assert found.country == "be"
        first, last = await house.history(number)
        assert (first.ended_at is not None, last.wanted_country, last.is_fallback) == (
            True,
            "be",
            False,
        )
    assert await told(estate) == {}


@pytest.mark.req("S1.5", "S1.12")
@pytest.mark.parametrize(("country", "chain"), CHAINS)
async def test_where_the_country_is_sold_out_the_chain_is_walked(
    country: str, chain: list[str], estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, country)
    async with estate.running() as house:
        for gone, expected in zip([[country], *([c] for c in chain)], chain, strict=False):
            await house.until_online(number)
            sold_out(estate.fake, gone)
            house.withdraw(await house.proxy_of(number))
            await house.leases.look()
            assert (await house.proxy_of(number)).country == expected
        last = (await house.history(number))[-1]
        assert (last.wanted_country, last.country, last.is_fallback) == (country, "us", True)
        assert await house.noted("proxy.fallback_country") == len(chain)
        await house.until_online(number)


@pytest.mark.req("S1.5")
@pytest.mark.parametrize(
    ("mode", "phone", "words"),
    [
        (Mode.ASK, "any time", "you may take one in NL, FR, DE, GB, US"),
        (Mode.AUTO, "one time", "you may take one in NL, FR, DE, GB, US"),
        (Mode.NEVER, "any time", "there is none to be had in BE"),
    ],
)
async def test_another_country_is_asked_for_where_no_rule_allows_it(
    mode: Mode, phone: str, words: str, estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, "be", one_time_phone=phone == "one time")
    sold_out(estate.fake, ["be"])
    async with estate.running(mode=mode) as house:
        lost = await house.proxy_of(number)
        house.withdraw(lost)
        await house.leases.look()
        assert (await house.proxy_of(number)).id == lost.id
        cause = (await told(estate))["lease_lost"]
        assert words in cause
        assert "1 account waits for another one" in cause
        assert await house.leases.replace(lost, country="nl", actor="operator 7") == 1
        assert (await house.proxy_of(number)).country == "nl"
        assert (await house.history(number))[-1].actor == "operator 7"
        assert "lease_lost" not in await told(estate)
        await house.until_online(number)


@pytest.mark.req("S1.5")
async def test_a_proxy_that_only_fails_is_never_replaced(estate: Estate, alice: User) -> None:
    number = await estate.enrol(alice, "be")
    async with estate.running() as house:
        await house.until_online(number)
        before = await house.proxy_of(number)
        await estate.fake.proxy.faults.go_down()
        estate.fake.proxy.cut()
        await house.leases.look()
        assert (await house.proxy_of(number)).id == before.id
    assert estate.fake.account.spent == estate.fake.account.price


async def test_where_an_operator_moves_the_account_of_a_lost_proxy_nobody_waits_any_more(
    estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, "be")
    async with estate.running(mode=Mode.NEVER) as house:
        elsewhere = await house.buyer.buy(Wish("nl"))
        sold_out(estate.fake, ["be"])
        house.withdraw(await house.proxy_of(number))
        await house.leases.look()
        assert "lease_lost" in await told(estate)
        async with estate.database.transaction() as tx:
            await assignments.move(tx, number, elsewhere, reason="asked", actor="operator 7")
        await house.leases.look()
        assert await told(estate) == {}


async def test_a_spare_proxy_that_an_operator_removed_is_given_to_nobody(
    estate: Estate, alice: User
) -> None:
    number = await estate.enrol(alice, "be")
    async with estate.running() as house:
        removed = await house.buyer.buy(Wish("be"))
        async with estate.database.transaction() as tx:
            await proxies.retire(tx, removed)
        house.withdraw(await house.proxy_of(number))
        await house.leases.look()
        assert (await house.proxy_of(number)).id != removed


async def test_what_is_missing_from_one_list_only_is_not_lost(estate: Estate, alice: User) -> None:
    """Only the provider's word, and that twice, takes an account off its proxy."""
    number = await estate.enrol(alice, "be")
    estate.policy = Policy(confirm_s=1)
    async with estate.running() as house:
        proxy = await house.proxy_of(number)
        assert proxy.lease is not None
        held = dict(estate.fake.account.held)
        estate.fake.account.held.clear()
        estate.fake.requests.clear()

        async def correct_it() -> None:
            while "GET /zone/ips" not in estate.fake.requests:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
            estate.fake.account.held.update(held)

        await asyncio.gather(house.leases.look(), correct_it())
        assert (await house.proxy_of(number)).id == proxy.id
        assert await house.noted("proxy.lost") == 0


async def test_where_everything_vanishes_at_once_nothing_is_replaced(
    estate: Estate, alice: User, bob: User
) -> None:
    """A suspended account lists nothing; that says nothing of any one address."""
    numbers = await estate.enrol(alice, "be"), await estate.enrol(bob, "nl")
    async with estate.running() as house:
        before = [(await house.proxy_of(n)).id for n in numbers]
        held = dict(estate.fake.account.held)
        estate.fake.account.held.clear()
        await house.leases.look()
        assert "none of our 2" in (await told(estate))["provider"]
        assert [(await house.proxy_of(n)).id for n in numbers] == before
        assert await house.noted("proxy.lost") == 0
        estate.fake.account.held.update(held)
        await house.leases.look()
        assert await told(estate) == {}


@pytest.mark.req("S1.7")
async def test_without_a_limit_or_beyond_it_nothing_is_bought_and_the_chat_is_told(
    estate: Estate,
) -> None:
    estate.limit = None
    async with estate.running() as house:
        with pytest.raises(NotAllowed, match="no limit"):
            await house.buyer.buy(Wish("be"))
    estate.limit = Decimal("7.00")  # an address costs 3.00
    async with estate.running() as house:
        await house.buyer.buy(Wish("be"))
        assert await told(estate) == {}
        await house.buyer.buy(Wish("be"))
        assert "6.00 of 7.00" in (await told(estate))["spending"]
        with pytest.raises(NotAllowed) as refused:
            await house.buyer.buy(Wish("be"))
        assert refused.value.why is May.OVER_LIMIT
        assert "nothing is bought until tomorrow" in (await told(estate))["spending"]
        estate.clock.forward(timedelta(days=1))
        await house.leases.look()
        assert await told(estate) == {}
        await house.buyer.buy(Wish("be"))
    assert len(estate.fake.account.held) == 3


@pytest.mark.req("S1.7")
@pytest.mark.parametrize("what", ["the answer", "the request"])
async def test_a_lost_answer_to_a_purchase_is_settled_and_never_bought_twice(
    what: str, estate: Estate, alice: User
) -> None:
    is_late = what == "the answer"
    number = await estate.enrol(alice, "be")
    async with estate.running() as house:
        house.withdraw(await house.proxy_of(number))
        estate.fake.faults.drop_reply(method="POST", late=is_late, times=1)
        await house.leases.look()
        assert "being found out" in (await told(estate))["lease_lost"]
        await house.leases.look()
        assert len(estate.fake.account.held) == int(is_late), "the open row forbids another"
    estate.clock.forward(timedelta(minutes=5))
    async with estate.running() as house:  # as after a crash
        await house.leases.look()
        assert (await house.proxy_of(number)).country == "be"
        await house.until_online(number)
        assert await house.owned() == set(estate.fake.account.held)
    assert len(estate.fake.account.held) == 1
    async with estate.database.read() as tx:
        states = [p.state for p in await purchases.of_account(tx, number)]
    abandoned = [] if is_late else [PurchaseState.ABANDONED]
    assert states == [*abandoned, PurchaseState.BOUGHT]


@pytest.mark.req("S1.7")
async def test_a_proxy_is_given_back_an_hour_after_its_account_left_and_reused_before(
    estate: Estate, alice: User, bob: User
) -> None:
    number, other = await estate.enrol(alice, "be"), await estate.enrol(bob, "be")
    async with estate.running() as house:
        freed = await house.proxy_of(number)
        async with estate.database.transaction() as tx:
            await accounts.set_desired(tx, number, Desired.STOP)
        await house.leases.look()
        assert (await house.proxy_of(number)).lease == freed.lease, "stopped is not removed"
        async with estate.database.transaction() as tx:
            await forgetting.forget(tx, number)
        await house.leases.look()
        waiting = await stored(estate, freed.id)
        assert waiting.lease is not None
        assert waiting.lease.release_at is not None
        assert await house.noted("proxy.releasing") == 1
        estate.clock.forward(timedelta(minutes=59))
        await house.leases.look()
        assert len(estate.fake.account.held) == 2
        estate.clock.forward(timedelta(minutes=2))
        await house.leases.look()
        assert len(estate.fake.account.held) == 1
        assert await house.noted("proxy.released") == 1
        assert (await house.proxy_of(other)).lease is not None
