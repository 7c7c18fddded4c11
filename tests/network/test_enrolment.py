"""Logging in, against a data centre: what is kept when a login is cut short."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.logins import AuthKey as Key
from sandbox.world.people import User
from storage import accounts, assignments, floods, proxies, sessions
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import SessionStatus
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.budget import Budget
from userbot.enrolling import Enrolments
from userbot.enrolling.answering import SEND_CODE
from userbot.limits import Limits, always
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.orders import Orders
from userbot.owned import Owned
from userbot.registry import Elsewhere, Registry
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


@pytest.fixture
async def proxy(db: Database) -> AsyncIterator[Socks5Proxy]:
    found = Socks5Proxy()
    await found.start()
    async with db.transaction() as tx:
        await proxies.add(tx, Endpoint("socks5", found.host, found.port))
    yield found
    await found.stop()


@pytest.fixture
async def office(
    db: Database, datacentre: DataCentre, world: World, proxy: Socks5Proxy
) -> AsyncIterator[Office]:
    assert proxy.port
    limits = Limits(connect_s=seconds(10), request_s=seconds(10))
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


@pytest.mark.req("S0.1")
async def test_a_login_goes_through_the_accounts_proxy_and_its_line_comes_up_on_it(
    office: Office, alice: User, proxy: Socks5Proxy, datacentre: DataCentre
) -> None:
    begun = await office.begin(alice)
    assert (begun["step"], begun["via"], begun["length"]) == ("code", "app", 5)
    done = await office.enrolments.code(begun["account"], office.code(alice))
    assert (done["step"], done["name"]) == ("done", "Alice")
    await office.until_online(begun["account"])
    assert [dial.outcome for dial in proxy.dials] == ["connected"] * 2
    assert len(datacentre.connections()) == 1


async def test_a_password_is_asked_for_and_a_wrong_one_leaves_the_login_open(
    office: Office, bob: User
) -> None:
    begun = await office.begin(bob)
    number = begun["account"]
    wrong = str((int(office.code(bob)[0]) + 1) % 10) + office.code(bob)[1:]
    assert (await office.enrolments.code(number, wrong))["error"] == "code_invalid"
    asked = await office.enrolments.code(number, office.code(bob))
    assert asked["step"] == "password"
    assert (await office.enrolments.password(number, "wrong"))["error"] == "password_invalid"
    assert (await office.enrolments.password(number, "hunter2"))["step"] == "done"


async def test_the_key_is_stored_before_the_code_is_asked_for(
    office: Office, alice: User, world: World
) -> None:
    begun = await office.begin(alice)
    assert Key(await office.key(begun["account"])).id in world.logins.keys


async def test_a_cancelled_login_of_a_new_number_leaves_nothing(
    office: Office, alice: User, datacentre: DataCentre, db: Database
) -> None:
    begun = await office.begin(alice)
    cancelled = await office.enrolments.cancel(begun["account"])
    assert cancelled["forgotten"] is True
    async with db.read() as tx:
        assert await accounts.page(tx) == []
    while datacentre.connections():  # noqa: ASYNC110 - the sandbox has no event for it
        await asyncio.sleep(0)


async def test_a_login_that_is_begun_twice_uses_one_account_and_one_line(
    office: Office, alice: User, datacentre: DataCentre, db: Database
) -> None:
    one, two = await asyncio.gather(office.begin(alice), office.begin(alice))
    assert one["account"] == two["account"]
    async with db.read() as tx:
        assert len(await accounts.page(tx)) == 1
    while len(datacentre.connections()) > 1:  # noqa: ASYNC110 - the same
        await asyncio.sleep(0)
    done = await office.enrolments.code(one["account"], office.code(alice))
    assert done["step"] == "done"


async def test_an_interrupted_login_goes_on_with_its_key(office: Office, alice: User) -> None:
    begun = await office.begin(alice)
    key = await office.key(begun["account"])
    await office.enrolments.close()  # as a restart does
    refused = await office.enrolments.code(begun["account"], "12345")
    assert refused["error"] == "interrupted"
    assert (await office.begin(alice))["step"] == "code"
    assert await office.key(begun["account"]) == key


async def test_a_login_whose_key_telegram_has_forgotten_begins_with_a_new_one(
    office: Office, alice: User, datacentre: DataCentre
) -> None:
    """Telegram drops keys that nobody logged in with."""
    begun = await office.begin(alice)
    key = await office.key(begun["account"])
    await office.enrolments.close()
    datacentre.forget_key(Key(key).id)
    again = await office.begin(alice)
    assert again.get("step") == "code", again
    assert await office.key(begun["account"]) != key


async def test_without_a_proxy_nobody_dials(
    office: Office, alice: User, db: Database, datacentre: DataCentre
) -> None:
    async with db.transaction() as tx:
        number = await accounts.add(
            tx, phone=alice.phone or "", identity=IDENTITY, proxy_id=None, state=State.NEW
        )
    assert await office.begin(alice) == {"error": "no_proxy", "account": number}
    assert datacentre.connections() == []


async def test_an_account_that_may_run_without_a_proxy_logs_in_again_without_one(
    office: Office, alice: User, db: Database, proxy: Socks5Proxy
) -> None:
    """It must not be given one meanwhile either: an account has one place for life."""
    async with db.transaction() as tx:
        number = await accounts.add(
            tx, phone=alice.phone or "", identity=IDENTITY, proxy_id=None, state=State.NEEDS_LOGIN
        )
        await assignments.allow_none(tx, number)
    assert (await office.begin(alice))["account"] == number
    done = await office.enrolments.code(number, office.code(alice))
    assert done["step"] == "done"
    await office.until_online(number)
    assert proxy.dials == []
    async with db.read() as tx:
        assert await assignments.current(tx, number) is None


async def test_a_number_whose_first_dial_fails_is_not_bound_to_that_proxy(
    office: Office, alice: User, proxy: Socks5Proxy, db: Database
) -> None:
    await proxy.stop()
    begun = await office.begin(alice)
    assert begun["error"] == "no_connection"
    assert begun["account"] is None
    async with db.read() as tx:
        assert await accounts.page(tx) == []


async def test_a_number_without_an_account_is_forgotten(
    office: Office, world: World, db: Database
) -> None:
    begun = await office.enrolments.begin("+15559999", "operator 1")
    code = world.logins.code_of("15559999")
    assert code is not None
    assert (await office.enrolments.code(begun["account"], code.code))["error"] == "no_account"
    async with db.read() as tx:
        assert await accounts.page(tx) == []


async def test_a_flood_wait_holds_every_step_of_a_login_and_outlives_its_cancelling(
    office: Office, alice: User, db: Database, datacentre: DataCentre
) -> None:
    number = (await office.begin(alice))["account"]
    async with db.transaction() as tx:
        await floods.store(tx, number, SEND_CODE, tx.now + timedelta(hours=1))
    asked = datacentre.dispatcher.calls.total()
    for step in (
        office.enrolments.code(number, "12345"),
        office.enrolments.password(number, "secret"),
        office.enrolments.resend(number),
    ):
        refused = await step
        assert (refused["error"], refused["seconds"] > 3500) == ("flood", True)
    assert not (await office.enrolments.cancel(number))["forgotten"]
    again = await office.begin(alice)
    assert (again["error"], again["account"]) == ("flood", number)
    assert datacentre.dispatcher.calls.total() == asked


async def test_a_drain_gives_no_account_away_whose_login_is_being_dialled(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    """It is claimed before it has a line; another instance would dial with the same key."""
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            beginning = group.create_task(office.begin(alice))
            async with asyncio.timeout(limit(20)):
                while not proxy.dials:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
            (number,) = office.registry.owned
            share = office.share(is_draining=True)
            await share.look()
            assert share.drained.is_set()
            assert [*office.registry.owned] == [number]
            assert number in office.registry.owned.unheard
            beginning.cancel()


async def test_a_fair_share_gives_no_account_away_whose_login_is_being_dialled(
    office: Office, alice: User, proxy: Socks5Proxy
) -> None:
    share = office.share()
    with proxy.faults.freeze():
        async with asyncio.TaskGroup() as group:
            beginning = group.create_task(office.begin(alice))
            async with asyncio.timeout(limit(20)):
                while not proxy.dials:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
            (number,) = office.registry.owned
            await share._give(1)
            await share._adopt()
            assert [*office.registry.owned] == [number]
            assert len(office.registry) == 0
            beginning.cancel()


async def test_a_login_that_is_ordered_when_all_ends_is_left_to_others(
    office: Office, alice: User
) -> None:
    office.registry.close()
    with pytest.raises(Elsewhere):
        await office.begin(alice)
    assert len(office.registry.owned) == 0
