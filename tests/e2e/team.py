"""Several real processes of Mooring on one PostgreSQL."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from bot.vault import open_vault
from storage.database import Database, open_database
from storage.schema import accounts
from tests import program
from tests.e2e.harness import Mooring
from tests.postgres import Postgres
from tests.timing import limit


@dataclass
class Worker:
    """A process that was started."""

    process: program.Running

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Nothing where it has ended meanwhile."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


class Team:
    """The processes, and what the rows and the data centre say of them."""

    def __init__(self, mooring: Mooring, database: Database) -> None:
        self.mooring = mooring
        self.database = database
        self.workers: list[Worker] = []

    async def start(self, *arguments: str, **changed: str) -> Worker:
        """One more process: `mooring …`, in the same environment but for what is changed."""
        where = self.mooring.settings.data_dir.parent
        env = self.mooring.environment() | changed
        with (where / f"{arguments[0]}-{len(self.workers)}.log").open("wb") as log:
            process = await program.start([*arguments], cwd=where, env=env, stdout=log, stderr=log)
        worker = Worker(process)
        self.workers.append(worker)
        return worker

    async def end(self) -> None:
        """End all that still run, whatever state they are in."""
        for worker in self.workers:
            if worker.process.returncode is None:
                worker.signal(signal.SIGKILL)
                worker.signal(signal.SIGCONT)
            await worker.process.wait()

    async def members(self) -> list[dict[str, Any]]:
        """What `mooring instances` prints."""
        where = self.mooring.settings.data_dir.parent
        said = await asyncio.to_thread(
            program.run, ["instances", "--json"], cwd=where, env=self.mooring.environment()
        )
        found: list[dict[str, Any]] = json.loads(said.stdout)
        return found

    async def owners(self) -> dict[int, tuple[str | None, str]]:
        """The owner and the state of each account."""
        async with self.database.read() as tx:
            rows = await tx.all(select(accounts.c.id, accounts.c.owner, accounts.c.state))
        return {row.id: (row.owner, row.state) for row in rows}

    async def until(
        self, wanted: Callable[[dict[int, tuple[str | None, str]]], bool], limit_s: float = 60
    ) -> dict[int, tuple[str | None, str]]:
        """Wait until the accounts are owned as wanted."""
        found: dict[int, tuple[str | None, str]] = {}
        try:
            async with asyncio.timeout(limit(limit_s)):
                # Other processes change the rows, and tell nobody here.
                while not wanted(found := await self.owners()):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"it did not come to that: {found}") from None
        return found


def shared(found: dict[int, tuple[str | None, str]]) -> dict[str, int]:
    """How many accounts each has; only where all are online."""
    counts: dict[str, int] = {}
    for owner, state in found.values():
        if owner is None or state != "ONLINE":
            return {}
        counts[owner] = counts.get(owner, 0) + 1
    return counts


@asynccontextmanager
async def team(mooring: Mooring, postgres: Postgres) -> AsyncIterator[Team]:
    """No process yet, and a new database for those to come."""
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    mooring.settings.data_dir.mkdir(exist_ok=True)
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    made = Team(mooring, database)
    try:
        yield made
    finally:
        await made.end()
        await database.close()
