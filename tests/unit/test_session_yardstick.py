"""Our session beside Telethon's own SQLiteSession: the same answers, but where it is said why not.

All differences are on the side of care: a message must not go to the wrong person.
"""

import base64
import inspect
import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from telethon import utils
from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession
from telethon.tl import types

from storage.database import Database
from storage.schema import peers, sessions
from storage.sessions import StoredSession
from userbot.peers import RecentPeers
from userbot.session import AccountSession, open_enrolling

TL: TypeAlias = Any
"""A TL object or a session; Telethon ships no types."""
PHOTO = types.ChatPhotoEmpty()


def marks_of(number: int) -> list[int]:
    """As a user, a chat and a channel."""
    return [number, -number, -1000000000000 - number]


many_examples = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
async def ours(db: Database, account: int) -> AsyncIterator[AccountSession]:
    yield AccountSession(db, account, StoredSession(1, 2, "192.0.2.2", 443, bytes(256)))
    await db.writer.flush()


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[TL]:
    session = SQLiteSession(str(tmp_path / "telethon"))
    yield session
    session.close()


def user(number: int, **facts: TL) -> TL:
    return types.User(number, **({"access_hash": number * 7} | facts))


def chat(number: int, title: str) -> TL:
    return types.Chat(number, title, PHOTO, 2, None, 1)


def channel(number: int, title: str, **facts: TL) -> TL:
    return types.Channel(number, title, PHOTO, None, **({"access_hash": number * 11} | facts))


async def found(session: TL, key: TL) -> TL:
    """The peer as a dict, or the kind of error."""
    try:
        peer = session.get_input_entity(key)
        if inspect.isawaitable(peer):
            peer = await peer
    except (ValueError, TypeError, OverflowError) as exc:
        return type(exc)
    return peer.to_dict()


async def meet(entities: list[TL], *both: TL) -> None:
    for session in both:
        done = session.process_entities(entities)
        if inspect.isawaitable(done):
            await done


def in_memory() -> TL:
    return SQLiteSession(None)


class World:
    """Who has what now, and who ever had it."""

    def __init__(self) -> None:
        self.now: dict[int, TL] = {}
        self.holder: dict[str, int] = {}
        self.ever: defaultdict[str, set[int]] = defaultdict(set)

    def meet(self, entity: TL) -> None:
        if getattr(entity, "min", False):
            return
        marked = utils.get_peer_id(entity)
        self.holder = {what: who for what, who in self.holder.items() if who != marked}
        for value in (getattr(entity, "username", None), getattr(entity, "phone", None)):
            if value:
                self.holder[value.lower()] = marked
                self.ever[value.lower()].add(marked)
        self.now[marked] = entity

    def changed_hands(self, value: str) -> bool:
        return len(self.ever[value]) > 1

    def address_of_holder(self, value: str) -> TL:
        return self.address(self.holder.get(value))

    def address(self, marked: int | None) -> TL:
        if marked is None:
            return ValueError
        return utils.get_input_peer(self.now[marked], allow_self=False).to_dict()

    def named(self, name: str) -> list[int]:
        return [m for m, entity in self.now.items() if utils.get_display_name(entity) == name]


USERNAMES = ["annie", "bob_1"]
PHONES = ["15550001", "442079460000"]
NAMES = ["Ann Smith", "Carl", "News & more"]
NUMBERS = st.integers(1, 3)
OWN_NAME = st.sampled_from([None, *USERNAMES, "ANNIE"])
ENTITIES = st.one_of(
    st.builds(
        user,
        NUMBERS,
        username=OWN_NAME,
        phone=st.sampled_from([None, *PHONES]),
        first_name=st.sampled_from([None, *NAMES]),
        access_hash=st.integers(1, 3),
        min=st.sampled_from([None, None, True]),
    ),
    st.builds(chat, NUMBERS, st.sampled_from(NAMES)),
    st.builds(channel, NUMBERS, st.sampled_from(NAMES), username=OWN_NAME),
)


