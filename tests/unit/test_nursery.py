"""The nursery: nothing it starts is lost, and nothing outlives it."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from loguru import logger

from tests.timing import limit
from userbot.nursery import Nursery


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="ERROR", format="{message}")
    yield lines
    logger.remove(sink)


async def test_a_crash_is_logged_with_its_name_and_ends_only_that_task(log: list[str]) -> None:
    went_on = asyncio.Event()

    async def crash() -> None:
        raise ValueError("broken on purpose")

    async def go_on() -> None:
        await crashed
        went_on.set()

    async with asyncio.timeout(limit(10)), Nursery() as nursery:
        crashed = nursery.start(crash(), name="the crash")
        nursery.start(go_on(), name="the other")
        await went_on.wait()
    assert crashed.exception() is None
    (line,) = log
    assert line.startswith("the crash crashed\n")
    assert "broken on purpose" in line


async def test_a_task_has_the_name_it_was_given() -> None:
    async with Nursery() as nursery:
        task = nursery.start(asyncio.sleep(0), name="the name")
        assert task.get_name() == "the name"
        await task


async def test_leaving_cancels_what_runs_and_waits_until_it_has_cleaned_up() -> None:
    before = asyncio.all_tasks()
    started, steps = asyncio.Event(), list[str]()

    async def work() -> None:
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            steps.append("told to end")
            await asyncio.sleep(0)
            steps.append("cleaned up")

    async with asyncio.timeout(limit(10)):
        async with Nursery() as nursery:
            task = nursery.start(work(), name="work")
            await started.wait()
        assert task.cancelled()
    assert steps == ["told to end", "cleaned up"]
    assert asyncio.all_tasks() == before


async def test_what_has_not_begun_when_the_nursery_ends_is_closed_too() -> None:
    async def work() -> None:
        raise AssertionError("it must not run")

    coroutine = work()
    async with Nursery() as nursery:
        nursery.start(coroutine, name="never begun")
    is_closed = inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
    coroutine.close()
    assert is_closed, "its loss is a RuntimeWarning at the next garbage collection"


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    """The command line tells a storage error from a crash by its class."""
    with pytest.raises(ValueError, match="of the block"):
        async with Nursery():
            raise ValueError("of the block")


async def test_a_task_that_is_started_while_the_nursery_ends_does_not_hold_it_up() -> None:
    async def late() -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(limit(2)):
        async with Nursery() as nursery:

            async def work() -> None:
                try:
                    started.set()
                    await asyncio.Event().wait()
                finally:
                    nursery.start(late(), name="late")

            started = asyncio.Event()
            nursery.start(work(), name="work")
            await started.wait()


async def test_a_cancelled_owner_takes_its_tasks_along_and_stays_cancelled() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def own() -> None:
        async with Nursery() as nursery:
            nursery.start(work(), name="work")
            await asyncio.Event().wait()

    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        owner = group.create_task(own())
        await started.wait()
        owner.cancel()
        await ended.wait()
    assert owner.cancelled()


async def test_a_task_may_start_another() -> None:
    done = asyncio.Event()

    async def second() -> None:
        done.set()

    async with asyncio.timeout(limit(10)), Nursery() as nursery:

        async def first() -> None:
            nursery.start(second(), name="second")

        nursery.start(first(), name="first")
        await done.wait()
