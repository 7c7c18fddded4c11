"""One proxy for life: an account's proxy changes only by a move that somebody asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import accounts, assignments, dials, proxies
from storage.assignments import Found
from storage.database import Database
from storage.proxy import Endpoint
from storage.proxy_checks import Check
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account, add_proxy
from tests.storage.undo import undone

ACTS = ("add proxy", "remove proxy", "proxy fails", "proxy is well", "enrol", "move", "change")


@pytest.mark.req("S0.1")
async def test_an_account_gets_its_proxy_for_good_and_the_moment_is_kept(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
        number = await add_account(tx, proxy_id=proxy)
        (kept,) = await assignments.history(tx, number)

    assert (kept.proxy_id, kept.assigned_at, kept.ended_at) == (proxy, clock.now, None)
    assert kept.is_permanent
    assert (kept.reason, kept.is_fallback) == ("enrolment", False)


async def test_a_move_ends_one_assignment_and_begins_another_with_its_reason(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        old, new = await add_proxy(tx, 1), await add_proxy(tx, 2)
        number = await add_account(tx, proxy_id=old)
    began, ended = clock.now, clock.forward(60)
    async with db.transaction() as tx:
        found = Found(wanted_country="be", country="nl")
        assert await assignments.move(
            tx, number, new, reason="moved", actor="operator 7", found=found
        )
        first, last = await assignments.history(tx, number)
        assert await assignments.accounts_on(tx, old) == []
        assert await assignments.accounts_on(tx, new) == [number]

    assert (first.proxy_id, first.assigned_at, first.ended_at) == (old, began, ended)
    assert (last.proxy_id, last.assigned_at, last.ended_at) == (new, ended, None)
    assert (last.reason, last.actor) == ("moved", "operator 7")
    assert (last.wanted_country, last.country, last.is_fallback) == ("be", "nl", True)


async def test_a_move_to_where_an_account_is_already_changes_nothing(db: Database) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
        number = await add_account(tx, proxy_id=proxy)
        assert not await assignments.move(tx, number, proxy, reason="moved", actor="me")
        assert not await assignments.move(tx, 4711, proxy, reason="moved", actor="me")
        assert len(await assignments.history(tx, number)) == 1


async def test_only_where_an_operator_said_so_an_account_is_to_run_without_a_proxy(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        number = await add_account(tx)
        assert not (await dials.read(tx, number)).without_proxy
        await assignments.allow_none(tx, number)
        data = await dials.read(tx, number)
        assert (data.without_proxy, data.endpoint) == (True, None)
        await assignments.move(tx, number, await add_proxy(tx), reason="moved", actor="me")
        assert not (await dials.read(tx, number)).without_proxy


class Life:
    """A random life of proxies and accounts, and which account should have which proxy."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.proxies: list[int] = []
        self.expected: dict[int, int] = {}
        self.acts = {
            "add proxy": self.add_proxy,
            "enrol": self.enrol,
            "remove proxy": self.remove_proxy,
            "proxy fails": lambda n: self.check(n, "REFUSED"),
            "proxy is well": lambda n: self.check(n, ""),
            "change": self.change,
            "move": self.move,
        }

    async def add_proxy(self, _: int) -> None:
        self.proxies.append(await add_proxy(self.tx, len(self.proxies)))

    async def enrol(self, _: int) -> None:
        if free := await proxies.least_loaded(self.tx):
            number = await add_account(self.tx, len(self.expected), proxy_id=free.id)
            self.expected[number] = free.id

    async def remove_proxy(self, n: int) -> None:
        if self.proxies:
            await proxies.retire(self.tx, self.proxies[n % len(self.proxies)])

    async def check(self, n: int, fault: str) -> None:
        if self.proxies:
            checked = Check(self.proxies[n % len(self.proxies)], self.tx.now, fault)
            await Check.apply(self.tx, [checked])

    async def change(self, n: int) -> None:
        if self.proxies:
            endpoint = Endpoint("http", f"changed-{n}.test", 8080)
            await proxies.change(self.tx, self.proxies[n % len(self.proxies)], endpoint)

    async def move(self, n: int) -> None:
        if self.expected:
            number = list(self.expected)[n % len(self.expected)]
            self.expected[number] = self.proxies[n % len(self.proxies)]
            await assignments.move(
                self.tx, number, self.expected[number], reason="moved", actor="me"
            )


@pytest.mark.req("S0.1", "S0.3")
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), max_size=25))
async def test_whatever_happens_a_proxy_changes_only_by_a_move(
    db: Database, acts: list[tuple[str, int]]
) -> None:
    async with undone(db) as tx:
        life = Life(tx)
        for act, n in acts:
            await life.acts[act](n)
        assert {a.id: a.proxy_id for a in await accounts.page(tx)} == life.expected
        for account, proxy in life.expected.items():
            history = await assignments.history(tx, account)
            assert [a.proxy_id for a in history if a.ended_at is None] == [proxy]
