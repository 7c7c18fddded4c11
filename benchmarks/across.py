"""A send ordered here and done by another process, beside one that is done here.

Two instances share two accounts on one PostgreSQL: this process, and a worker of its own. Both
sends are ordered here, in alternating rounds, and their time is from the committed order until
this process has read SENT.
"""

import asyncio
import secrets
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from benchmarks.place import enrol, place, settings_for
from benchmarks.processes import crew
from benchmarks.results import Result, scaled
from benchmarks.server import postgres
from bot.app import App, running
from bot.instance import Part
from bot.settings import Settings
from storage import deliveries
from storage.delivery import DeliveryState
from storage.instances import Role
from storage.schema import accounts
from storage.schema import deliveries as table
from userbot.states import State

ROUNDS, PER_ROUND = 10, 50
WARM_UP = 20
TARGET = "@bench_target"
GOAL_MS, LIMIT_S = 20.0, 120.0


async def measure(scale: float = 1) -> list[Result]:
    """What the way to another process adds."""
    rounds = max(2, scaled(ROUNDS, scale))
    with postgres() as server, tempfile.TemporaryDirectory() as name:
        async with place(2) as where:
            await where.sandbox.post("users", first_name="Target", username=TARGET[1:])
            folder = Path(name)
            plain = await settings_for(
                where.sandbox, folder, database_url=server.new(), startup_delay=0
            )
            settings = Settings.model_validate(plain)
            await enrol(settings, where)
            async with crew(plain, folder) as processes:
                await processes.start("worker", "--of", "2")
                async with running(settings, Part(Role.WORKER, expected=2)) as app:
                    here, there = await _shared(app)
                    return await _compared(app, here, there, rounds)


async def _compared(app: App, here: int, there: int, rounds: int) -> list[Result]:
    for account_id in (here, there):
        for _ in range(WARM_UP):
            await _send(app, account_id)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours += [await _send(app, here) for _ in range(PER_ROUND)]
        theirs += [await _send(app, there) for _ in range(PER_ROUND)]
    by_round = [
        _p50(theirs[first : first + PER_ROUND]) - _p50(ours[first : first + PER_ROUND])
        for first in range(0, len(ours), PER_ROUND)
    ]
    return [
        Result(
            "ordered here, done in another process, p50",
            _p50(theirs),
            "ms",
            peer="ordered and done here",
            peer_value=_p50(ours),
        ),
        Result.of("added by that, p50", by_round, "ms", goal=GOAL_MS, is_at_most=True),
        Result("added by that, p99", _p99(theirs) - _p99(ours), "ms"),
    ]


async def _shared(app: App) -> tuple[int, int]:
    """Wait until each has one, connected; which is ours, and which the other's."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with app.database.read() as tx:
                rows = await tx.all(
                    select(accounts.c.id, accounts.c.owner).where(
                        accounts.c.state == State.ONLINE, accounts.c.owner.is_not(None)
                    )
                )
            owners = {row.owner: row.id for row in rows}
            if len(owners) == 2:
                here = owners.pop(app.registry.instance)
                return here, owners.popitem()[1]
            await asyncio.sleep(0.1)


async def _send(app: App, account_id: int) -> float:
    """Milliseconds from the committed order until it is known here that it was sent."""
    database = app.database
    with database.wakeups.subscribe(deliveries.CHANGED) as changed:
        async with database.transaction() as tx:
            text = secrets.token_hex(8)
            number = await deliveries.draft(tx, account_id=account_id, target=TARGET, text=text)
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
            )
        began = time.perf_counter()
        async with asyncio.timeout(LIMIT_S):
            while True:
                async with database.read() as tx:
                    row = await tx.one(
                        select(table.c.state, table.c.error).where(table.c.id == number)
                    )
                if row is not None and row.state == DeliveryState.SENT:
                    return (time.perf_counter() - began) * 1000
                if row is None or row.state == DeliveryState.FAILED:
                    raise RuntimeError(f"not sent: {row.error if row else 'gone'}")
                await changed.wait(1)


def _p50(taken_ms: list[float]) -> float:
    return statistics.median(taken_ms)


def _p99(taken_ms: list[float]) -> float:
    return statistics.quantiles(taken_ms, n=100)[98]
