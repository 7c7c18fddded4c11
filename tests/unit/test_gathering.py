"""What comes in several messages is taken as one."""

import asyncio

import pytest

from bot.gathering import Gathering
from tests.timing import limit
from userbot.nursery import Nursery

HERE, THERE = (1, 1), (2, 2)


async def test_all_that_comes_before_it_is_quiet_comes_together_and_in_order() -> None:
    done: asyncio.Queue[list[int]] = asyncio.Queue()
    async with asyncio.timeout(limit(10)), Nursery() as nursery:
        gathering: Gathering[int] = Gathering(nursery, quiet_s=0.05)
        assert not gathering.is_open(HERE)
        for n in range(3):
            gathering.add(HERE, n, done.put)
        gathering.add(THERE, 7, done.put)
        assert gathering.is_open(HERE)
        found = [await done.get(), await done.get()]
        assert sorted(found) == [[0, 1, 2], [7]]
        assert not gathering.is_open(HERE)
        gathering.add(HERE, 4, done.put)
        assert await done.get() == [4]


@pytest.mark.parametrize("later", [[], [5]])
async def test_what_was_dropped_does_not_come(later: list[int]) -> None:
    done: asyncio.Queue[list[int]] = asyncio.Queue()
    async with asyncio.timeout(limit(10)), Nursery() as nursery:
        gathering: Gathering[int] = Gathering(nursery, quiet_s=0.05)
        gathering.add(HERE, 1, done.put)
        gathering.drop(HERE)
        for n in later:
            gathering.add(HERE, n, done.put)
        gathering.add(THERE, 7, done.put)
        found = [await done.get() for _ in range(1 + len(later))]
        assert sorted(found) == sorted([[7], *([later] if later else [])])
        assert done.empty()
