import asyncio

from tests.timing import limit, seconds
from userbot.workload import Workload


async def test_an_idle_workload_is_finished_at_once() -> None:
    workload = Workload("test")
    async with asyncio.timeout(limit(10)):
        assert await workload.finish(seconds(60))
    assert workload.is_closing


async def test_it_waits_for_every_piece_that_runs() -> None:
    workload = Workload("test")
    done: list[int] = []

    async def work(number: int) -> None:
        with workload.piece():
            await asyncio.sleep(0.05 * number)
            done.append(number)

    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        for number in (1, 2, 3):
            group.create_task(work(number))
        await asyncio.sleep(0)
        assert await workload.finish(seconds(10))
        assert done == [1, 2, 3]


async def test_what_does_not_end_is_given_up() -> None:
    workload = Workload("test")
    with workload.piece():
        assert not await workload.finish(0.05)
