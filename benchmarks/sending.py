"""One send through Mooring beside one by bare Telethon, in the same run.

The sandbox runs in a process of its own. Both send one message after the other over one line,
in alternating rounds, so that a machine that drifts drifts for both.
"""

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from telethon.tl import functions

from benchmarks.place import Place, client, enrol, place, settings_for
from benchmarks.results import Result, scaled
from bot.app import App, running
from bot.settings import Settings
from storage import accounts, deliveries
from storage.delivery import DeliveryState

ROUNDS, PER_ROUND = 10, 20


async def measure(scale: float = 1) -> list[Result]:
    """One send through Mooring beside one by bare Telethon."""
    with tempfile.TemporaryDirectory() as folder:
        async with place(2) as where:
            await where.sandbox.post("users", first_name="Target", username="bench_target")
            settings = Settings.model_validate(await settings_for(where.sandbox, Path(folder)))
            await enrol(settings, replace(where, people=where.people[:1]))
            async with running(settings) as app, _bare(where) as one:
                await _online(app)
                mooring, bare = await _measure(app, one, max(2, scaled(ROUNDS, scale)))
    return [
        _compared("a send, durable, p50", *(_tenth(5, each) for each in (mooring, bare))),
        _compared("a send, durable, p90", *(_tenth(9, each) for each in (mooring, bare))),
    ]


async def _measure(app: App, one: Any, rounds: int) -> tuple[list[float], list[float]]:  # noqa: ANN401 - Telethon is untyped
    peer = await one.get_input_entity("bench_target")
    mooring: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        mooring += [await _through_mooring(app) for _ in range(PER_ROUND)]
        for _ in range(PER_ROUND):
            began = time.perf_counter()
            await one(
                functions.messages.SendMessageRequest(
                    peer, "hello", random_id=secrets.randbits(62)
                )
            )
            bare.append(time.perf_counter() - began)
    return mooring, bare


async def _through_mooring(app: App) -> float:
    """From the approved order to the durable SENT."""
    database = app.database
    began = time.perf_counter()
    with database.wakeups.subscribe(deliveries.CHANGED) as changed:
        async with database.transaction() as tx:
            number = await deliveries.draft(tx, account_id=1, target="@bench_target", text="hello")
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
            )
        while True:
            async with database.read() as tx:
                found = await deliveries.get(tx, number)
            if found and found.state.is_final:
                if found.state is not DeliveryState.SENT:
                    raise RuntimeError(f"not sent: {found.error}")
                return time.perf_counter() - began
            await changed.wait(1)


def _tenth(number: int, taken_s: list[float]) -> float:
    return statistics.quantiles(taken_s, n=10)[number - 1] * 1000


def _compared(name: str, mooring: float, bare: float) -> Result:
    return Result(name, mooring, "ms", peer="Telethon, nothing kept", peer_value=bare)


@asynccontextmanager
async def _bare(where: Place) -> AsyncIterator[Any]:
    *_, (person, proxy) = where.pairs()
    one = client(person, proxy)
    await one.connect()
    try:
        yield one
    finally:
        await one.disconnect()


async def _online(app: App) -> None:
    userbot = app.registry.get(1)
    with app.database.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(30):
            while userbot is None or userbot.line is None:
                await changed.wait(1)
