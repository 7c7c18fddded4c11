"""A start that brings a thousand accounts back, beside bare Telethon's connect for the same keys.

The sandbox runs in a process of its own. First Mooring starts with its default budgets, then
without any, then Telethon's clients connect, as many at a time, and ask what Mooring asks before
it calls an account connected. All go through the same proxies.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from telethon.tl import functions, types

from benchmarks.place import Place, client, enrol, place, settings_for
from benchmarks.results import Result, scaled
from bot.app import App, running
from bot.settings import Settings
from storage import recoveries

ACCOUNTS, PROXIES = 1000, 100
ROUNDS = 3
"""Of the pair whose ratio counts: they take turns, for a machine that drifts."""
AT_A_TIME = 50
"""How many of Telethon's clients connect at a time."""
LIMIT_S = 300.0
GOAL_S, GOAL_RATIO = 30.0, 2.0


async def measure(scale: float = 1) -> list[Result]:
    """A thousand sessions brought back, with and without budgets, and by bare Telethon."""
    count, rounds = scaled(ACCOUNTS, scale), scaled(ROUNDS, min(1, scale))
    with tempfile.TemporaryDirectory() as folder:
        async with place(count, proxies_in_all=PROXIES) as where:
            settings = Settings.model_validate(await settings_for(where.sandbox, Path(folder)))
            await enrol(settings, where)
            budgeted_s = await _recover(settings, count)
            pairs = [
                (await _recover(settings, count, free=True), await _bare(where))
                for _ in range(rounds)
            ]
    freely_s, bare_s = zip(*pairs, strict=True)
    return [
        Result(
            f"{count} sessions back, default budgets", budgeted_s, "s", GOAL_S, is_at_most=True
        ),
        Result.of(
            f"{count} sessions back, no budgets",
            freely_s,
            "s",
            is_at_most=True,
            peer="connect by Telethon",
            peer_values=bare_s,
            ratio_goal=GOAL_RATIO,
        ),
    ]


async def _recover(settings: Settings, count: int, *, free: bool = False) -> float:
    """From the call that starts Mooring until the recovery has ended with all accounts back."""
    if free:
        none = {"connects_per_second": 10_000.0, "connects_per_proxy": 1000, "startup_delay": 0.0}
        settings = settings.model_copy(update=none)
    began = time.perf_counter()
    async with running(settings) as app, asyncio.timeout(LIMIT_S):
        ended = await _ended(app)
        took_s = time.perf_counter() - began
    if ended.totals.back != count:
        raise RuntimeError(f"not all came back: {ended.totals}")
    return took_s


async def _ended(app: App) -> recoveries.Recovery:
    with app.database.wakeups.subscribe(recoveries.CHANGED) as changed:
        while True:
            async with app.database.read() as tx:
                (latest,) = await recoveries.latest(tx)
            if latest.ended_at is not None:
                return latest
            await changed.wait(1)


async def _bare(where: Place) -> float:
    """Connect and ask the same two things for every key; all stay connected to the end."""
    clients = [client(person, proxy) for person, proxy in where.pairs()]
    turns = asyncio.Semaphore(AT_A_TIME)

    async def connect(one: Any) -> None:  # noqa: ANN401 - Telethon is untyped
        async with turns:
            await one.connect()
            await one(functions.updates.GetStateRequest())
            await one(functions.users.GetUsersRequest([types.InputUserSelf()]))

    began = time.perf_counter()
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        for each in clients:
            group.create_task(connect(each))
    took_s = time.perf_counter() - began
    await asyncio.gather(*(each.disconnect() for each in clients))
    return took_s
