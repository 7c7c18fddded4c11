"""A data centre in this process, and our own lines to it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from storage import sessions
from storage.database import Database
from storage.sessions import StoredSession
from tests.network.relay import Relay, relaying
from tests.sandbox.conftest import alice, bob, datacentre, server_key, world
from tests.storage.fleet import IDENTITY
from userbot.limits import Limits, always
from userbot.line import Line
from userbot.session import AccountSession, open_enrolled

__all__ = ["alice", "bob", "datacentre", "server_key", "world"]

NewLine = Callable[..., Line]


async def enrol(
    database: Database, account_id: int, *, host: str, port: int, key: bytes
) -> AccountSession:
    """The session of an account that has logged in with this key."""
    async with database.transaction() as tx:
        begun = await sessions.start_enrolling(
            tx, account_id, dc_id=2, server_address=host, port=port
        )
        await sessions.save_enrolling(tx, StoredSession(begun.id, 2, host, port, key))
        assert await sessions.finish_enrolling(tx, account_id)
    return await open_enrolled(database, account_id)


@pytest.fixture
async def session(
    db: Database, account: int, world: World, alice: User, datacentre: DataCentre
) -> AccountSession:
    """Alice's session, logged in."""
    key = world.logins.ready_key(alice.id).key
    return await enrol(db, account, host=datacentre.host, port=datacentre.port, key=key)


@pytest.fixture
async def new_line(session: AccountSession) -> AsyncIterator[NewLine]:
    """Lines of Alice's account; each is closed at the end."""
    made: list[Line] = []

    def make(**changes: object) -> Line:
        parts: dict[str, Any] = {
            "session": session,
            "identity": IDENTITY,
            "proxy": None,
            "limits": Limits(),
            "may_write": always,
        }
        made.append(Line(**(parts | changes)))
        return made[-1]

    yield make
    for line in made:
        await line.close()


@pytest.fixture(autouse=True)
async def _nothing_is_left_over() -> AsyncIterator[None]:
    """Each test ends with the tasks it began with, and no error that nobody looked at."""
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    before = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert left == set()
    gc.collect()
    assert [context["message"] for context in unseen] == []


@pytest.fixture
async def relay(datacentre: DataCentre) -> AsyncIterator[Relay]:
    async with relaying(datacentre.host, datacentre.port) as found:
        yield found


@pytest.fixture
async def new_line_by_relay(
    relay: Relay, db: Database, account: int, world: World, alice: User, new_line: NewLine
) -> NewLine:
    """Lines of Alice's account that pass the relay."""
    session = await enrol(
        db,
        account,
        host="127.0.0.1",
        port=relay.port,
        key=world.logins.ready_key(alice.id).key,
    )
    return partial(new_line, session=session)
