"""Logging in by a picture that a phone scans, against a data centre."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.server_key import ServerKey
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.logins import AuthKey as Key
from sandbox.world.people import User
from storage import accounts, forgetting, journal, proxies, sessions
from storage.accounts import Account
from storage.database import Database
from storage.sessions import SessionStatus
from tests.network.office import Office
from tests.network.test_enrolment import office, proxy
from tests.storage.fleet import IDENTITY
from tests.timing import limit
from userbot.client import LineClient
from userbot.login_answers import Outcome
from userbot.states import State

__all__ = ["office", "proxy"]
BY = "operator 1"


def token(outcome: Outcome) -> bytes:
    """What the picture of that outcome holds."""
    text = str(outcome["url"]).removeprefix("tg://login?token=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def shown(office: Office, account_id: int | None = None) -> Outcome:
    begun = await office.enrolments.pictures.begin(account_id, BY)
    assert begun.get("step") == "qr", begun
    return begun


async def after(office: Office, picture: Outcome) -> Outcome:
    async with asyncio.timeout(limit(20)):
        return await office.enrolments.pictures.next(picture["account"], picture["url"])


async def scanned(office: Office, picture: Outcome, user: User) -> Outcome:
    """What comes of it when that user's phone scans the picture."""
    office.world.logins.tokens.accept(token(picture), user.id)
    return await after(office, picture)


async def stored(db: Database, account_id: int) -> Account | None:
    async with db.read() as tx:
        return await accounts.get(tx, account_id)


async def until_gone(db: Database, account_id: int) -> None:
    with db.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(limit(20)):
            while await stored(db, account_id) is not None:
                await changed.wait(1)


@pytest.mark.req("S0.1")
async def test_who_scans_the_picture_is_enrolled_on_the_proxy_that_the_account_got_before(
    office: Office, alice: User, proxy: Socks5Proxy, db: Database
) -> None:
    picture = await shown(office)
    number = picture["account"]
    before = await stored(db, number)
    assert before
    assert (before.phone, before.observed.state) == ("", State.NEW)
    assert before.proxy_name == f"{proxy.host}:{proxy.port}"
    done = await scanned(office, picture, alice)
    assert done == {"step": "done", "account": number, "name": "Alice"}
    await office.until_online(number)
    account = await stored(db, number)
    assert account
    assert (account.phone, account.user_id) == ("+15550001", alice.id)
    assert [dial.outcome for dial in proxy.dials] == ["connected"] * 2


async def test_the_key_is_on_the_disk_before_the_picture_is_shown(
    office: Office, world: World
) -> None:
    picture = await shown(office)
    assert Key(await office.key(picture["account"])).id in world.logins.keys


async def test_a_password_is_asked_for_after_the_scan(office: Office, bob: User) -> None:
    picture = await shown(office)
    asked = await scanned(office, picture, bob)
    assert asked["step"] == "password"
    number = asked["account"]
    assert (await office.enrolments.password(number, "wrong"))["error"] == "password_invalid"
    assert (await office.enrolments.password(number, "hunter2"))["step"] == "done"
    await office.until_online(number)


async def test_a_picture_that_expires_is_replaced_and_the_new_one_can_be_scanned(
    office: Office, alice: User, world: World
) -> None:
    world.logins.tokens.lifetime = timedelta(seconds=1)
    first = await shown(office)
    world.logins.tokens.lifetime = timedelta(minutes=1)
    second = await after(office, first)
    assert (second["step"], second["account"]) == ("qr", first["account"])
    assert second["url"] != first["url"]
    assert (await scanned(office, second, alice))["step"] == "done"


async def test_a_second_press_shows_the_picture_that_is_there(office: Office) -> None:
    picture = await shown(office)
    assert await shown(office, picture["account"]) == picture


