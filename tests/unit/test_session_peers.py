"""Peers of a session: at hand at once, on disk soon, and never the wrong one."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from loguru import logger
from sqlalchemy import Engine, event
from telethon.tl import types

from storage import sessions
from storage.database import Database
from storage.sessions import Peer, StoredSession
from tests.timing import limit, seconds
from userbot.peers import RecentPeers
from userbot.session import AccountSession

TL: TypeAlias = Any
"""A TL object; Telethon ships no types."""


def user(number: int, **facts: TL) -> TL:
    return types.User(number, **({"access_hash": number * 7, "first_name": f"U{number}"} | facts))


def new_session(db: Database, account: int) -> AccountSession:
    return AccountSession(db, account, StoredSession(1, 2, "192.0.2.2", 443, bytes(256)))


@pytest.fixture
async def session(db: Database, account: int) -> AsyncIterator[AccountSession]:
    yield new_session(db, account)
    await db.writer.flush()


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """All that is asked of any database, from now on."""
    seen: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{extra[event]} {message}")
    yield lines
    logger.remove(sink)


async def user_id(session: AccountSession, key: TL) -> int:
    found: int = (await session.get_input_entity(key)).user_id
    return found


async def test_who_was_met_lately_is_found_without_the_database(
    db: Database, session: AccountSession, statements: list[str]
) -> None:
    await session.process_entities([user(1, username="ann", phone="15550001")])
    await db.writer.flush()
    statements.clear()
    for key in (1, "ann", "@ANN", "t.me/ann", "+15550001", types.PeerUser(1)):
        assert await user_id(session, key) == 1
    assert statements == []


async def test_who_was_looked_up_is_at_hand_the_next_time(
    db: Database, account: int, session: AccountSession, statements: list[str]
) -> None:
    await session.process_entities([user(1, username="ann"), user(2)])
    other = new_session(db, account)
    assert await user_id(other, "@ann") == 1
    assert await user_id(other, 2) == 2
    statements.clear()
    assert await user_id(other, "@ann") == 1
    assert await user_id(other, 2) == 2
    assert statements == []


async def test_who_is_met_again_unchanged_is_not_written_again(
    db: Database, account: int, session: AccountSession, statements: list[str]
) -> None:
    await session.process_entities([user(1, username="ann", phone="+15550001")])
    await db.writer.flush()
    statements.clear()
    await session.process_entities([user(1, username="Ann", phone="15550001")])
    await db.writer.flush()
    assert statements == []

    await session.process_entities([user(1, username="ann", phone="15550001", last_name="New")])
    await db.writer.flush()
    assert "INSERT" in statements
    async with db.read() as tx:
        assert await sessions.peer_by_name(tx, account, "U1 New")


@pytest.mark.parametrize("kept", [1, 2, 128])
async def test_a_look_up_right_after_a_meeting_sees_it(
    session: AccountSession, db: Database, account: int, kept: int
) -> None:
    session._recent = RecentPeers(kept)
    for turn in range(5):
        await session.process_entities([user(n, access_hash=turn + 1) for n in range(1, 6)])
        for number in (1, 5, 3):
            found = await session.get_input_entity(number)
            assert found.access_hash == turn + 1
        found = await new_session(db, account).get_input_entity(4)
        assert found.access_hash == turn + 1


@pytest.mark.parametrize("kept", [1, 2, 128])
async def test_a_name_that_changes_hands_leads_to_its_new_holder_at_once_and_later(
    db: Database, account: int, session: AccountSession, kept: int
) -> None:
    session._recent = RecentPeers(kept)
    for holder in (1, 2, 1, 3):
        await session.process_entities([user(holder, username="prize", phone="15550001")])
        for key in ("@prize", "+15550001"):
            assert await user_id(session, key) == holder
            assert await user_id(new_session(db, account), key) == holder
    await session.process_entities([user(3)])
    for key in ("@prize", "+15550001"):
        with pytest.raises(ValueError, match="no such peer"):
            await session.get_input_entity(key)


@pytest.mark.parametrize("pause", range(12))
async def test_a_look_up_never_brings_back_what_was_overtaken_meanwhile(
    db: Database, account: int, session: AccountSession, pause: int
) -> None:
    await session.process_entities([user(1, username="prize")])
    late = new_session(db, account)
    async with asyncio.TaskGroup() as group:
        look_up = group.create_task(user_id(late, "@prize"))
        for _ in range(pause):
            await asyncio.sleep(0)
        await late.process_entities([user(2, username="prize")])
    assert look_up.result() in {1, 2}
    await assert_prize_is_of_the_second(late)


async def test_a_look_up_overtaken_while_it_reads_is_not_kept(
    db: Database, account: int, session: AccountSession
) -> None:
    await session.process_entities([user(1, username="prize")])
    await db.writer.flush()
    late = new_session(db, account)
    has_read = asyncio.Event()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            has_read.set()

    event.listen(Engine, "after_cursor_execute", note)
    try:
        async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
            look_up = group.create_task(user_id(late, "@prize"))
            await has_read.wait()
            assert not look_up.done()
            await late.process_entities([user(2, username="prize")])
    finally:
        event.remove(Engine, "after_cursor_execute", note)
    await assert_prize_is_of_the_second(late)


async def assert_prize_is_of_the_second(session: AccountSession) -> None:
    assert await user_id(session, "@prize") == 2
    assert await user_id(session, 1) == 1
    assert await user_id(session, "@prize") == 2


async def test_a_locked_database_does_not_hold_up_an_answer(
    path: Path, session: AccountSession
) -> None:
    session._recent = RecentPeers(1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        await session.process_entities([user(1), user(2)])
        assert await user_id(session, 2) == 2
        waiting = group.create_task(user_id(session, 1))
        await asyncio.sleep(seconds(0.1))
        assert not waiting.done()
        other.execute("ROLLBACK")
    other.close()
    assert waiting.result() == 1


async def test_what_storage_refuses_never_reaches_who_asked_telegram(
    db: Database, account: int, log: list[str]
) -> None:
    session = new_session(db, account + 7)
    await session.process_entities([user(1), user(2)])
    await db.writer.flush()
    assert await user_id(session, 1) == 1
    assert log == ["writer.failed 2 of UpsertPeer not written: IntegrityError\n"]


async def test_a_long_answer_lets_others_have_their_turn(session: AccountSession) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(others())
        await session.process_entities([user(n) for n in range(1, 1001)])
        assert turns >= 9
        task.cancel()


def test_no_more_peers_are_kept_at_hand_than_wanted() -> None:
    recent = RecentPeers(3)
    for number in range(1, 6):
        recent.keep(Peer(number, 7, f"user{number}", f"1555{number}"))
        recent.find(("id", 1))
    assert [n for n in range(1, 6) if recent.find(("id", n))] == [1, 4, 5]
    assert [n for n in range(1, 6) if recent.find(("username", f"user{n}"))] == [1, 4, 5]
    assert len(recent._ids) == 6
