"""Telethon's session on our tables: guarded once enrolled, and finding peers as Telethon does."""

import inspect
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from telethon.crypto import AuthKey
from telethon.sessions import MemorySession, SQLiteSession
from telethon.tl import types

from storage import sessions
from storage.database import Database
from storage.schema import sessions as sessions_table
from storage.sessions import SessionStatus, StoredSession
from userbot.errors import SessionGuarded
from userbot.session import AccountSession, open_enrolled, open_enrolling

TL: TypeAlias = Any
"""A TL object, a session or a key; Telethon ships no types."""
KEY = bytes(range(256))
OTHER_KEY = bytes(reversed(range(256)))


async def rows(db: Database) -> list[tuple[Any, ...]]:
    """The table of sessions as it is on disk, sealed keys and all."""
    async with db.read() as tx:
        return [tuple(row) for row in await tx.all(select(sessions_table))]


@pytest.fixture
async def enrolled(db: Database, account: int) -> AsyncIterator[AccountSession]:
    async with db.transaction() as tx:
        begun = await sessions.start_enrolling(
            tx, account, dc_id=2, server_address="192.0.2.2", port=443
        )
        await sessions.save_enrolling(tx, StoredSession(begun.id, 2, "192.0.2.2", 443, KEY))
        assert await sessions.finish_enrolling(tx, account)
    yield await open_enrolled(db, account)
    await db.writer.flush()


@pytest.fixture
async def enrolling(db: Database, account: int) -> AccountSession:
    return await open_enrolling(db, account, dc_id=2, server_address="192.0.2.2", port=443)


async def do_set_dc(session: AccountSession) -> None:
    session.set_dc(4, "192.0.2.4", 443)


async def do_replace_key(session: AccountSession) -> None:
    session.auth_key = AuthKey(OTHER_KEY)


async def do_wipe_key(session: AccountSession) -> None:
    session.auth_key = None


async def do_empty_key(session: AccountSession) -> None:
    session.auth_key = AuthKey(None)


async def do_delete(session: AccountSession) -> None:
    session.delete()


async def do_clone(session: AccountSession) -> None:
    session.clone()


async def do_takeout(session: AccountSession) -> None:
    session.takeout_id = 1


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    "act",
    [do_set_dc, do_replace_key, do_wipe_key, do_empty_key, do_delete, do_clone, do_takeout],
)
async def test_an_enrolled_session_refuses_every_change_and_its_row_stays_as_it_was(
    act: TL, enrolled: AccountSession, db: Database
) -> None:
    before = await rows(db)
    with pytest.raises(SessionGuarded):
        await act(enrolled)
    await enrolled.save()
    await enrolled.close()
    assert await rows(db) == before
    assert enrolled.auth_key is not None
    assert enrolled.auth_key.key == KEY
    assert (enrolled.dc_id, enrolled.server_address, enrolled.port) == (2, "192.0.2.2", 443)


async def test_an_enrolled_session_takes_what_it_has_already(
    enrolled: AccountSession, db: Database
) -> None:
    """Telethon assigns the key and address after every connect."""
    before = await rows(db)
    enrolled.set_dc(2, "192.0.2.2", 443)
    enrolled.auth_key = AuthKey(KEY)
    await enrolled.save()
    assert await rows(db) == before


async def test_telethon_clearing_the_key_it_was_given_clears_only_its_copy(
    enrolled: AccountSession,
) -> None:
    """`_switch_dc` and a transport 404 do this to the object, before they ask the session."""
    given_out = enrolled.auth_key
    assert given_out is not None
    given_out.key = None
    again = enrolled.auth_key
    assert again is not None
    assert again.key == KEY


async def test_an_account_without_a_finished_login_has_no_session(
    enrolling: AccountSession, db: Database, account: int
) -> None:
    enrolling.auth_key = AuthKey(KEY)
    await enrolling.save()
    with pytest.raises(LookupError):
        await open_enrolled(db, account)
    with pytest.raises(LookupError):
        await open_enrolled(db, account + 1)


async def test_a_login_keeps_its_key_as_soon_as_it_saves(
    enrolling: AccountSession, db: Database, account: int
) -> None:
    enrolling.set_dc(4, "192.0.2.4", 80)
    enrolling.auth_key = AuthKey(OTHER_KEY)
    await enrolling.save()
    async with db.read() as tx:
        stored = await sessions.load(tx, account, SessionStatus.ENROLLING)
    assert stored is not None
    assert stored.auth_key == OTHER_KEY
    assert (stored.dc_id, stored.server_address, stored.port) == (4, "192.0.2.4", 80)

    again = await open_enrolling(db, account, dc_id=2, server_address="192.0.2.2", port=443)
    assert again.dc_id == 4
    assert again.auth_key is not None
    assert again.auth_key.key == OTHER_KEY


async def test_a_login_that_is_over_can_not_write_any_more(
    enrolling: AccountSession, db: Database, account: int
) -> None:
    enrolling.auth_key = AuthKey(KEY)
    await enrolling.save()
    async with db.transaction() as tx:
        assert await sessions.finish_enrolling(tx, account)
    before = await rows(db)
    enrolling.auth_key = AuthKey(OTHER_KEY)
    with pytest.raises(LookupError):
        await enrolling.save()
    assert await rows(db) == before


async def test_a_key_is_not_in_what_a_log_would_print(enrolled: AccountSession) -> None:
    assert repr(KEY)[2:20] not in repr(enrolled)
    assert repr(KEY)[2:20] not in repr(enrolled._stored)


PHOTO = types.ChatPhotoEmpty()
DATE = None


