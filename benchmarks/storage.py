"""Storage beside its peers: durable rows beside bare aiosqlite, peers beside Telethon's session.

Both sides of a pair run in alternating rounds in one process on one disk, so that a machine that
drifts drifts for both; the ratio is the median of the rounds.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
from cryptography.fernet import Fernet
from sqlalchemy import insert
from telethon.sessions import SQLiteSession
from telethon.tl import types

from benchmarks.results import Result, scaled
from storage import accounts
from storage.accounts import Identity
from storage.database import Database, open_database
from storage.schema import accounts as accounts_table
from storage.schema import events
from storage.sessions import StoredSession
from storage.tx import Tx
from storage.vault import Vault
from userbot.session import AccountSession

ROUNDS = 7
TASKS, ROWS_PER_TASK, ROWS_ONE_BY_ONE = 50, 40, 300
PEERS = 10_000
_INSERT = insert(events)
"""Made once, as its peer's text is."""
ACCOUNTS = 10_000


async def measure(scale: float = 1) -> list[Result]:
    """All results, in the order of the report. Takes about two minutes."""
    rounds = scaled(ROUNDS, scale)
    return [
        *await measure_rows(rounds),
        *await measure_peers(rounds, scaled(PEERS, scale)),
        *await measure_opening(rounds, scaled(ACCOUNTS, scale)),
    ]


async def measure_rows(rounds: int = ROUNDS) -> list[Result]:
    """Durable journal rows: through the writer, by plain transactions, by bare aiosqlite.

    The writer serves 50 tasks, each of which waits for COMMIT before its next row. Bare aiosqlite
    has one connection with the same pragmas and writes row after row, each in a transaction of
    its own (BEGIN IMMEDIATE, INSERT, COMMIT), which is what a program does that does not gather.
    """
    async with opened() as (database, folder), _bare(folder / "bare.db") as connection:
        found = [await _round_of_rows(database, connection) for _ in range(rounds)]
        fsync_ms = await asyncio.to_thread(_fsync_ms, folder / "page")
    grouped, plain, theirs = zip(*found, strict=True)
    bare = "bare aiosqlite, one row a transaction"
    return [
        Result.of("the writer, 50 tasks at once", grouped, "rows/s", peer=bare, peer_values=theirs, goal=500, ratio_goal=5),
        Result.of("plain transactions, one row each", plain, "rows/s", peer=bare, peer_values=theirs, ratio_goal=0.3),
        Result("write and fsync of one page", fsync_ms, "ms"),
    ]  # fmt: skip


async def _round_of_rows(database: Database, bare: aiosqlite.Connection) -> list[float]:
    """Rows a second, of each of the three."""
    return [
        TASKS * ROWS_PER_TASK / await _seconds(lambda: _together(database)),
        ROWS_ONE_BY_ONE / await _seconds(lambda: _one_by_one(database)),
        ROWS_ONE_BY_ONE / await _seconds(lambda: _by_bare_aiosqlite(bare)),
    ]


async def _together(database: Database) -> None:
    async def one_task() -> None:
        for _ in range(ROWS_PER_TASK):
            await database.writer.write(_Note())

    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(one_task(), name="writes rows")


async def _one_by_one(database: Database) -> None:
    for _ in range(ROWS_ONE_BY_ONE):
        async with database.transaction() as tx:
            await tx.execute(_INSERT, [_row(tx.now)])


async def _by_bare_aiosqlite(bare: aiosqlite.Connection) -> None:
    statement = (
        "INSERT INTO events (at, kind, account_id, actor, cause, data) VALUES (?, ?, ?, ?, ?, ?)"
    )
    for _ in range(ROWS_ONE_BY_ONE):
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        await bare.execute("BEGIN IMMEDIATE")
        await bare.execute(statement, (now, "state", 1, "mooring", "a cause", "{}"))
        await bare.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class _Note:
    """A journal row."""

    key: None = None

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["_Note"]) -> Sequence[None]:
        await tx.execute(_INSERT, [_row(tx.now) for _ in changes])
        return [None] * len(changes)


def _row(now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "kind": "state",
        "account_id": 1,
        "actor": "mooring",
        "cause": "a cause",
        "data": {},
    }


async def measure_opening(rounds: int = ROUNDS, count: int = ACCOUNTS) -> list[Result]:
    """Open a database that has 10,000 accounts, and read the first page of them."""
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite+aiosqlite:///{Path(name) / 'mooring.db'}"
        vault = Vault([Fernet.generate_key().decode()])
        database = await open_database(url, vault)
        async with database.transaction() as tx:
            await tx.execute(insert(accounts_table), [_account_row(n, tx) for n in range(count)])
        await database.close()
        taken = []
        for _ in range(rounds):
            began = time.perf_counter()
            database = await open_database(url, vault)
            async with database.read() as tx:
                page = await accounts.page(tx, limit=10)
            taken.append((time.perf_counter() - began) * 1000)
            await database.close()
            if not page:
                raise RuntimeError("the first page is not there")
    title = f"open {count} accounts and list the first page"
    return [Result.of(title, taken, "ms", goal=100, is_at_most=True)]


