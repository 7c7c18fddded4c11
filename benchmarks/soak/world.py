"""The sandbox, Mooring as a program beside it, and what both say of each other."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from benchmarks.idler import rss_kib
from benchmarks.place import Place, enrol, place, settings_for
from benchmarks.processes import crew
from benchmarks.soak.tricks import TRICKS, Trick
from bot.settings import Settings
from bot.vault import open_vault
from storage import deliveries, drafting
from storage.database import Database, open_database
from storage.delivery import DeliveryState, Fallback
from storage.errors import StorageError
from storage.schema import accounts, events
from storage.schema import deliveries as table
from userbot.states import State

PROXIES, RECEIVERS = 20, 10
FAULT_EVERY_S, SEND_EVERY_S, SAMPLE_EVERY_S = 4.0, 0.5, 10.0
LONGEST_S = 20.0
START_LIMIT_S, BACK_LIMIT_S, END_LIMIT_S = 300.0, 2400.0, 60.0
"""To come back takes long for an account that was hit ten times in a row: one try each half hour."""
DIALS_A_MINUTE = 30
"""More of one key are a hazard; the sandbox's own rule, which other benchmarks lift."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at a time."""

    at_s: float
    memory_mib: float
    files: int
    online: int
    database_mib: float

    @property
    def besides_lines(self) -> int:
        """The open files that are no account's line: those come and go with the faults."""
        return self.files - self.online