def spellings_of_username(name: str) -> list[str]:
    return [
        name,
        name.upper(),
        f"@{name}",
        f" @{name.title()} ",
        f"t.me/{name}",
        f"https://t.me/{name}/",
        f"http://www.telegram.me/{name.upper()}",
        f"https://telegram.dog/{name}",
    ]


def spellings_of_phone(phone: str) -> list[str]:
    return [
        phone,
        f"+{phone}",
        f"+{phone[:2]} ({phone[2:5]}) {phone[5:]}",
        f"+{phone[:4]}-{phone[4:]}",
    ]


@many_examples
@given(answers=st.lists(st.lists(ENTITIES, max_size=3), max_size=6), kept=st.integers(1, 5))
async def test_whatever_is_met_both_find_the_same(
    db: Database, ours: AccountSession, answers: list[list[TL]], kept: int
) -> None:
    async with db.transaction() as tx:
        await tx.execute(delete(peers))
    ours._recent = RecentPeers(kept)
    theirs = in_memory()
    world = World()
    for entities in answers:
        await meet(entities, ours, theirs)
        for entity in entities:
            world.meet(entity)

    for value in (*USERNAMES, *PHONES):
        spell = spellings_of_phone if value.isdigit() else spellings_of_username
        for key in spell(value):
            answer = await found(ours, key)
            # Telethon may answer whoever had it before; ours is whoever was last met with it.
            assert answer == world.address_of_holder(value), key
            if not world.changed_hands(value):
                assert answer == await found(theirs, key), key
    for name in NAMES:
        # Telethon answers any one of several; ours answers none.
        several = len(world.named(name)) > 1
        assert await found(ours, name) == (ValueError if several else await found(theirs, name))
    await compare_ids(world, ours, theirs)
    theirs.close()


async def compare_ids(world: World, ours: AccountSession, theirs: TL) -> None:
    for number in (1, 2, 3, 4):
        marks = marks_of(number)
        known = [marked for marked in marks if marked in world.now]
        if len(known) > 1:
            # A bare number that several have: Telethon answers the channel, ours the user.
            assert await found(ours, number) == world.address(known[0])
        else:
            assert await found(ours, number) == await found(theirs, number)
        for key in (
            *marks[1:],
            types.PeerUser(number),
            types.PeerChat(number),
            types.PeerChannel(number),
            types.InputPeerUser(number, 5),
            types.InputPeerChannel(number, 5),
            types.InputUser(number, 5),
            types.InputChannel(number, 5),
            user(number),
            chat(number, "any"),
            channel(number, "any"),
            user(number, min=True),
        ):
            assert await found(ours, key) == await found(theirs, key), key


@pytest.mark.parametrize(
    "key",
    [99, -99, -1000000000099, "@nobody", "t.me/nobody", "nobody", "+4915550000", "No Such Name",
     "", "@", "t.me/", types.PeerUser(99), types.PeerChannel(99), None, 1.5, "t.me/@annie"],
    ids=str,
)  # fmt: skip
async def test_who_was_never_met_is_a_value_error_in_both(
    key: TL, ours: AccountSession, theirs: TL
) -> None:
    await meet([user(1, username="annie", phone="15550001", first_name="Ann")], ours, theirs)
    assert await found(ours, key) is ValueError
    assert await found(theirs, key) is ValueError


@pytest.mark.parametrize("name", ["@annie", "t.me/annie", "https://t.me/annie", "+15550001", "@a"])
async def test_what_is_written_as_an_address_is_never_a_name(
    name: str, ours: AccountSession, theirs: TL
) -> None:
    """Difference: anybody can call themselves @annie; Telethon would write to them."""
    await meet([user(1, first_name=name)], ours, theirs)
    assert (await found(theirs, name))["user_id"] == 1
    assert await found(ours, name) is ValueError


