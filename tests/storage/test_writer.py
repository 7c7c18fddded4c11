"""The group-commit writer: together where it can, alone where it must, and nothing lost."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from storage.batches import Change
from storage.database import Database
from storage.errors import StorageBusy, StorageError, StorageFailed
from storage.schema import dialogs
from storage.tx import Tx
from storage.writer import Writer
from tests.storage.fleet import only_on_sqlite
from tests.storage.interrupts import interrupt
from tests.storage.test_proxies import in_one_database
from tests.storage.undo import undone
from tests.timing import limit, seconds

BAD = "secret of a row that breaks a rule"
NO_TIME = 0.001


@dataclass(frozen=True)
class Put:
    """Set a row; its result is the transaction that wrote it. `BAD` breaks a constraint."""

    key: Hashable
    value: str = "x"

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Put"]) -> Sequence[Tx]:
        puts: list[dict[str, Any]] = [
            {
                "key": str(c.key),
                "state": c.value,
                "data": {},
                "updated_at": None if c.value == BAD else tx.now,
            }
            for c in changes
        ]
        await tx.upsert(dialogs, puts, keys=["key"])
        tx.wake("put")
        return [tx] * len(changes)


@dataclass(frozen=True)
class Append:
    """Add to the text of a row, where it is there."""

    key: Hashable
    value: str

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Append"]) -> Sequence[None]:
        statement = update(dialogs).where(dialogs.c.key == bindparam("which"))
        await tx.execute(
            statement.values(state=dialogs.c.state + bindparam("more")),
            [{"which": str(c.key), "more": c.value} for c in changes],
        )
        return [None] * len(changes)


@dataclass(frozen=True)
class Drop:
    key: Hashable

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Drop"]) -> Sequence[None]:
        await tx.execute(
            delete(dialogs).where(dialogs.c.key == bindparam("which")),
            [{"which": str(c.key)} for c in changes],
        )
        return [None] * len(changes)


@dataclass(frozen=True)
class Fails:
    """Its first applications end with these errors."""

    errors: list[Exception]
    key: ClassVar[str] = "fails"

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Fails"]) -> Sequence[str]:
        await Put.apply(tx, [Put("fails")])
        for change in changes:
            if change.errors:
                raise change.errors.pop(0)
        return ["written"] * len(changes)


@dataclass(frozen=True)
class WritesOn:
    """Wants to write through the writer from within its transaction."""

    writer: Writer
    key: ClassVar[str] = "on"

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["WritesOn"]) -> Sequence[None]:  # noqa: ARG003
        for change in changes:
            await change.writer.write(Put("inner"))
        return [None] * len(changes)


class Gate:
    """Transactions that begin only while the gate is open, and are counted."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open = asyncio.Event()
        self.reached = asyncio.Event()
        self.begun = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        self.begun += 1
        self.reached.set()
        await self._open.wait()
        async with self._db.transaction() as tx:
            yield tx

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(db: Database) -> Gate:
    return Gate(db)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{extra[event]} {level} {message}")
    yield lines
    logger.remove(sink)


async def rows(tx: Tx) -> dict[str, str]:
    found = await tx.all(select(dialogs.c.key, dialogs.c.state))
    return {row.key: row.state for row in found}


async def stored(db: Database) -> dict[str, str]:
    async with db.read() as tx:
        return await rows(tx)


def failing(db: Database, *errors: Exception) -> Callable[[], AbstractAsyncContextManager[Tx]]:
    """Transactions of which the first ones fail at BEGIN."""
    waiting = list(errors)

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Tx]:
        if waiting:
            raise waiting.pop(0)
        async with db.transaction() as tx:
            yield tx

    return transaction


async def all_written(writer: Writer, changes: Sequence[Change[Any]]) -> list[Any]:
    """All at once, each by a task of its own: results and errors."""
    async with asyncio.timeout(limit(30)):
        return await asyncio.gather(
            *(writer.write(change) for change in changes), return_exceptions=True
        )


async def test_who_has_written_finds_the_row(db: Database) -> None:
    for number in range(5):
        await db.writer.write(Put(number, "a"))
        assert str(number) in await stored(db)


async def test_what_is_posted_is_there_after_a_flush(db: Database) -> None:
    for number in range(5):
        await db.writer.post(Put(number))
    await db.writer.flush()
    assert len(await stored(db)) == 5