def user(number: int, **more: TL) -> TL:
    return types.User(number, **({"access_hash": number * 7, "first_name": f"U{number}"} | more))


def chat(number: int, title: str = "") -> TL:
    return types.Chat(number, title or f"G{number}", PHOTO, 2, DATE, 1)


def channel(number: int, **more: TL) -> TL:
    facts = {"title": f"C{number}", "photo": PHOTO, "date": DATE, "access_hash": number * 11}
    return types.Channel(number, **(facts | more))


WORLD = [
    user(10, username="Ann", phone="442079460000", last_name="Smith"),
    user(11, username="bob", phone="15550001"),
    user(12, first_name="Only Name"),
    user(13, access_hash=None),
    user(14, min=True, username="minnie"),
    user(15, is_self=True, username="myself"),
    user(16, first_name=None, username="ghost"),
    chat(20),
    chat(10, "A group with the number of a user"),
    channel(30, username="News", megagroup=False),
    channel(11, title="A channel with the number of a user"),
    channel(31, min=True, access_hash=5),
    types.UserEmpty(17),
    types.ChatForbidden(21, "Closed"),
    types.ChannelForbidden(32, 99, "Secret"),
]
KEYS: list[TL] = [
    12, 13, 14, 15, 16, 17, 20, 21, 30, 31, 32, 99, 0, -20, -10, -99, -1000000000030,
    -1000000000011, -1000000000099,
    "ann", "@ann", "ANN", "t.me/ann", "https://t.me/Ann", "bob", "news", "@news", "minnie",
    "myself", "ghost", "nobody", "@nobody", "",
    "+442079460000", "442079460000", "+44 2079460000", "+15550001", "+999999999",
    "Ann Smith", "U10 Smith", "Only Name", "G20", "A group with the number of a user", "Secret",
    types.PeerUser(12), types.PeerUser(99), types.PeerChat(10), types.PeerChat(20), types.PeerChat(30),
    types.PeerChannel(11), types.PeerChannel(30), types.PeerChannel(10),
    types.InputPeerUser(5, 6), types.InputPeerSelf(), types.InputUser(10, 1),
    types.InputChannel(30, 1), user(77), channel(78),
]  # fmt: skip


async def found(session: TL, key: TL) -> TL:
    """The peer as a dict, or the kind of error."""
    try:
        peer = session.get_input_entity(key)
        if inspect.isawaitable(peer):
            peer = await peer
    except (ValueError, TypeError) as exc:
        return type(exc)
    return peer.to_dict()


@pytest.fixture(params=["memory", "sqlite"])
def telethons(request: pytest.FixtureRequest) -> TL:
    session = MemorySession() if request.param == "memory" else SQLiteSession(None)
    yield session
    session.close()


@pytest.fixture
async def ours(enrolled: AccountSession) -> AccountSession:
    await enrolled.process_entities(WORLD)
    return enrolled


@pytest.mark.parametrize("key", KEYS, ids=str)
async def test_a_peer_is_found_as_telethons_own_sessions_find_it(
    key: TL, ours: AccountSession, telethons: TL
) -> None:
    telethons.process_entities(WORLD)
    assert await found(ours, key) == await found(telethons, key)


@pytest.mark.parametrize("number", [10, 11, 20, 30])
async def test_a_user_is_never_taken_for_a_chat_that_has_the_same_number(
    number: int, ours: AccountSession, telethons: TL
) -> None:
    telethons.process_entities(WORLD)
    key = types.PeerUser(number)
    assert await found(ours, key) == await found(telethons, key)


@pytest.mark.parametrize(
    "answer",
    [
        types.contacts.ResolvedPeer(types.PeerUser(10), [chat(20)], [user(10, username="ann")]),
        types.messages.ChatsSlice(2, [channel(30), chat(20)]),
        types.Updates([], [user(10)], [channel(30)], DATE, 0),
        [user(10), chat(20)],
        types.UpdateShortSentMessage(1, 1, 1, DATE),
        types.auth.Authorization(user(10)),
        None,
        7,
    ],
    ids=lambda answer: type(answer).__name__,
)
async def test_peers_are_taken_from_the_answers_that_telethon_takes_them_from(
    answer: TL, enrolled: AccountSession
) -> None:
    telethons = MemorySession()
    telethons.process_entities(answer)
    await enrolled.process_entities(answer)
    for key in (10, -20, -1000000000030, "ann"):
        assert await found(enrolled, key) == await found(telethons, key), key


async def test_a_name_that_moved_on_leads_to_its_new_holder(enrolled: AccountSession) -> None:
    await enrolled.process_entities([user(10, username="prize", phone="15550001")])
    await enrolled.process_entities([user(11, username="PRIZE", phone="15550001")])
    assert (await enrolled.get_input_entity("@prize")).user_id == 11
    assert (await enrolled.get_input_entity("+15550001")).user_id == 11


async def test_a_peer_outlives_its_session_object(ours: AccountSession, db: Database) -> None:
    again = await open_enrolled(db, ours._account_id)
    assert (await again.get_input_entity("ann")).access_hash == 70


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(key=st.text(max_size=40) | st.integers(-(10**16), 10**16) | st.binary(max_size=4))
async def test_a_lookup_finds_nobody_or_raises_value_error(key: TL, ours: AccountSession) -> None:
    memory = MemorySession()
    memory.process_entities(WORLD)
    ours_found, theirs = await found(ours, key), await found(memory, key)
    assert ours_found in (theirs, ValueError)


def test_every_method_that_telethon_may_call_is_there() -> None:
    abstract = {
        name
        for name, member in inspect.getmembers(AccountSession)
        if getattr(member, "__isabstractmethod__", False)
    }
    assert abstract == set()