@pytest.mark.parametrize("form", ["https://t.me/joinchat/{}", "t.me/+{}", "tg://join?invite={}"])
async def test_an_invite_link_leads_nowhere_and_telegram_is_asked(
    form: str, ours: AccountSession, theirs: TL
) -> None:
    """Difference: Telethon takes the number within for an id, be it of a chat or of a user."""
    invite = base64.urlsafe_b64encode(struct.pack(">LLQ", 7, 5, 99)).decode().rstrip("=")
    link = form.format(invite)
    await meet([user(5), user(6, first_name=link)], ours, theirs)
    assert (await found(theirs, link))["user_id"] == 5
    assert await found(ours, link) is ValueError


async def test_a_phone_number_with_leading_zeros_is_nobodys(
    ours: AccountSession, theirs: TL
) -> None:
    """Difference: Telethon stores numbers as integers; 020… is a number within some country."""
    await meet([user(1, phone="2079460000")], ours, theirs)
    assert (await found(theirs, "02079460000"))["user_id"] == 1
    assert await found(ours, "02079460000") is ValueError


async def test_who_we_are_is_not_noted_as_a_peer(ours: AccountSession, theirs: TL) -> None:
    """Difference: Telethon keeps the own id in the peer 0; ours is a column of the account."""
    await meet([types.InputPeerUser(0, 777)], ours, theirs)
    assert (await found(theirs, 0))["access_hash"] == 777
    assert await found(ours, 0) is ValueError


@pytest.mark.parametrize("key", [2**63, -(2**63) - 1, 10**30])
async def test_a_number_that_is_no_id_is_a_value_error(
    key: int, ours: AccountSession, theirs: TL
) -> None:
    """Difference: Telethon lets SQLite's OverflowError through, which its client does not catch."""
    assert await found(theirs, key) is OverflowError
    assert await found(ours, key) is ValueError


async def test_update_states_are_not_kept(ours: AccountSession, theirs: TL) -> None:
    """Difference: lines are opened without updates, so there is nothing to catch up with."""
    state = types.updates.State(1, 2, datetime(2026, 1, 1, tzinfo=UTC), 3, unread_count=0)
    for session in (ours, theirs):
        assert session.get_update_state(0) is None
        session.set_update_state(0, state)
    assert theirs.get_update_state(0) == state
    assert [entity_id for entity_id, _ in theirs.get_update_states()] == [0]
    assert ours.get_update_state(0) is None
    assert list(ours.get_update_states()) == []


KEYS = st.binary(min_size=256, max_size=256)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("dc"), st.integers(1, 5), st.ip_addresses(v=4).map(str)),
        st.tuples(st.just("key"), st.none() | KEYS),
        st.tuples(st.just("save")),
    ),
    max_size=8,
)


@settings(many_examples, max_examples=15)
@given(steps=STEPS)
async def test_a_login_that_saved_is_found_as_it_was_saved(
    db: Database, account: int, tmp_path_factory: pytest.TempPathFactory, steps: list[TL]
) -> None:
    path = str(tmp_path_factory.mktemp("login") / "telethon")
    async with db.transaction() as tx:
        await tx.execute(delete(sessions))
    start: dict[str, Any] = {"dc_id": 2, "server_address": "192.0.2.2", "port": 443}
    ours: TL = await open_enrolling(db, account, **start)
    theirs = SQLiteSession(path)
    theirs.set_dc(*start.values())
    for step, *more in [*steps, ("save",)]:
        for session in (ours, theirs):
            if step == "dc":
                session.set_dc(*more, 443)
            elif step == "key":
                session.auth_key = AuthKey(more[0]) if more[0] else None
            elif inspect.isawaitable(saved := session.save()):
                await saved
        assert facts(ours) == facts(theirs)
    theirs.close()
    again = SQLiteSession(path)
    assert facts(await open_enrolling(db, account, **start)) == facts(again) == facts(ours)
    again.close()


def facts(session: TL) -> TL:
    key = session.auth_key.key if session.auth_key else None
    return session.dc_id, session.server_address, session.port, key
