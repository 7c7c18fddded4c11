"""Purchases at the fake Bright Data: lost replies are settled, and nothing is bought twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from aiohttp import ClientSession

from sandbox.brightdata import BrightData as FakeBrightData
from tests.network.bright_data import SHORT, client_of, http_session, running_fake
from tests.timing import limit
from userbot.providers.bright_data import BrightData
from userbot.providers.bright_data_calls import Limits
from userbot.providers.errors import OutcomeUnknown, ProviderError
from userbot.providers.purchasing import (
    GRACE_S,
    START_S,
    Bought,
    NotBought,
    Purchase,
    State,
    settle,
)


@pytest.fixture
async def fake() -> AsyncIterator[FakeBrightData]:
    async with running_fake() as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with http_session() as made:
        yield made


@pytest.fixture
def client(fake: FakeBrightData, session: ClientSession) -> BrightData:
    return client_of(fake, session)


@pytest.mark.parametrize("kind", ["drop_reply", "server_error", "hang", "garble"])
async def test_a_lost_reply_is_settled_by_the_listing(
    fake: FakeBrightData, session: ClientSession, kind: str
) -> None:
    """One row, one request, one address: whether the purchase was made or not."""
    client = client_of(fake, session, limits=SHORT)
    await client.lease("be")
    for is_late in (True, False):
        before = await client.list()
        row = Purchase(1, "be", datetime.now(UTC), frozenset(each.id for each in before))
        getattr(fake.faults, kind)(method="POST", late=is_late, times=1)
        with pytest.raises(OutcomeUnknown):
            await client.lease("be")
        listed_at = row.requested_at + timedelta(seconds=GRACE_S)
        owned = {each.id for each in before}
        (verdict,) = settle([row], await client.list(), owned=owned, listed_at=listed_at)
        if is_late:
            assert isinstance(verdict, Bought)
            assert verdict.leased.id in fake.account.held
            assert verdict.leased.endpoint.username.endswith(f"-ip-{verdict.leased.id}")
        else:
            assert verdict == NotBought(1)
    assert len(fake.account.held) == 2
    assert fake.account.spent == 2 * fake.account.price


class Books:
    """The rows of purchases as a repository would keep them; time goes by at will."""

    def __init__(self, client: BrightData) -> None:
        self._client = client
        self.now = datetime(2026, 5, 4, tzinfo=UTC)
        self.rows: list[Purchase] = []
        self.ids: dict[int, str] = {}

    async def buy(self, country: str) -> None:
        """One row and one request; what comes of it is written down, or never heard of."""
        held = frozenset(each.id for each in await self._client.list())
        row = Purchase(len(self.rows), country, self.now, held)
        self.rows.append(row)
        try:
            leased = await self._client.lease(country)
        except OutcomeUnknown:
            return
        except ProviderError:
            self._write(row.id, State.REFUSED)
        else:
            self._bought(row.id, leased.id)

    async def settle(self) -> None:
        listed_at, held = self.now, await self._client.list()
        owned = set(self.ids.values())
        for verdict in settle(self.rows, held, owned=owned, listed_at=listed_at):
            if isinstance(verdict, Bought):
                self._bought(verdict.id, verdict.leased.id)
            elif isinstance(verdict, NotBought):
                self._write(verdict.id, State.ABANDONED)

    def _bought(self, number: int, leased_id: str) -> None:
        assert leased_id not in self.ids.values()
        self.ids[number] = leased_id
        self._write(number, State.BOUGHT)

    def _write(self, number: int, state: State) -> None:
        self.rows[number] = replace(self.rows[number], state=state)


@pytest.mark.parametrize("seed", range(5))
async def test_after_any_mishaps_the_money_that_is_spent_is_the_addresses_that_are_held(
    fake: FakeBrightData, client: BrightData, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable choice
    books = Books(client)
    fake.account.set_stock("fr", 2)
    mishaps: list[Callable[[], object]] = [
        lambda: fake.faults.drop_reply(method="POST", late=random.random() < 0.5, times=1),
        lambda: fake.faults.server_error(method="POST", late=random.random() < 0.5, times=1),
        lambda: fake.faults.garble(method="POST", late=random.random() < 0.5, times=1),
        lambda: fake.faults.throttle(method="POST", times=1),
        lambda: None,
    ]
    for _ in range(25):
        random.choice(mishaps)()
        await books.buy(random.choice(["be", "fr"]))
        books.now += timedelta(seconds=random.choice([1, GRACE_S]))
        if random.random() < 0.5:
            await books.settle()
    books.now += timedelta(seconds=GRACE_S)
    await books.settle()
    assert sorted(books.ids.values()) == sorted(fake.account.held)
    assert fake.account.spent == len(books.ids) * fake.account.price
    assert {row.state for row in books.rows} == {State.BOUGHT, State.REFUSED, State.ABANDONED}


async def test_a_cancelled_purchase_is_not_repeated(
    fake: FakeBrightData, client: BrightData
) -> None:
    hang = fake.faults.hang(method="POST", late=True)
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        task = group.create_task(client.lease("be"), name="lease")
        await hang.has_struck()
        task.cancel()
    assert task.cancelled()
    assert fake.requests == ["POST /zone/ips"]
    assert len(fake.account.held) == 1


def test_a_call_ends_before_its_purchase_is_settled() -> None:
    """Even one that is made twice, because the key was rejected first."""
    assert START_S + 2 * Limits().call_s < GRACE_S