def _account_row(number: int, tx: Tx) -> dict[str, Any]:
    return {
        "phone": f"+1555{number:07}",
        "api_id": 1,
        "sealed_api_hash": bytes(120),
        "device_model": "Desktop",
        "system_version": "1",
        "app_version": "1",
        "lang_code": "en",
        "system_lang_code": "en",
        "desired": "RUN",
        "state": "ONLINE",
        "since": tx.now,
        "created_at": tx.now,
    }


async def measure_peers(rounds: int = ROUNDS, peers: int = PEERS) -> list[Result]:
    """10,000 peers of 10,000 updates made durable, beside Telethon's SQLiteSession.

    Ours takes in one answer after the other and is then flushed: each peer is durable within
    milliseconds, but not when `process_entities` returns. Telethon's session is measured in two
    ways: saved after each answer, which is what it takes to lose as little; and in one call with
    one save, the least it can cost (its client saves once a minute and loses what came since).
    The second is no goal: it is durable 10,000 times less often. Every peer has a username, one in ten
    a phone, as with a busy account. The stall is the longest that a task that only sleeps 1 ms at
    a time was late while ours ran: the median of the rounds, for other programs stall it too.
    """
    people = [_person(number) for number in range(1, peers + 1)]
    async with opened() as (database, folder):
        found = [await _round_of_peers(database, folder, people, n) for n in range(rounds)]
    ours, saving, bulk, ours_bulk, stalls = zip(*found, strict=True)
    one_by_one, at_once = ([peers / taken_s for taken_s in each] for each in (ours, ours_bulk))
    saved, saved_once = ([peers / taken_s for taken_s in each] for each in (saving, bulk))
    return [
        Result.of("peers in a session, one an answer", one_by_one, "peers/s", peer="SQLiteSession, saved after each", peer_values=saved, ratio_goal=5),
        Result.of("peers in a session, one call", at_once, "peers/s", peer="SQLiteSession, one save", peer_values=saved_once),
        Result.of("longest stall of the event loop", stalls, "ms", goal=20, is_at_most=True),
    ]  # fmt: skip


async def _round_of_peers(
    database: Database, folder: Path, people: list[types.User], number: int
) -> list[float]:
    answers = [types.contacts.ResolvedPeer(None, [], [person]) for person in people]
    account = await _new_account(database, 2 * number)
    another = await _new_account(database, 2 * number + 1)

    async def ours() -> None:
        for answer in answers:
            await account.process_entities(answer)
        await database.writer.flush()

    async def ours_in_one_call() -> None:
        await another.process_entities(people)
        await database.writer.flush()

    async def theirs() -> None:
        for answer in answers:
            saved.process_entities(answer)
            saved.save()

    async def theirs_in_one_call() -> None:
        bulk.process_entities(people)
        bulk.save()

    saved = SQLiteSession(str(folder / f"saved{number}"))
    bulk = SQLiteSession(str(folder / f"bulk{number}"))
    saved.save()
    bulk.save()
    async with _stall_ms() as stall:
        ours_s = await _seconds(ours)
    try:
        return [
            ours_s,
            await _seconds(theirs),
            await _seconds(theirs_in_one_call),
            await _seconds(ours_in_one_call),
            max(stall),
        ]
    finally:
        saved.close()
        bulk.close()


def _person(number: int) -> types.User:
    return types.User(
        number,
        access_hash=number * 7919,
        first_name="Person",
        last_name=f"Number {number}",
        username=f"person_{number}",
        phone=f"1555{number:07}" if number % 10 == 0 else None,
    )


@asynccontextmanager
async def _stall_ms() -> AsyncIterator[list[float]]:
    """How late the loop was, each time that a task slept for a millisecond."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append((time.perf_counter() - began - 0.001) * 1000)

    async with asyncio.TaskGroup() as group:
        ticker = group.create_task(tick(), name="ticks")
        await asyncio.sleep(0.01)
        yield late
        ticker.cancel()


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vault = Vault([Fernet.generate_key().decode()])
        database = await open_database(f"sqlite+aiosqlite:///{folder / 'mooring.db'}", vault)
        try:
            yield database, folder
        finally:
            await database.close()


async def _new_account(database: Database, number: int) -> AccountSession:
    identity = Identity(
        api_id=1, api_hash="0" * 32, device_model="Desktop", system_version="1", app_version="1"
    )
    async with database.transaction() as tx:
        account = await accounts.add(
            tx, phone=f"+1555{number:07}", identity=identity, proxy_id=None, state="NEW"
        )
    return AccountSession(database, account, StoredSession(1, 2, "192.0.2.2", 443, None))


@asynccontextmanager
async def _bare(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as bare:
        await bare.execute("PRAGMA journal_mode=WAL")
        await bare.execute("PRAGMA synchronous=FULL")
        await bare.execute("PRAGMA cache_size=-64000")
        await bare.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, at DATETIME NOT NULL,"
            " kind VARCHAR(32) NOT NULL, account_id BIGINT, actor VARCHAR(64) NOT NULL,"
            " cause TEXT NOT NULL, data JSON NOT NULL)"
        )
        await bare.execute("CREATE INDEX ix ON events (account_id, at)")
        yield bare


def _fsync_ms(path: Path) -> float:
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.seek(0)
            file.write(bytes(4096))
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000