async def test_a_flood_wait_holds_the_next_picture(
    office: Office, world: World, datacentre: DataCentre
) -> None:
    world.logins.tokens.lifetime = timedelta(seconds=1)
    picture = await shown(office)
    with datacentre.faults.flood_wait("auth.exportLoginToken", 3600):
        for outcome in (
            await after(office, picture),
            await office.enrolments.pictures.begin(picture["account"], BY),
        ):
            assert (outcome["error"], outcome["account"]) == ("flood", picture["account"])


async def test_a_picture_that_is_shown_too_long_is_given_up_and_nothing_is_left(
    office: Office, world: World, db: Database, datacentre: DataCentre
) -> None:
    world.logins.tokens.lifetime = timedelta(seconds=1)
    office.enrolments.pictures._shown_for_s = 0
    picture = await shown(office)
    assert await after(office, picture) == {"error": "qr_timeout", "account": None}
    assert await stored(db, picture["account"]) is None
    while datacentre.connections():  # noqa: ASYNC110 - the sandbox has no event for it
        await asyncio.sleep(0)


async def test_what_is_left_is_forgotten_once_nobody_can_scan_it_any_more(
    office: Office, world: World, db: Database
) -> None:
    world.logins.tokens.lifetime = timedelta(seconds=1)
    picture = await shown(office)
    cancelled = await office.enrolments.cancel(picture["account"])
    assert cancelled["forgotten"] is True
    assert await stored(db, picture["account"]), "it can still be scanned"
    await until_gone(db, picture["account"])


async def test_a_picture_that_is_scanned_while_the_operator_leaves_is_not_lost(
    office: Office, alice: User, db: Database
) -> None:
    picture = await shown(office)
    await office.enrolments.cancel(picture["account"])
    assert (await scanned(office, picture, alice))["step"] == "done"
    account = await stored(db, picture["account"])
    assert account
    assert account.phone == "+15550001"


async def test_a_login_that_a_crash_cut_off_after_the_scan_comes_through(
    office: Office, alice: User, datacentre: DataCentre
) -> None:
    """The key is authorised at Telegram, and nobody was there to write that down."""
    picture = await shown(office)
    number = picture["account"]
    key = await office.key(number)
    datacentre.faults.drop_reply("auth.exportLoginToken", times=1)
    office.world.logins.tokens.accept(token(picture), alice.id)
    while datacentre.world.logins.keys[Key(key).id].user_id is None:  # noqa: ASYNC110 - the same
        await asyncio.sleep(0)
    await office.enrolments.close()  # as a crash does: nothing was written
    done = await office.enrolments.pictures.begin(number, BY)
    assert done == {"step": "done", "account": number, "name": "Alice"}
    async with office.database.read() as tx:
        current = await sessions.load(tx, number, SessionStatus.CURRENT)
    assert current
    assert current.auth_key == key


async def test_an_account_that_is_here_already_is_named_and_not_touched(
    office: Office, alice: User, db: Database, datacentre: DataCentre
) -> None:
    first = await scanned(office, await shown(office), alice)
    await office.until_online(first["account"])
    key = await _current(db, first["account"])
    picture = await shown(office)
    twice = await scanned(office, picture, alice)
    spare = picture["account"]
    assert twice == {"error": "same_user", "account": first["account"], "spare": spare}
    assert await _current(db, first["account"]) == key
    assert (await stored(db, spare)) is not None, "its key is logged in"
    assert datacentre.log_outs == []

    ended = await office.enrolments.discard(spare, BY)
    assert ended == {"step": "discarded", "account": None}
    assert [out.user_id for out in datacentre.log_outs] == [alice.id]
    assert datacentre.log_outs[0].key_id != Key(key).id
    assert await stored(db, spare) is None
    async with db.read() as tx:
        (note,) = await journal.latest(tx, kind="enrolment.discarded")
    assert note.actor == BY


async def test_an_enrolled_account_is_never_discarded(office: Office, alice: User) -> None:
    done = await scanned(office, await shown(office), alice)
    refused = await office.enrolments.discard(done["account"], BY)
    assert refused == {"error": "gone", "account": done["account"]}


