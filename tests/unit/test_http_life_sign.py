"""HEARTBEAT_URL is called while all is well, told of once when it fails, and never quoted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from loguru import logger

from bot.http.life_sign import LifeSign
from tests.e2e.scraping import listener
from tests.timing import limit
from userbot.nursery import Nursery

PATH = "/ping/a-secret-of-ours"
EVERY_S = 0.05


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{extra[event]} {message}")
    yield lines
    logger.remove(sink)


@asynccontextmanager
async def calling(url: str, is_well: Callable[[], bool]) -> AsyncIterator[LifeSign]:
    sign = LifeSign(url, is_well, every_s=EVERY_S, limit_s=5)
    async with Nursery() as nursery:
        nursery.start(sign.run(), name="heartbeat call")
        yield sign


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(limit(10)):
        while not is_so():  # noqa: ASYNC110 - the other end is a server
            await asyncio.sleep(0.01)


async def test_it_is_called_again_and_again_while_all_is_well_and_not_while_it_is_not(
    log: list[str],
) -> None:
    heard: list[str] = []
    is_well = False
    async with listener(heard, [200]) as url, calling(url + PATH, lambda: is_well) as sign:
        await asyncio.sleep(4 * EVERY_S)
        assert (heard, sign.is_heard) == ([], None)
        is_well = True
        await until(lambda: len(heard) >= 3)
        assert sign.is_heard
        is_well = False
        await asyncio.sleep(2 * EVERY_S)
        so_far = len(heard)
        await asyncio.sleep(4 * EVERY_S)
        assert len(heard) == so_far
    assert set(heard) == {PATH}
    assert [line for line in log if "heartbeat" in line] == [
        "heartbeat.heard HEARTBEAT_URL at 127.0.0.1 hears us\n"
    ]


async def test_what_fails_is_told_once_and_its_end_once(log: list[str]) -> None:
    heard: list[str] = []
    answers = [200, 500, 503, 404, 200]
    async with listener(heard, answers) as url, calling(url + PATH, lambda: True) as sign:
        await until(lambda: len(heard) >= 6)
        await until(lambda: bool(sign.is_heard))
    told = [line.strip() for line in log if "heartbeat" in line]
    assert told == [
        "heartbeat.heard HEARTBEAT_URL at 127.0.0.1 hears us",
        "heartbeat.unheard HEARTBEAT_URL at 127.0.0.1 is not heard: it answers 500",
        "heartbeat.heard HEARTBEAT_URL at 127.0.0.1 hears us",
    ]


async def test_nobody_there_is_told_without_the_address(log: list[str]) -> None:
    async with listener([], [200]) as url:
        pass  # it was there, and is gone
    async with calling(url + PATH, lambda: True) as sign:
        await until(lambda: sign.is_heard is False)
    (told,) = [line for line in log if "heartbeat" in line]
    assert "can't be reached" in told
    assert PATH not in told
