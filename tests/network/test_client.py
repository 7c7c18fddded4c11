"""The client of a line: what it asks for, what it keeps, and what of Telethon's it relies on."""

import asyncio
from collections import deque

from hypothesis import given
from hypothesis import strategies as st
from telethon import TelegramClient
from telethon.network.mtprotostate import MTProtoState
from telethon.sessions import MemorySession
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.world.people import User
from storage.database import Database
from tests.network.conftest import NewLine
from tests.timing import limit
from userbot.client import LineClient, RecentIds
from userbot.session import open_enrolling


async def test_connecting_is_one_request_and_nothing_runs_after_it(
    datacentre: DataCentre, new_line: NewLine
) -> None:
    async with new_line() as line:
        (connection,) = datacentre.connections()
        assert connection.requests == 1
        async with asyncio.timeout(limit(5)):
            await asyncio.gather(line._client._updates_handle, line._client._keepalive_handle)
        assert connection.requests == 1


async def test_a_login_is_kept_alive_while_its_operator_types(
    datacentre: DataCentre, db: Database, account: int, new_line: NewLine
) -> None:
    session = await open_enrolling(
        db, account, dc_id=2, server_address=datacentre.host, port=datacentre.port
    )
    async with new_line(session=session) as line:
        await asyncio.sleep(0)
        assert not line._client._keepalive_handle.done()


async def test_updates_that_come_with_an_answer_are_not_kept(bob: User, new_line: NewLine) -> None:
    async with new_line() as line:
        await line.prove_authorised()
        peer = await line.resolve(f"@{bob.username}")
        sent = await line.call(functions.messages.SendMessageRequest(peer, "hello", random_id=1))
        assert isinstance(sent, types.Updates | types.UpdateShortSentMessage)
        assert not vars(line._client._updates_queue)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.integers(1, 20))
def test_recent_ids_are_those_that_telethon_would_keep(ids: list[int], limit: int) -> None:
    ours, theirs = RecentIds(limit), deque[int](maxlen=limit)
    for number in ids:
        assert (number in ours) is (number in theirs)
        ours.append(number)
        theirs.append(number)
    assert all(number in ours for number in theirs)
    assert all((number in ours) is (number in theirs) for number in ids)
    ours.clear()
    assert not any(number in ours for number in ids)


async def test_telethon_has_what_the_client_puts_its_own_in_place_of() -> None:
    """A new Telethon may name these otherwise: then ours would change nothing."""
    theirs = TelegramClient(MemorySession(), 1, "0")
    assert theirs._sender._updates_queue is theirs._updates_queue
    assert theirs._sender._loggers is theirs._log
    assert isinstance(theirs._sender._state, MTProtoState)
    assert isinstance(theirs._sender._state._recent_remote_ids, deque)
    for name in ("_update_loop", "_keepalive_loop", "get_me"):
        assert getattr(TelegramClient, name) is not getattr(LineClient, name)
