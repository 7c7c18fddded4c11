"""Processes as if each ran on a machine of its own, with its own way to the database and Telegram."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from tests.chaos.network import Ends, Relay, Way, is_of, relaying
from tests.e2e.team import Team, Worker
from tests.postgres import Postgres
from tests.timing import seconds


class Machine:
    """One process at a time, of those arguments, and its network."""

    def __init__(self, name: str, team: Team, *arguments: str) -> None:
        self.name = name
        self.to_database = Way()
        self.to_telegram = Way()
        self._team = team
        self._arguments = arguments
        self._lost: list[Way] = []
        self._database_url = ""
        self._worker: Worker | None = None

    def connect(self, database_url: str) -> None:
        self._database_url = database_url

    @property
    def worker(self) -> Worker:
        assert self._worker is not None
        return self._worker

    def has(self, port: int) -> bool:
        """Whether a connection from that port is its worker's."""
        return self._worker is not None and is_of(self._worker.pid, port)

    async def start(self) -> None:
        self._worker = await self._team.start(
            *self._arguments, DATABASE_URL=self._database_url, PING_EVERY="3"
        )

    async def bring_back(self) -> None:
        """What a supervisor does: a worker that loses the database while it starts gives up."""
        if self.worker.process.returncode not in {None, 0}:
            await self.start()

    async def ended(self) -> int:
        return await self.worker.process.wait()

    async def has_ended(self, within_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds(within_s)):
                while self.worker.process.returncode is None:  # noqa: ASYNC110 - not our child
                    await asyncio.sleep(0.2)
        return self.worker.process.returncode is not None

    async def kill(self) -> None:
        self.worker.signal(signal.SIGKILL)
        await self.ended()

    def lose_lines(self) -> None:
        """What is up to Telegram is silent from now on, its end too; what is dialled anew is not.

        As where a router on the way has lost its table.
        """
        self.to_telegram.freeze()
        self._lost.append(self.to_telegram)
        self.to_telegram = Way()

    def mend(self) -> None:
        for way in (self.to_database, self.to_telegram, *self._lost):
            way.mend()


class Site:
    """The machines, and the addresses at which they find the proxies."""

    def __init__(
        self, machines: Sequence[Machine], controls: Sequence[Machine], proxies: Sequence[Relay]
    ) -> None:
        self.machines = machines
        """Those with a worker."""
        self.controls = controls
        """Those with a bot, one of which speaks."""
        self.proxies = proxies


@asynccontextmanager
async def machines_of(
    team: Team, postgres: Postgres, count: int, controls: int, proxies: Sequence[int]
) -> AsyncIterator[Site]:
    """So many machines, on which nothing runs yet; `proxies` are the ports of real ones."""
    workers = [Machine(f"machine {n}", team, "worker", "--of", str(count)) for n in range(count)]
    bots = [Machine(f"control {n}", team, "control") for n in range(controls)]
    made = [*workers, *bots]

    def way_to_telegram(port: int) -> Way | None:
        return next((each.to_telegram for each in made if each.has(port)), None)

    def way_to_database(machine: Machine, _port: int) -> Way:
        return machine.to_database

    async with AsyncExitStack() as stack:
        for machine in made:
            dial = partial(_to_database, postgres)
            relay = await stack.enter_async_context(
                relaying(dial, partial(way_to_database, machine))
            )
            machine.connect(postgres.through(team.database.url, relay.port))
        relays = [
            await stack.enter_async_context(relaying(partial(_to_port, port), way_to_telegram))
            for port in proxies
        ]
        try:
            yield Site(workers, bots, relays)
        finally:
            for machine in made:
                machine.mend()
            await team.end()


async def _to_database(postgres: Postgres) -> Ends:
    return await asyncio.open_unix_connection(postgres.socket)


async def _to_port(port: int) -> Ends:
    return await asyncio.open_connection("127.0.0.1", port)
