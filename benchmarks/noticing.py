"""How soon a line that ended is noticed: cut, and half open.

A cut is timed from the order to the sandbox until the userbot is RETRYING. A half-open line is
accepted and read by a data centre that answers nothing and closes nothing.
"""

import asyncio
import statistics
import time
from typing import Any

from benchmarks.fleet import LIMIT_S, Fleet, clients, fleet, is_online, until
from benchmarks.place import Place, place
from benchmarks.results import Result, scaled
from userbot.limits import Limits
from userbot.states import State
from userbot.userbot import Userbot

CUTS, FROZEN = 200, 100
BARE_CAP_S = 150.0
"""How long a bare client may take to notice; it looks once a minute."""


async def measure(scale: float = 1) -> list[Result]:
    """Both, beside bare Telethon without its own reconnect: with it, it tells nobody."""
    return [*await _cuts(scaled(CUTS, scale)), *await _half_open(scale)]


async def _cuts(count: int) -> list[Result]:
    async with place(count) as where:
        async with fleet(where, Limits()) as ours:
            noticed = [
                await _cut(where, person["id"], userbot)
                for person, userbot in zip(where.people, ours.userbots, strict=True)
            ]
        async with clients(where, auto_reconnect=False) as theirs:
            bare = [
                await _cut_bare(where, person["id"], each)
                for person, each in zip(where.people, theirs, strict=True)
            ]
    return [
        Result(
            "a cut line is noticed, p99",
            _p99(noticed),
            "ms",
            50,
            is_at_most=True,
            peer="Telethon, auto_reconnect=False",
            peer_value=_p99(bare),
        ),
        Result(
            "a cut line is noticed, median",
            statistics.median(noticed),
            "ms",
            peer="Telethon, auto_reconnect=False",
            peer_value=statistics.median(bare),
        ),
    ]


async def _cut(where: Place, person: int, userbot: Userbot) -> float:
    await until(lambda: is_online(userbot), LIMIT_S)
    began = time.perf_counter()
    cutting = asyncio.ensure_future(where.sandbox.post("connections/cut", user=person))  # noqa: TID251 - a benchmark's own
    await until(lambda: userbot.status.state is State.RETRYING, LIMIT_S)
    took_s = time.perf_counter() - began
    await cutting
    return took_s * 1000


async def _cut_bare(where: Place, person: int, one: Any) -> float:  # noqa: ANN401 - Telethon is untyped
    ended = one.disconnected
    began = time.perf_counter()
    cutting = asyncio.ensure_future(where.sandbox.post("connections/cut", user=person))  # noqa: TID251
    await asyncio.wait([ended])
    took_s = time.perf_counter() - began
    ended.exception()
    await cutting
    return took_s * 1000


async def _half_open(scale: float) -> list[Result]:
    """The slowest of all. A short run has shorter limits, and no bare client to wait for."""
    is_full = scale >= 1
    limits = Limits() if is_full else Limits(ping_every_s=1, ping_answer_s=0.5, ping_retry_s=0.5)
    bare_s: float | None = None
    async with place(scaled(FROZEN, scale)) as where:
        async with fleet(where, limits) as ours:
            slowest_s = await _frozen(where, ours)
        if is_full:
            async with clients(where, auto_reconnect=False) as theirs:
                bare_s = await _frozen_bare(where, theirs)
    return [
        Result(
            "a half-open line is noticed, the slowest",
            slowest_s,
            "s",
            30 if is_full else None,
            is_at_most=True,
            peer="Telethon, auto_reconnect=False",
            peer_value=bare_s,
        )
    ]


async def _frozen(where: Place, ours: Fleet) -> float:
    await where.sandbox.post("faults/freeze")
    began = time.perf_counter()
    await asyncio.gather(
        *(until(lambda u=u: not is_online(u), LIMIT_S) for u in ours.userbots)  # type: ignore[misc]
    )
    took_s = time.perf_counter() - began
    await where.sandbox.mend()
    return took_s


async def _frozen_bare(where: Place, theirs: list[Any]) -> float:
    await where.sandbox.post("faults/freeze")
    began = time.perf_counter()
    await asyncio.wait([each.disconnected for each in theirs], timeout=BARE_CAP_S)
    took_s = time.perf_counter() - began
    await where.sandbox.mend()
    return took_s


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]