async def test_an_account_that_needs_a_login_keeps_its_row_and_takes_no_other_user(
    office: Office, alice: User, bob: User, db: Database, datacentre: DataCentre
) -> None:
    bob.password = None
    number = (await scanned(office, await shown(office), alice))["account"]
    await office.until_online(number)
    datacentre.revoke(alice.id)
    datacentre.cut()
    with db.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(limit(20)):
            while (await _state(db, number)) != State.NEEDS_LOGIN:
                await changed.wait(1)
    key = await _current(db, number)
    wrong = await scanned(office, await shown(office, number), bob)
    assert wrong == {"error": "other_user", "account": number}
    assert await _current(db, number) == key
    right = await scanned(office, await shown(office, number), alice)
    assert right["step"] == "done"
    assert await _current(db, number) != key


async def test_a_number_that_another_account_has_is_named_and_its_login_can_go_on(
    office: Office, alice: User, db: Database
) -> None:
    async with db.transaction() as tx:
        other = await accounts.add(
            tx, phone="+15550001", identity=IDENTITY, proxy_id=None, state=State.NEW
        )
    picture = await shown(office)
    number = picture["account"]
    taken = await scanned(office, picture, alice)
    assert taken == {"error": "number_taken", "account": other, "spare": number}
    async with db.transaction() as tx:
        assert await accounts.remove_unfinished(tx, other, state=State.NEW)
    assert (await office.enrolments.pictures.begin(number, BY))["step"] == "done"


async def test_a_forgotten_account_gives_its_number_up(
    office: Office, alice: User, db: Database
) -> None:
    async with db.transaction() as tx:
        old = await accounts.add(
            tx, phone="+15550001", identity=IDENTITY, proxy_id=None, state=State.STOPPED
        )
        await forgetting.forget(tx, old)
    done = await scanned(office, await shown(office), alice)
    assert done["step"] == "done"
    account, forgotten = await stored(db, done["account"]), await stored(db, old)
    assert account
    assert forgotten
    assert (account.phone, forgotten.phone) == ("+15550001", "")


async def test_without_a_proxy_no_picture_is_asked_for(
    office: Office, db: Database, datacentre: DataCentre
) -> None:
    async with db.transaction() as tx:
        (only,) = await proxies.page(tx)
        await proxies.retire(tx, only.id)
    assert await office.enrolments.pictures.begin(None, BY) == {"error": "no_proxy"}
    assert datacentre.connections() == []


@pytest.fixture
async def elsewhere(
    world: World, server_key: ServerKey, datacentre: DataCentre
) -> AsyncIterator[DataCentre]:
    other = DataCentre(world, dc_id=4, server_key=server_key)
    await other.start()
    datacentre.beside, other.beside = [other], [datacentre]
    yield other
    await other.stop()


async def test_who_lives_at_another_data_centre_is_enrolled_there_through_the_proxy(
    office: Office,
    alice: User,
    elsewhere: DataCentre,
    proxy: Socks5Proxy,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LineClient, "_config", None)  # Telethon keeps the first one for good
    alice.dc_id = elsewhere.dc_id
    done = await scanned(office, await shown(office), alice)
    assert done["step"] == "done", done
    await office.until_online(done["account"])
    async with db.read() as tx:
        current = await sessions.load(tx, done["account"], SessionStatus.CURRENT)
    assert current
    assert (current.dc_id, current.port) == (4, elsewhere.port)
    assert [dial.port for dial in proxy.dials][1:] == [elsewhere.port] * 2


async def _current(db: Database, account_id: int) -> bytes:
    async with db.read() as tx:
        stored = await sessions.load(tx, account_id, SessionStatus.CURRENT)
    assert stored is not None
    assert stored.auth_key is not None
    return stored.auth_key


async def _state(db: Database, account_id: int) -> str:
    account = await stored(db, account_id)
    assert account is not None
    return account.observed.state
