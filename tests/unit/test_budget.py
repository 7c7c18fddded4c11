import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from tests.timing import limit
from userbot.budget import BUSY_S, ROUNDS, Budget, Queueing


class Dials:
    """Counts who dials at the same time."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.now = 0
        self.most = 0
        self.order: list[int] = []

    async def dial(self, number: int, proxy_id: int) -> None:
        async with self._budget.turn(proxy_id):
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(number)
            await asyncio.sleep(0.1)
            self.now -= 1


@pytest.mark.req("S1.4")
async def test_a_proxy_carries_only_so_many_dials_at_a_time_and_all_get_their_turn() -> None:
    dials = Dials(Budget(per_second=10_000, per_proxy=5))
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        for number in range(30):
            group.create_task(dials.dial(number, proxy_id=1))

    assert dials.most == 5
    assert dials.order == list(range(30))


async def test_a_full_proxy_holds_up_no_other() -> None:
    dials = Dials(Budget(per_second=10_000, per_proxy=1))
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(dials.dial(number, proxy_id=number))

    assert dials.most == 4


async def test_dials_of_a_process_keep_their_pace() -> None:
    """Eleven dials at a hundred a second take a tenth of a second, never less."""
    dials = Dials(Budget(per_second=100, per_proxy=50))
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        for number in range(11):
            group.create_task(dials.dial(number, proxy_id=number))

    assert loop.time() - began >= 0.1


async def test_a_loop_that_cannot_keep_up_dials_less() -> None:
    """Three dials, in a loop whose every round takes longer than it may."""
    dials = Dials(Budget(per_second=10_000, per_proxy=50))
    rounds = 0

    async def keep_busy() -> None:
        nonlocal rounds
        while len(dials.order) < 3:
            rounds += 1
            time.sleep(1.1 * BUSY_S)  # noqa: ASYNC251 - that is what is tested
            await asyncio.sleep(0)

    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        group.create_task(keep_busy())
        for number in range(3):
            group.create_task(dials.dial(number, proxy_id=1))

    assert rounds >= 3 * ROUNDS


async def test_who_gives_up_waiting_takes_nobodys_turn() -> None:
    budget = Budget(per_second=10_000, per_proxy=1)
    async with asyncio.timeout(limit(20)), budget.turn(1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), budget.turn(1):
                pytest.fail("two at a time")
    async with asyncio.timeout(limit(20)), budget.turn(1):
        pass


async def test_who_is_told_to_leave_the_queue_again_while_it_leaves_just_leaves() -> None:
    """As where a stop follows a reconnect before the loop has come round."""
    budget, queueing = Budget(per_second=10_000, per_proxy=1), Queueing()
    async with asyncio.timeout(limit(20)), budget.turn(1), AsyncExitStack() as held:
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(queueing.wait(held, budget.turn(1)))
            await asyncio.sleep(0.01)
            for _ in range(3):
                queueing.leave()
                await asyncio.sleep(0)
        assert not await waiting
