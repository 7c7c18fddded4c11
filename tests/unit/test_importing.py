"""Sessions made elsewhere: what is taken over, and what is refused with nothing stored."""

import base64
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from storage import accounts, proxies, schema, sessions
from storage.accounts import Desired
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import SessionStatus
from tests.storage.fleet import IDENTITY
from userbot.importing import AlreadyKnown, BadSession, import_string

KEY = bytes(range(256))
PHONE = "+442079460000"
ENDPOINT = Endpoint("socks5", "203.0.113.7", 1080, "user", "pass")
LAYOUT = ">B4sH256s"


def a_session(key: bytes | None = KEY, *, dc_id: int = 2, address: str = "192.0.2.2") -> str:
    session = StringSession()
    session.set_dc(dc_id, address, 443)
    session.auth_key = AuthKey(key) if key else None
    return str(session.save())


async def take(db: Database, text: str, phone: str = PHONE, *, is_only_copy: bool = False) -> int:
    return await import_string(
        db, text, phone=phone, identity=IDENTITY, endpoint=ENDPOINT, is_only_copy=is_only_copy
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
