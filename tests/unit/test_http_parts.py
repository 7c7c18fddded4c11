"""The parts of the endpoint by themselves: what is judged, counted and put into buckets."""

import asyncio
import gc
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry

from bot.http import door
from bot.http.door import listening
from bot.http.families import histogram
from bot.http.guard import Guard
from bot.http.health import Part, judge
from bot.http.metrics import _Page
from bot.http_settings import Address
from storage.instances import Role
from storage.timings import Timings
from tests.timing import limit
from userbot.states import State, Status
from userbot.tallies import Tallies

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


def test_between_two_lives_it_is_not_ready_and_the_database_is_told_apart() -> None:
    health = judge(None, Role.RUN, storage_trouble=None, now=NOW)
    assert not health.is_ready
    assert health.parts[Part.DATABASE].is_well
    assert "no instance runs" in health.parts[Part.POLLING].words
    health = judge(None, Role.RUN, storage_trouble="it is locked", now=NOW)
    assert health.parts[Part.DATABASE].words == "it is locked"


def test_without_a_token_nothing_is_made_that_others_could_ask() -> None:
    with pytest.raises(ValueError, match="HTTP_TOKEN is missing"):
        Guard(Address("0.0.0.0", 80), None)  # noqa: S104 - what is refused


async def all_of(connection: asyncio.StreamReader) -> bytes:
    """What comes until the other end closes it."""
    async with asyncio.timeout(limit(10)):
        return await connection.read()


def connections() -> set[int]:
    gc.collect()
    return {id(each) for each in gc.get_objects() if isinstance(each, web.RequestHandler)}


async def test_a_connection_that_ended_leaves_nothing_behind() -> None:
    others = connections()
    async with listening(web.Application(), Address("127.0.0.1", 0)) as where:
        for _ in range(3):
            reader, writer = await asyncio.open_connection(where.host, where.port)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            assert b"404" in await all_of(reader)
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(limit(5)):
            while connections() - others:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)


async def test_one_that_says_nothing_is_closed_after_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "CONNECTION_LIMIT_S", 0.1)
    async with listening(web.Application(), Address("127.0.0.1", 0)) as where:
        reader, writer = await asyncio.open_connection(where.host, where.port)
        assert await all_of(reader) == b""
        writer.close()
        await writer.wait_closed()


def test_a_histogram_counts_up_to_each_bound() -> None:
    timings = Timings([0.1, 1])
    for seconds in (0.05, 0.1, 0.5, 3.0):
        timings.add(seconds)
    registry = CollectorRegistry()
    registry.register(_Page([histogram("x_seconds", "X.", {"": timings})]))
    text = generate_latest(registry).decode()
    assert 'mooring_x_seconds_bucket{le="0.1"} 2.0' in text
    assert 'mooring_x_seconds_bucket{le="1.0"} 3.0' in text
    assert 'mooring_x_seconds_bucket{le="+Inf"} 4.0' in text
    assert "mooring_x_seconds_count 4.0" in text
    assert "mooring_x_seconds_sum 3.65" in text


def status(state: State, reason: str = "") -> Status:
    return Status(state, NOW + timedelta(seconds=1), reason)


def test_a_reconnect_is_counted_by_what_kept_the_line_down() -> None:
    tallies = Tallies()
    dropped = status(State.RETRYING, "the connection dropped")
    dialled = status(State.CONNECTING, "the connection dropped")
    tallies.moved(status(State.ONLINE), dropped, has_broken=True)
    tallies.moved(dropped, dialled, has_broken=False)
    tallies.moved(dialled, status(State.ONLINE), has_broken=False)
    tallies.moved(status(State.CONNECTING), status(State.ONLINE), has_broken=False)
    flooded = status(State.WAITING, "Telegram asks to wait")
    tallies.moved(status(State.CONNECTING), flooded, has_broken=True)
    after_it = status(State.CONNECTING, "Telegram asks to wait")
    tallies.moved(after_it, status(State.ONLINE), has_broken=False)
    key_dead = status(State.NEEDS_LOGIN, "the session's key is not valid any more")
    tallies.moved(status(State.ONLINE), key_dead, has_broken=True)
    # A frozen account: still ONLINE, and no line came up.
    tallies.moved(status(State.ONLINE), status(State.ONLINE), has_broken=False)

    assert tallies.failures == {"dropped": 1, "flood": 1, "login": 1}
    assert tallies.reconnects == {"dropped": 1, "asked": 1, "flood": 1}
    assert tallies.moves[State.CONNECTING, State.ONLINE] == 3
    assert (State.ONLINE, State.ONLINE) not in tallies.moves