@dataclass
class Soak:
    """The world, the program's database, and what has happened."""

    where: Place
    database: Database
    process: Process
    file: Path
    """The database's."""
    receivers: list[dict[str, Any]]
    random: Random
    played: Counter[str] = field(default_factory=Counter)
    ordered: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    """Sender, receiver and text by delivery."""
    samples: list[Sample] = field(default_factory=list)

    async def break_things(self) -> None:
        """Until cancelled; each passes by itself."""
        weights = [each.often for each in TRICKS]
        async with asyncio.TaskGroup() as lifting:
            while True:
                await asyncio.sleep(self.random.expovariate(1 / FAULT_EVERY_S))
                (trick,) = self.random.choices(TRICKS, weights)
                self.played[trick.name] += 1
                lifting.create_task(self._play(trick), name=trick.name)

    async def _play(self, trick: Trick) -> None:
        path, body = trick.path, dict(trick.body)
        if trick.of == "user":
            body["user"] = self.random.choice(self.where.people)["id"]
        elif trick.of == "proxy":
            path = path.format(self.random.choice(self.where.proxies)["id"])
        fault = await self.where.sandbox.post(path, **body)
        if "/faults/" in f"/{path}":
            await asyncio.sleep(self.random.uniform(0.5, LONGEST_S))
            await self.where.sandbox.delete(f"{path.rpartition('/')[0]}/{fault['id']}")

    async def order_messages(self, numbers: Sequence[int]) -> None:
        """Until cancelled: a message from some account, as an operator orders one."""
        while True:
            await asyncio.sleep(self.random.expovariate(1 / SEND_EVERY_S))
            place_, receiver = (
                self.random.randrange(len(numbers)),
                self.random.choice(self.receivers),
            )
            text = f"message {len(self.ordered)}"
            with suppress(StorageError):  # it was not ordered
                async with self.database.transaction() as tx:
                    number = await deliveries.draft(
                        tx,
                        account_id=numbers[place_],
                        target=f"@{receiver['username']}",
                        text=text,
                        fallback=Fallback.NEVER,
                    )
                    await drafting.approve(tx, number)
                sender = self.where.people[place_]["id"]
                self.ordered[number] = (sender, receiver["id"], text)

    async def watch(self, began: float) -> None:
        """Until cancelled: a sample now and then."""
        while True:
            self.samples.append(await self.sample(began))
            if len(self.samples) % 30 == 1:
                now = self.samples[-1]
                sys.stderr.write(
                    f"  {now.at_s / 60:.0f} min: {now.online} online, {now.memory_mib:.0f} MiB, "
                    f"{now.files} files, {self.played.total()} faults, {len(self.ordered)} messages\n"
                )
            await asyncio.sleep(SAMPLE_EVERY_S)

    async def sample(self, began: float) -> Sample:
        files = len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - in memory
        memory_mib = rss_kib(self.process.pid) / 1024
        size_mib = os.stat(self.file).st_size / 2**20  # noqa: PTH116 - as above
        return Sample(time.monotonic() - began, memory_mib, files, await self.online(), size_mib)

    async def online(self) -> int:
        async with self.database.read() as tx:
            rows = await tx.all(
                select(func.count()).select_from(accounts).where(accounts.c.state == State.ONLINE)
            )
        return int(rows[0][0])

    async def until_all_online(self, limit_s: float) -> float:
        """Returns after how long."""
        began = time.monotonic()
        async with asyncio.timeout(limit_s):
            while await self.online() < len(self.where.people):
                if self.process.returncode is not None:
                    raise RuntimeError(f"Mooring ended with {self.process.returncode}")
                await asyncio.sleep(0.5)
        return time.monotonic() - began

    async def mend_all(self) -> None:
        """Lift every fault, wherever it is."""
        proxies = (f"proxies/{proxy['id']}/faults" for proxy in self.where.proxies)
        for board in ("faults", "botapi/faults", *proxies):
            await self.where.sandbox.delete(board)

    async def ends(self) -> Counter[str]:
        """How many deliveries are in each state, once none is under way."""
        async with asyncio.timeout(BACK_LIMIT_S):
            while True:
                async with self.database.read() as tx:
                    rows = await tx.all(
                        select(table.c.state, func.count().label("times")).group_by(table.c.state)
                    )
                found = Counter({str(row.state): int(row.times) for row in rows})
                if not set(found) & {str(each) for each in deliveries.OPEN}:
                    return found
                await asyncio.sleep(1)

    async def came_otherwise(self) -> list[str]:
        """What was SENT and did not come once, or was not and came more than once."""
        async with self.database.read() as tx:
            states = {row.id: row.state for row in await tx.all(select(table.c.id, table.c.state))}
        chats: dict[tuple[int, int], Counter[str]] = {}
        wrong = []
        for number, (sender, receiver, text) in self.ordered.items():
            if (pair := (receiver, sender)) not in chats:
                path = f"users/{receiver}/chats/{sender}/messages"
                came = (await self.where.sandbox.get(path))["messages"]
                chats[pair] = Counter(message["text"] for message in came)
            times = chats[pair][text]
            if times > 1 or (times == 0 and states[number] == DeliveryState.SENT):
                wrong.append(f"delivery {number} is {states[number]} and came {times} times")
        return wrong

    async def happened(self) -> Counter[str]:
        """The journal, by kind."""
        async with self.database.read() as tx:
            rows = await tx.all(
                select(events.c.kind, func.count().label("times")).group_by(events.c.kind)
            )
        return Counter({str(row.kind): int(row.times) for row in rows})


@asynccontextmanager
async def running(people: int, seed: int) -> AsyncIterator[Soak]:
    """Mooring with so many accounts, all ONLINE; it is ended by SIGTERM, and has to end well."""
    with tempfile.TemporaryDirectory() as name:
        async with place(people, proxies_in_all=PROXIES) as where:
            await where.sandbox.post("hazards/rules", connects_per_minute=DIALS_A_MINUTE)
            receivers = [
                await where.sandbox.post("users", first_name=f"Bob {n}", username=f"receiver_{n}")
                for n in range(RECEIVERS)
            ]
            folder = Path(name)
            plain = await settings_for(where.sandbox, folder, http_bind="")
            settings = Settings.model_validate(plain)
            await enrol(settings, where)
            database = await open_database(settings.database, open_vault(settings))
            try:
                async with crew(plain, folder) as processes:
                    process = await processes.start("run")
                    random = Random(seed)  # noqa: S311 - to repeat it
                    file = folder / "mooring.db"
                    soak = Soak(where, database, process, file, receivers, random)
                    await soak.until_all_online(START_LIMIT_S)
                    yield soak
                    process.send_signal(signal.SIGTERM)
                    async with asyncio.timeout(END_LIMIT_S):
                        code = await process.wait()
                    if code:
                        raise RuntimeError(f"Mooring ended with {code}")
            finally:
                await database.close()
