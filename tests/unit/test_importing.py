"""Sessions made elsewhere: what is taken over, and what is refused with nothing stored."""

import base64
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage import accounts, commands, forgetting, proxies, schema, sessions
from storage.accounts import Desired
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import Peer, SessionStatus
from tests.storage.fleet import IDENTITY, add_proxy
from tests.unit.made_elsewhere import KEY
from tests.unit.made_elsewhere import string_session as a_session
from userbot import elsewhere
from userbot.foreign import AlreadyKnown, BadSession, ForeignSession, NoProxy
from userbot.importing import Imported, import_string, take_over

PHONE = "+442079460000"
ENDPOINT = Endpoint("socks5", "203.0.113.7", 1080, "user", "pass")
LAYOUT = ">B4sH256s"


async def take(db: Database, text: str, phone: str = PHONE, *, is_only_copy: bool = False) -> int:
    return await import_string(
        db, text, phone=phone, identity=IDENTITY, endpoint=ENDPOINT, is_only_copy=is_only_copy
    )


async def take_found(
    db: Database,
    endpoint: Endpoint | None = None,
    *,
    is_only_copy: bool = False,
    peers: tuple[Peer, ...] = (),
) -> Imported:
    made = ForeignSession(2, "192.0.2.2", 443, KEY, peers)
    return await take_over(
        db, made, phone=PHONE, identity=IDENTITY, endpoint=endpoint, is_only_copy=is_only_copy
    )


async def counts(db: Database) -> list[int]:
    tables = (schema.accounts, schema.sessions, schema.proxies, schema.events)
    async with db.read() as tx:
        found = [await tx.one(select(func.count()).select_from(table)) for table in tables]
    return [row[0] for row in found if row]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "1",
        "no session",
        "2" + a_session()[1:],
        a_session()[:-4],
        a_session() + "AAAA",
        a_session(None),
        "1" + base64.urlsafe_b64encode(b"x" * 300).decode(),
        "1" + base64.urlsafe_b64encode(struct.pack(LAYOUT, 2, b"abcd", 1, b"")).decode()[:99],
        "SQLite format 3\0",
        "1ü",
    ],
    ids=range(12),
)
async def test_what_is_no_session_is_refused_and_nothing_is_stored(
    text: str, db: Database
) -> None:
    with pytest.raises(BadSession):
        await take(db, text)
    assert await counts(db) == [0, 0, 0, 0]


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=400) | st.binary(max_size=300).map(
    lambda raw: "1" + base64.urlsafe_b64encode(raw).decode()
))  # fmt: skip
async def test_any_text_is_refused_as_a_bad_session(text: str, db: Database) -> None:
    with pytest.raises(BadSession):
        await take(db, text)


@pytest.mark.req("S0.1")
@pytest.mark.parametrize("address", ["192.0.2.2", "2001:db8::2"])
@pytest.mark.parametrize("is_only_copy", [False, True])
async def test_a_session_is_taken_over_whole_and_runs_only_if_it_is_the_only_copy(
    address: str,
    is_only_copy: bool,  # noqa: FBT001 - a parameter of the test
    db: Database,
) -> None:
    number = await take(db, f" {a_session(dc_id=4, address=address)}\n", is_only_copy=is_only_copy)
    async with db.read() as tx:
        stored = await sessions.load(tx, number, SessionStatus.CURRENT)
        account = await accounts.get(tx, number)
        listed = await proxies.page(tx)
        assigned = await tx.all(select(schema.proxy_assignments))
    assert stored is not None
    assert stored.auth_key == KEY
    assert (stored.dc_id, stored.server_address, stored.port) == (4, address, 443)
    assert account is not None
    assert account.desired is (Desired.RUN if is_only_copy else Desired.STOP)
    assert (account.always_online, account.one_time_phone) == (True, True)
    assert [(proxy.endpoint, proxy.accounts) for proxy in listed] == [(ENDPOINT, 1)]
    assert [(row.proxy_id, row.is_permanent) for row in assigned] == [(listed[0].id, True)]


