"""A data centre that takes every connection and closes it at once: how often each side dials."""

import asyncio
import time
from typing import Any

from benchmarks.fleet import clients, fleet
from benchmarks.place import Place, place
from benchmarks.results import Result, scaled
from userbot.limits import Limits

ACCOUNTS, OURS_S, THEIRS_S = 20, 60.0, 5.0
BY_SCHEDULE = 6
"""In the first minute: at once, then after 5, 10, 15 and 30 s, each ±20 %."""


async def measure(scale: float = 1) -> list[Result]:
    """Dials a minute for each account; bare Telethon has its own reconnect, as it comes."""
    count = scaled(ACCOUNTS, scale)
    async with place(count) as where:
        async with fleet(where, Limits()):
            ours = await _dials(where, OURS_S * min(1, scale))
        async with clients(where):
            theirs = await _dials(where, THEIRS_S * min(1, scale))
    return [
        Result(
            "dials of an account in the minute after a cut",
            ours * 60 * min(1, scale) / count,
            "dials",
            BY_SCHEDULE,
            is_at_most=True,
            peer="Telethon",
            peer_value=theirs * 60 / count,
        ),
        Result(f"dials a second by Telethon for {count} accounts", theirs, "dials"),
    ]


async def _dials(where: Place, for_s: float) -> float:
    """How many come to the data centre a second, while it closes each."""
    fault = await where.sandbox.post("faults/close_at_once")
    began = time.perf_counter()
    await where.sandbox.post("connections/cut")
    await asyncio.sleep(for_s)
    (now,) = [f for f in await where.sandbox.get("faults") if f["id"] == fault["id"]]
    passed_s = time.perf_counter() - began
    await where.sandbox.mend()
    struck: Any = now["struck"]
    return float(struck) / passed_s
