"""The loop that takes orders, begun anew while others are being carried out."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from loguru import logger
from sqlalchemy import update

from storage import commands, schema
from storage.commands import Command
from storage.database import Database, open_database
from storage.vault import Vault
from tests.network.test_locked_database import locked
from tests.storage.fleet import IDENTITY
from tests.timing import limit
from userbot.budget import Budget
from userbot.enrolling import Enrolments
from userbot.limits import Limits, always
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.orders import Orders
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.states import Schedule
from userbot.telegram import DcAddress
from userbot.terms import Terms


@dataclass
class Office:
    """Who takes the orders: of two kinds, one of them repeatable; each ends when it may."""

    database: Database
    path: Path
    nursery: Nursery
    orders: Orders
    runs: Counter[int]
    may_end: asyncio.Event
    has_waited: asyncio.Event = field(default_factory=asyncio.Event)
    """The loop met a locked database."""

    def begin(self) -> None:
        self.nursery.keep(self.orders.run, name="orders")

    async def order(self, *kinds: str) -> list[int]:
        async with self.database.transaction() as tx:
            return [await commands.order(tx, kind) for kind in kinds]

    async def until_under_way(self, *ids: int) -> None:
        async with asyncio.timeout(limit(20)):
            while not all(self.runs[each] for each in ids):  # noqa: ASYNC110 - memory alone
                await asyncio.sleep(0.01)

    async def outcome(self, order: int) -> dict[str, Any]:
        return await commands.outcome_of(self.database, order, limit_s=limit(20))

    async def break_the_loop(self) -> None:
        """Another process orders something, and holds the database when it is to be taken."""
        async with self.database.transaction() as tx:
            order = await commands.order(tx, "ends")
            await tx.execute(
                update(schema.commands).where(schema.commands.c.id == order).values(state="LATER")
            )
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("UPDATE commands SET state = 'ORDERED' WHERE id = ?", (order,))
            with locked(self.path):
                await self.wait()
        assert await self.outcome(order) == {"error": "unknown_command"}

    async def wait(self) -> None:
        async with asyncio.timeout(limit(20)):
            await self.has_waited.wait()


@pytest.fixture
async def office(
    path: Path, vault: Vault, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    # Those that are repeatable act on accounts; this one ends when the test lets it.
    monkeypatch.setattr(commands, "REPEATABLE", frozenset({"again"}))
    database = await open_database(database_url, vault, busy_limit_s=0.3)
    runs: Counter[int] = Counter()
    may_end = asyncio.Event()

    async def act(command: Command) -> Outcome:
        runs[command.id] += 1
        await may_end.wait()
        return {"done": True}

    limits = Limits()
    terms = Terms(
        database=database,
        limits=limits,
        schedule=Schedule.starting_with(0.05, 10),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with Nursery(pause_s=0.05) as nursery:
        registry = Registry(terms, nursery, Owned(database, "here"))
        enrolments = Enrolments(
            database,
            registry,
            nursery,
            identity=IDENTITY,
            start_at=DcAddress(2, "", 0),
            limits=limits,
        )
        more = {"once": act, "again": act}
        orders = Orders(database, registry, enrolments, nursery, more=more)
        made = Office(database, path, nursery, orders, runs, may_end)
        sink = logger.add(
            lambda _: made.has_waited.set(),
            filter=lambda record: record["extra"].get("event") == "task.waiting",
        )
        yield made
        logger.remove(sink)
        await enrolments.close()
    await database.close()


async def test_what_is_under_way_goes_on_where_the_loop_is_begun_anew(office: Office) -> None:
    office.begin()
    once, again = await office.order("once", "again")
    await office.until_under_way(once, again)

    await office.break_the_loop()

    office.may_end.set()
    assert await office.outcome(once) == {"done": True}
    assert await office.outcome(again) == {"done": True}
    assert office.runs == {once: 1, again: 1}


async def test_what_a_crash_left_is_settled_once_the_database_can_be_had(office: Office) -> None:
    once, again = await office.order("once", "again")
    async with office.database.transaction() as tx:
        await commands.take(tx)
    with locked(office.path):
        office.begin()
        await office.wait()
    office.may_end.set()

    assert await office.outcome(once) == {"error": "interrupted"}
    assert await office.outcome(again) == {"done": True}
    assert office.runs == {again: 1}
