"""Accounts of a worker that dies, taken over by two others: real processes, default budgets.

Each worker has a thousand. One is killed, or it is stopped (SIGSTOP). Either way the others wait
until its lease is over and Telegram has closed what it left open. The time is from there until the
last account is ONLINE again in a process of its new owner's.
"""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from benchmarks.place import enrol, place, settings_for
from benchmarks.processes import Crew, crew
from benchmarks.results import Result, scaled
from benchmarks.server import postgres
from bot.settings import Settings
from bot.vault import open_vault
from storage import lease
from storage.database import Database, open_database
from storage.schema import accounts, instances, leases
from userbot.share import BEGINNING_S
from userbot.states import State

ACCOUNTS, WORKERS, PROXIES = 1000, 3, 100
KILLS, STOPS = 3, 1
GOAL_S, LIMIT_S = 30.0, 300.0
LOOK_EVERY_S = 0.1


async def measure(scale: float = 1) -> list[Result]:
    """After kills, and after a stop; of several the slowest counts."""
    count = scaled(ACCOUNTS, scale)
    kills, stops = scaled(KILLS, min(1, scale)), STOPS if scale >= 1 else 0
    async with _shared(count * WORKERS) as strike:
        killed = [await strike(_kill) for _ in range(kills)]
        stopped = [await strike(_stop) for _ in range(stops)]
    found = [
        Result(
            f"{count} accounts of a killed worker ONLINE elsewhere, after the prescribed wait, slowest of {kills}",
            max(killed),
            "s",
            GOAL_S,
            is_at_most=True,
        ),
        Result.of("the median of these", killed, "s"),
    ]
    if not stops:
        return found
    return [
        *found,
        Result(
            f"the same for a stopped one, slowest of {stops}",
            max(stopped),
            "s",
            GOAL_S,
            is_at_most=True,
        ),
    ]


Fell = Callable[["_Team"], Awaitable[float]]
"""Strike a worker down; from when on the others may take over, by `time.time()`."""


class _Team:
    """The workers, and what the rows say of them."""

    def __init__(self, database: Database, processes: Crew) -> None:
        self.database = database
        self.processes = processes
        self.victim = 0

    async def owned_by(self, pid: int) -> set[int]:
        async with self.database.read() as tx:
            rows = await tx.all(
                select(accounts.c.id)
                .join(instances, instances.c.id == accounts.c.owner)
                .where(instances.c.pid == pid, instances.c.died_at.is_(None))
            )
        return {row.id for row in rows}

    async def online_since(self, since: datetime) -> set[int]:
        """The accounts that came online after then."""
        async with self.database.read() as tx:
            is_online = (accounts.c.state == State.ONLINE) & (accounts.c.since > since)
            rows = await tx.all(select(accounts.c.id).where(is_online))
        return {row.id for row in rows}

    async def lease_ends_at(self, pid: int) -> float:
        async with self.database.read() as tx:
            row = await tx.one(
                select(leases.c.until)
                .join(instances, instances.c.id == leases.c.instance)
                .where(instances.c.pid == pid)
            )
        if row is None:
            raise RuntimeError("the worker has no lease")
        return float(row.until.timestamp())


async def _kill(team: _Team) -> float:
    team.processes.signal(team.victim, signal.SIGKILL)
    return await _after_the_wait(team)


async def _stop(team: _Team) -> float:
    team.processes.signal(team.victim, signal.SIGSTOP)
    return await _after_the_wait(team)


async def _after_the_wait(team: _Team) -> float:
    return await team.lease_ends_at(team.victim) + lease.TAKEOVER_AFTER.total_seconds()


@asynccontextmanager
async def _shared(people: int) -> AsyncIterator[Callable[[Fell], Awaitable[float]]]:
    """Strike a new team down, again and again; afterwards the data centre saw no hazard."""
    with postgres() as server, tempfile.TemporaryDirectory() as name:
        async with place(people, proxies_in_all=PROXIES) as where:
            folder = Path(name)
            plain = await settings_for(where.sandbox, folder, database_url=server.new())
            settings = Settings.model_validate(plain)
            await enrol(settings, where)
            database = await open_database(settings.database, open_vault(settings))

            async def strike(fell: Fell) -> float:
                async with crew(plain, folder) as processes:
                    return await _struck(_Team(database, processes), people, fell)

            try:
                yield strike
            finally:
                await database.close()
            if hazards := await where.sandbox.get("hazards"):
                raise RuntimeError(f"the data centre saw {len(hazards)} hazards: {hazards[:3]}")


async def _struck(team: _Team, count: int, fell: Fell) -> float:
    started = team.database.now()
    for _ in range(WORKERS):
        await team.processes.start("worker", "--of", str(WORKERS))
    everyone = await _until(team, started, count)
    await asyncio.sleep(BEGINNING_S)  # so long they leave room for each other
    team.victim = team.processes.pids[0]
    lost = await team.owned_by(team.victim)
    if not 0 < len(lost) < len(everyone):
        raise RuntimeError(f"the worker has {len(lost)} of {len(everyone)} accounts")
    struck = team.database.now()
    may_begin_at = await fell(team)
    await _until(team, struck, len(lost), lost)
    took_s = time.time() - may_begin_at
    sys.stderr.write(f"  {len(lost)} accounts in {took_s:.1f} s\n")
    return took_s


async def _until(
    team: _Team, since: datetime, count: int, these: set[int] | None = None
) -> set[int]:
    """Wait until so many, these among them, came online after then."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            found = await team.online_since(since)
            if len(found) >= count and (these or set()) <= found:
                return found
            await asyncio.sleep(LOOK_EVERY_S)