@pytest.mark.req("S2.6")
async def test_many_tasks_share_few_transactions(db: Database) -> None:
    used: list[Tx] = []

    async def work(number: int) -> None:
        used.extend([await db.writer.write(Put((number, turn))) for turn in range(4)])

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(work(number))
    assert len(await stored(db)) == 200
    assert len({id(tx) for tx in used}) <= 8


async def test_who_was_just_answered_joins_those_that_gathered_meanwhile(gate: Gate) -> None:
    writer = Writer(gate.transaction)

    async def work(number: int) -> None:
        for turn in range(4):
            await writer.write(Put((number, turn)))

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        group.create_task(work(0))
        while not gate.begun:  # noqa: ASYNC110 - a plain flag of the test
            await asyncio.sleep(0)
        for number in range(1, 20):
            group.create_task(work(number))
        await asyncio.sleep(0)
        gate.open()
    assert gate.begun == 5  # the first alone, then all together


async def test_no_task_is_left_when_nothing_waits(db: Database) -> None:
    before = asyncio.all_tasks()
    await db.writer.write(Put(1))
    await db.writer.post(Put(2))
    await db.writer.flush()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before


async def test_a_row_that_fails_fails_alone(db: Database) -> None:
    changes: list[Change[Any]] = [Put(n, BAD if n in {3, 17} else "ok") for n in range(40)]
    changes += [Drop("nobody"), Append("nobody", "x")]
    answers = await all_written(db.writer, changes)

    failed = [n for n, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert failed == [3, 17]
    assert all(isinstance(answers[n], IntegrityError) for n in failed)
    assert set(await stored(db)) == {str(n) for n in range(40)} - {"3", "17"}


async def test_a_row_that_fails_in_a_batch_of_its_own_fails(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await db.writer.write(Put(1, BAD))
    await db.writer.write(Put(2))
    assert set(await stored(db)) == {"2"}


async def test_all_may_fail(db: Database) -> None:
    answers = await all_written(db.writer, [Put(n, BAD) for n in range(5)])
    assert all(isinstance(answer, IntegrityError) for answer in answers)
    assert await stored(db) == {}


async def test_what_fails_and_nobody_waits_for_is_logged_without_its_values(
    db: Database, log: list[str]
) -> None:
    for number in range(5):
        await db.writer.post(Put(number, BAD))
    await db.writer.post(Put("good"))
    await db.writer.flush()

    assert set(await stored(db)) == {"good"}
    assert len(log) == 1
    assert log[0].startswith("writer.failed ERROR 5 of Put not written: ")
    assert BAD not in log[0]


async def test_changes_with_one_key_are_applied_in_their_order_across_types(
    db: Database,
) -> None:
    changes: list[Change[Any]] = [
        Put("a", "1"),
        Append("b", "lost"),
        Append("a", "2"),
        Put("b", "3"),
        Append("b", "4"),
        Put("a", "5"),
        Append("a", "6"),
        Drop("b"),
    ]
    await all_written(db.writer, changes)
    assert await stored(db) == {"a": "56"}


async def test_a_full_queue_lets_nobody_in_and_then_all_in_turn(db: Database, gate: Gate) -> None:
    writer = Writer(gate.transaction, queue_limit=10, batch_limit=4)
    order: list[int] = []

    async def work(number: int) -> None:
        await writer.post(Append("row", f"{number} "))
        order.append(number)

    await db.writer.write(Put("row", ""))
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(work(number))
        await asyncio.sleep(NO_TIME)
        assert order == list(range(10))
        gate.open()
    await writer.flush()
    assert order == list(range(40))
    assert await stored(db) == {"row": "".join(f"{number} " for number in range(40))}


async def test_who_gave_up_waiting_for_room_writes_nothing_and_blocks_nobody(
    db: Database, gate: Gate
) -> None:
    writer = Writer(gate.transaction, queue_limit=1)
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        await writer.post(Put("first"))
        given_up = group.create_task(writer.write(Put("given up")))
        waiting = group.create_task(writer.write(Put("waiting")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        gate.open()
    assert given_up.cancelled()
    assert waiting.done()
    assert set(await stored(db)) == {"first", "waiting"}


@pytest.mark.parametrize("how", ["write", "post"])
async def test_a_write_cancelled_at_any_await_is_written_exactly_if_it_was_queued(
    db: Database, how: str
) -> None:
    outcomes = set()
    for step in range(1, 20):
        gate = Gate(db)
        writer = Writer(gate.transaction, queue_limit=1)
        await writer.post(Put("full"))
        asyncio.get_running_loop().call_soon(gate.open)
        was_cancelled = await interrupt(getattr(writer, how)(Put(step)), step)
        async with asyncio.timeout(limit(10)):
            await writer.flush()
            await writer.write(Put("after"))
        outcomes.add((step, was_cancelled, str(step) in await stored(db)))
        if not was_cancelled:
            break
    assert outcomes == (
        {(1, True, False), (2, True, True), (3, False, True)}
        if how == "write"
        else {(1, True, False), (2, False, True)}
    )


async def test_the_failure_of_a_cancelled_write_is_logged(
    db: Database, gate: Gate, log: list[str]
) -> None:
    writer = Writer(gate.transaction)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.write(Put(1, BAD)))
        await asyncio.sleep(0)
        task.cancel()
    gate.open()
    await writer.flush()
    assert len(log) == 1
    assert "1 of Put not written" in log[0]
    assert await stored(db) == {}


@pytest.mark.req("S2.1")
@only_on_sqlite
async def test_a_locked_database_bounds_the_queue_and_loses_nothing(
    db: Database, path: Path
) -> None:
    await db.writer.write(Put("before"))
    writer = Writer(db.transaction, queue_limit=20)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    queued: list[int] = []

    async def work(number: int) -> None:
        await writer.post(Put(number))
        queued.append(number)

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(work(number))
        await asyncio.sleep(seconds(0.3))
        assert len(queued) == 20
        assert await stored(db) == {"before": "x"}
        other.execute("ROLLBACK")
    await writer.flush()
    other.close()
    assert len(await stored(db)) == 101


@pytest.mark.req("S2.1")
@pytest.mark.parametrize("error", [StorageBusy("locked"), StorageFailed("disk full")], ids=repr)
async def test_a_batch_that_meets_a_busy_database_is_tried_again_in_its_order(
    db: Database, log: list[str], error: StorageError
) -> None:
    writer = Writer(failing(db, error, error), retry_s=NO_TIME)
    answers = await all_written(writer, [Put("a", "1"), Append("a", "2"), Append("a", "3")])

    assert not any(isinstance(answer, Exception) for answer in answers)
    assert await stored(db) == {"a": "123"}
    assert log == [f"writer.waiting WARNING 3 changes wait for the database: {error}\n"] * 2


async def test_a_change_that_meets_a_busy_database_is_undone_and_applied_again(
    db: Database,
) -> None:
    writer = Writer(db.transaction, retry_s=NO_TIME)
    busy = Fails([StorageBusy("locked"), StorageFailed("lost")])
    answers = await all_written(writer, [Put("a", "1"), busy, Append("a", "2")])

    assert answers[1] == "written"
    assert await stored(db) == {"a": "12", "fails": "x"}


async def test_busy_while_the_failed_are_sorted_out_loses_nothing(db: Database) -> None:
    writer = Writer(db.transaction, retry_s=NO_TIME)
    odd = Fails([ValueError("odd"), StorageBusy("locked")])
    answers = await all_written(writer, [Put("a", "1"), odd, Append("a", "2")])

    assert answers[1] == "written"
    assert await stored(db) == {"a": "12", "fails": "x"}


async def test_an_error_of_the_transaction_itself_is_for_all_who_wait(db: Database) -> None:
    """Not a busy database: something that no repeating helps."""
    writer = Writer(failing(db, ValueError("one"), ValueError("two")))
    answers = await all_written(writer, [Put("a"), Put("b")])
    assert [str(answer) for answer in answers] == ["two", "two"]
    await writer.write(Put("c"))
    assert set(await stored(db)) == {"c"}


async def test_a_type_that_answers_too_few_fails_alone(db: Database) -> None:
    @dataclass(frozen=True)
    class Silent:
        key: ClassVar[str] = "silent"

        @classmethod
        async def apply(cls, tx: Tx, changes: Sequence[Any]) -> Sequence[None]:  # noqa: ARG003
            return []

    answers = await all_written(db.writer, [Put("a"), Silent(), Put("b")])
    assert isinstance(answers[1], ValueError)
    assert set(await stored(db)) == {"a", "b"}


async def test_closing_writes_what_waits_also_what_waits_for_room(db: Database) -> None:
    writer = Writer(db.transaction, queue_limit=3, batch_limit=2)
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(writer.post(Put(number)))
        await asyncio.sleep(0)
        await writer.close()
        assert len(await stored(db)) == 20
    await writer.close()
    await writer.write(Put("after closing"))
    assert len(await stored(db)) == 21


async def test_closing_beside_a_busy_database_ends_and_says_what_is_lost(
    db: Database, log: list[str]
) -> None:
    errors = [StorageBusy("locked")] * 1000
    writer = Writer(failing(db, *errors), retry_s=60, closing_limit_s=0.05)
    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        group.create_task(writer.post(Put("posted")))
        written = group.create_task(_error_of(writer.write(Put("written"))))
        await asyncio.sleep(0)
        await writer.close()

    assert isinstance(written.result(), StorageBusy)
    assert log[-1] == "writer.lost ERROR 2 changes are lost: the database did not come back\n"
    errors.clear()
    await writer.close()
    assert await stored(db) == {}


async def _error_of(work: Awaitable[object]) -> Exception | None:
    try:
        await work
    except StorageBusy as exc:
        return exc
    return None


async def test_a_wake_up_comes_with_the_commit_and_once(db: Database) -> None:
    with db.wakeups.subscribe("put") as woken:
        await all_written(db.writer, [Put(n) for n in range(10)])
        assert await woken.wait(seconds(5))
        assert not await woken.wait(0)


async def test_writing_inside_a_transaction_is_an_error_and_not_a_deadlock(db: Database) -> None:
    writer = db.writer
    async with asyncio.timeout(limit(10)):
        async with db.transaction():
            for refused in (writer.write(Put(1)), writer.post(Put(1)), writer.flush()):
                with pytest.raises(RuntimeError, match="open in this task"):
                    await refused
        with pytest.raises(RuntimeError, match="open in this task"):
            await writer.write(WritesOn(writer))
        await writer.write(Put(2))
    assert set(await stored(db)) == {"2"}


async def test_waiting_for_a_key_waits_for_nothing_else(db: Database, gate: Gate) -> None:
    writer = Writer(gate.transaction, batch_limit=1)
    async with asyncio.timeout(limit(10)):
        await writer.post(Put("a"))
        await writer.post(Put("b"))
        await writer.settled("c")
        gate.open()
        await writer.settled("a")
        assert "a" in await stored(db)
        await writer.settled("b")
    assert set(await stored(db)) == {"a", "b"}
    assert not writer._last, "what is written is forgotten"


CHANGES = st.lists(
    st.one_of(
        st.builds(Put, st.sampled_from("ab"), st.sampled_from(["1", "2", BAD])),
        st.builds(Append, st.sampled_from("ab"), st.sampled_from("xy")),
        st.builds(Drop, st.sampled_from("ab")),
    ),
    max_size=12,
)


@in_one_database
@given(changes=CHANGES, batch_limit=st.integers(1, 13), queue_limit=st.integers(1, 13))
async def test_any_changes_end_in_the_rows_they_end_in_one_by_one(
    db: Database, changes: list[Change[Any]], batch_limit: int, queue_limit: int
) -> None:
    async with undone(db) as tx:

        @asynccontextmanager
        async def nested() -> AsyncIterator[Tx]:
            async with tx.savepoint():
                yield tx

        writer = Writer(nested, batch_limit=batch_limit, queue_limit=queue_limit)
        answers = await all_written(writer, changes)
        together = await rows(tx)
        await tx.execute(delete(dialogs))

        errors: list[type] = []
        for change in changes:
            try:
                async with tx.savepoint():
                    await type(change).apply(tx, [change])
                errors.append(type(None))
            except IntegrityError as exc:
                errors.append(type(exc))
        assert together == await rows(tx)
        failed = [type(a) if isinstance(a, Exception) else type(None) for a in answers]
        assert failed == errors