async def test_a_proxy_that_is_there_already_is_used_and_not_added_again(db: Database) -> None:
    async with db.transaction() as tx:
        known = await proxies.add(tx, ENDPOINT)
    number = await take(db, a_session())
    async with db.read() as tx:
        account = await accounts.get(tx, number)
    assert account is not None
    assert account.proxy_id == known


async def test_a_number_that_is_known_is_refused_and_its_session_stays(db: Database) -> None:
    number = await take(db, a_session())
    before = await counts(db)
    with pytest.raises(AlreadyKnown):
        await take(db, a_session(bytes(reversed(KEY))))
    assert await counts(db) == before
    async with db.read() as tx:
        stored = await sessions.load(tx, number, SessionStatus.CURRENT)
    assert stored is not None
    assert stored.auth_key == KEY


async def test_one_session_is_never_two_accounts(db: Database) -> None:
    """Two supervisors with one key would be the death of it."""
    await take(db, a_session())
    before = await counts(db)
    with pytest.raises((AlreadyKnown, BadSession)):
        await take(db, a_session(), "+442079460001")
    assert await counts(db) == before


async def test_without_a_proxy_named_the_least_loaded_one_is_kept_for_good(db: Database) -> None:
    async with db.transaction() as tx:
        busy, free = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await accounts.add(tx, phone="+15550", identity=IDENTITY, proxy_id=busy, state="NEW")
    imported = await take_found(db)
    async with db.read() as tx:
        account = await accounts.get(tx, imported.number)
    assert account is not None
    assert (account.proxy_id, imported.proxy_name) == (free, "10.0.0.2:1080")


async def test_without_any_proxy_nothing_is_stored(db: Database) -> None:
    with pytest.raises(NoProxy):
        await take_found(db)
    assert await counts(db) == [0, 0, 0, 0]


async def test_known_chats_come_along(db: Database) -> None:
    bob = Peer(7, -123, "bob", "4479", "Bob")
    imported = await take_found(db, ENDPOINT, peers=(bob, Peer(-1009, 5)))
    async with db.read() as tx:
        assert await sessions.peer_by_username(tx, imported.number, "bob") == bob
        assert await sessions.peer_by_id(tx, imported.number, [-1009]) == Peer(-1009, 5)


async def test_only_a_confirmed_import_orders_a_start_and_the_other_says_why_it_waits(
    db: Database,
) -> None:
    imported = await take_found(db, ENDPOINT)
    async with db.transaction() as tx:
        account = await accounts.get(tx, imported.number)
        assert await commands.take(tx) == []
    assert account is not None
    assert account.elsewhere == elsewhere.Elsewhere.IMPORTED


async def test_a_confirmed_import_is_to_run_and_whoever_runs_is_told(db: Database) -> None:
    imported = await take_found(db, ENDPOINT, is_only_copy=True)
    async with db.transaction() as tx:
        account = await accounts.get(tx, imported.number)
        (order,) = await commands.take(tx)
    assert account is not None
    assert (account.desired, account.observed.reason) == (Desired.RUN, "")
    assert (order.kind, order.account_id) == ("start", imported.number)


async def test_a_forgotten_account_is_taken_up_again_with_another_session_on_its_own_proxy(
    db: Database,
) -> None:
    first = await take(db, a_session())
    async with db.transaction() as tx:
        await forgetting.forget(tx, first)
        before = await accounts.get(tx, first)
    again = await take(db, a_session(bytes(reversed(KEY))))

    async with db.read() as tx:
        account = await accounts.get(tx, again)
        current = await sessions.load(tx, again, sessions.SessionStatus.CURRENT)
    assert again == first
    assert before is not None
    assert account is not None
    assert account.removed_at is None
    assert account.proxy_id == before.proxy_id
    assert current is not None
    assert current.auth_key == bytes(reversed(KEY))
