"""Somebody holds the database's lock: lines stay, and what is to be written is kept."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world.people import User
from storage import accounts, journal
from storage.delivery import DeliveryState
from tests.network.sending import Sender
from tests.network.test_outbox import sender
from tests.timing import limit
from userbot.states import State

__all__ = ["sender"]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold SQLite's write lock from outside."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def until_online_anew(sender: Sender) -> None:
    """Another line than the one that is up now; the row says nothing of it yet."""
    before = sender.userbot.line
    assert before is not None
    before.drop()
    async with asyncio.timeout(limit(20)):
        while sender.userbot.line in {before, None}:  # noqa: ASYNC110 - no row, so no wake-up
            await asyncio.sleep(0.01)


@pytest.mark.req("S2.1")
async def test_a_userbot_reconnects_while_the_database_is_locked(
    path: Path, sender: Sender
) -> None:
    await sender.database.writer.flush()  # that it is online is told
    async with sender.database.read() as tx:
        told = await journal.latest(tx, account_id=sender.number)
    with locked(path):
        await until_online_anew(sender)
        line = sender.userbot.line

    await sender.database.writer.flush()

    async with sender.database.read() as tx:
        account = await accounts.get(tx, sender.number)
        entries = await journal.latest(tx, account_id=sender.number)
    assert sender.userbot.line is line, "the lock cost no line"
    assert account is not None
    assert account.observed.state == State.ONLINE
    story = [entry.kind for entry in reversed(entries)][len(told) :]
    assert story == ["state.retrying", "state.connecting", "state.online"]


async def test_a_message_approved_before_the_lock_is_sent_once_after_it(
    path: Path, sender: Sender, datacentre: DataCentre, bob: User
) -> None:
    number = await sender.send(f"@{bob.username}")
    with locked(path):
        await asyncio.sleep(0.5)
    async with asyncio.timeout(limit(30)):
        await sender.until(number, DeliveryState.SENT)

    assert datacentre.dispatcher.calls["messages.sendMessage"] == 1


def tell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(statement)


async def test_who_can_not_be_stored_backs_off_as_after_any_failure(
    path: Path, sender: Sender, alice: User
) -> None:
    """As where the disk is full: what is only read works."""
    full = (
        "CREATE TRIGGER full BEFORE UPDATE OF name ON accounts "
        "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    )
    await asyncio.to_thread(tell, path, full)
    alice.first_name = "Another"
    assert sender.userbot.line is not None
    sender.userbot.line.drop()
    async with asyncio.timeout(limit(40)):
        while sender.userbot.status.attempt < 2:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await asyncio.to_thread(tell, path, "DROP TRIGGER full")
    await sender.until_state(State.ONLINE)
