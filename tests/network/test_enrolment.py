"""Logging in, against a data centre: what is kept when a login is cut short."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.logins import AuthKey as Key
from sandbox.world.people import User
from storage import accounts, assignments, floods, forgetting, sessions
from storage.accounts import Account, Desired
from storage.database import Database
from storage.sessions import SessionStatus
from tests.network.office import Office, office_behind
from tests.storage.fleet import IDENTITY
from userbot.enrolling.answering import SEND_CODE
from userbot.foreign import ForeignSession
from userbot.importing import take_over
from userbot.states import State


@pytest.fixture
def proxy() -> Socks5Proxy:
    return Socks5Proxy()


@pytest.fixture
async def office(
    db: Database, datacentre: DataCentre, world: World, proxy: Socks5Proxy
) -> AsyncIterator[Office]:
    async with office_behind(proxy, db, datacentre, world) as opened:
        yield opened


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


@pytest.mark.req("S0.2")
async def test_a_login_that_went_through_needs_no_other_whatever_ends_the_process_before_it_dials(
    office: Office, db: Database, alice: User
) -> None:
    begun = await office.begin(alice)
    number = begun["account"]
    owned = office.registry.owned
    with db.wakeups.subscribe(accounts.CHANGED) as changed:
        async with owned.lock:  # as while accounts change hands: nobody gets a userbot
            ending = asyncio.get_running_loop().create_task(
                office.enrolments.code(number, office.code(alice))
            )
            while (account := await stored(db, number)).desired is not Desired.RUN:
                await changed.wait(1)
            ending.cancel()
            await asyncio.wait([ending])
    assert account.observed.state == State.STOPPED
    assert (await office.registry.adopt(number)).status.state is not State.NEW
    await office.until_online(number)


@pytest.mark.req("S0.2")
async def test_an_import_keeps_the_key_of_a_login_that_may_have_gone_through(
    office: Office, db: Database, alice: User
) -> None:
    begun = await office.begin(alice)
    number, first = begun["account"], await office.key(begun["account"])
    async with db.transaction() as tx:
        await forgetting.forget(tx, number)
    other = ForeignSession(2, "127.0.0.1", 443, os.urandom(256))
    await take_over(
        db, other, phone=alice.phone or "", identity=IDENTITY, endpoint=None, is_only_copy=False
    )
    async with db.read() as tx:
        current = await sessions.load(tx, number, SessionStatus.CURRENT)
        replaced = await sessions.load(tx, number, SessionStatus.REPLACED)
    assert current is not None
    assert current.auth_key == other.auth_key
    assert replaced is not None
    assert replaced.auth_key == first


async def stored(db: Database, number: int) -> Account:
    async with db.read() as tx:
        account = await accounts.get(tx, number)
    assert account is not None
    return account
