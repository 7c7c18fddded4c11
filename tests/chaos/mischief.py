"""What can happen to a worker, to its network and to the database; all of it passes."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from random import Random

from tests.chaos.crew import Crew
from tests.chaos.machines import Machine
from tests.timing import limit

Trick = Callable[[Crew, Machine, Random], Awaitable[None]]
TAKEN_OVER_S = 45
"""From the last renewal of a lease until others may have what it covered."""
END_LIMIT_S = 90


async def kill(_: Crew, machine: Machine, random: Random) -> None:
    await machine.kill()
    await asyncio.sleep(random.uniform(0, 5))
    await machine.start()


async def end(_: Crew, machine: Machine, random: Random) -> None:
    machine.worker.signal(signal.SIGTERM)
    async with asyncio.timeout(limit(END_LIMIT_S)):
        await machine.ended()
    await asyncio.sleep(random.uniform(0, 5))
    await machine.start()


async def drain(crew: Crew, machine: Machine, _: Random) -> None:
    """One that is still starting is none yet; one that loses its lease meanwhile goes on anew.

    A bot is not drained: it may be the only one, which is refused.
    """
    if machine in crew.controls or not (name := await crew.id_of(machine)):
        return
    drained = await crew.team.start("drain", name)
    if await drained.process.wait() == 0 and await machine.has_ended(within_s=10):
        await machine.start()


async def _stand_still(machine: Machine, for_s: float) -> None:
    machine.worker.signal(signal.SIGSTOP)
    await asyncio.sleep(for_s)
    machine.worker.signal(signal.SIGCONT)


async def blink(_: Crew, machine: Machine, random: Random) -> None:
    """Shorter than its lease."""
    await _stand_still(machine, random.uniform(1, 8))


async def doze(_: Crew, machine: Machine, random: Random) -> None:
    """Longer than its lease, and not for so long that others take over."""
    await _stand_still(machine, random.uniform(13, 40))


async def sleep(_: Crew, machine: Machine, random: Random) -> None:
    """So long that others have what it had."""
    await _stand_still(machine, TAKEN_OVER_S + random.uniform(3, 15))


def cut_off(cut: Callable[[Machine], None]) -> Trick:
    """For a while, which may be shorter than its lease or longer than others wait."""

    async def trick(_: Crew, machine: Machine, random: Random) -> None:
        cut(machine)
        await asyncio.sleep(random.uniform(2, TAKEN_OVER_S + 15))
        machine.mend()

    return trick


async def lose_all(_: Crew, machine: Machine, random: Random) -> None:
    """The machine's network is gone, and comes back piece by piece."""
    machine.to_telegram.freeze()
    machine.to_database.freeze()
    await asyncio.sleep(random.uniform(2, TAKEN_OVER_S + 15))
    machine.to_database.mend()
    await asyncio.sleep(random.uniform(0, 5))
    machine.mend()


TRICKS: dict[str, Trick] = {
    "kill": kill,
    "end": end,
    "drain": drain,
    "blink": blink,
    "doze": doze,
    "sleep": sleep,
    "lose the database": cut_off(lambda machine: machine.to_database.freeze()),
    "the database refuses": cut_off(lambda machine: machine.to_database.refuse()),
    "lose Telegram": cut_off(lambda machine: machine.to_telegram.freeze()),
    "Telegram refuses": cut_off(lambda machine: machine.to_telegram.refuse()),
    "lose all": lose_all,
}


async def restart(crew: Crew, random: Random) -> None:
    await asyncio.to_thread(crew.postgres.stop)
    await asyncio.sleep(random.choice([0, 5, 20]))
    await asyncio.to_thread(crew.postgres.start)


async def fail_over(crew: Crew, _: Random) -> None:
    await asyncio.to_thread(crew.postgres.fail_over)


async def crash(crew: Crew, random: Random) -> None:
    await asyncio.to_thread(crew.postgres.crash)
    await asyncio.sleep(random.choice([0, 5]))
    await asyncio.to_thread(crew.postgres.start)


SERVER: dict[str, Callable[[Crew, Random], Awaitable[None]]] = {
    "restart": restart,
    "crash": crash,
    "fail over": fail_over,
}


OFTEN = dict.fromkeys(TRICKS, 6) | {"restart": 2, "crash": 2, "fail over": 1}
"""How often each is played, by the others."""


class Mischief:
    """Plays one trick at a time on each machine."""

    def __init__(self, crew: Crew, random: Random) -> None:
        self._crew = crew
        self._all = [*crew.machines, *crew.controls]
        self._random = random
        self._busy: set[str] = set()
        self.played: list[str] = []

    async def go_on(self, for_s: float) -> None:
        """For so long; returns when the last one has passed."""
        until = asyncio.get_running_loop().time() + for_s
        async with asyncio.TaskGroup() as tricks:
            while asyncio.get_running_loop().time() < until:
                await asyncio.sleep(self._random.uniform(1, 4))
                await self._bring_back()
                await self._play_one(tricks)
        await self._bring_back()

    async def _bring_back(self) -> None:
        for machine in self._all:
            if machine.name not in self._busy:
                await machine.bring_back()

    async def _play_one(self, tricks: asyncio.TaskGroup) -> None:
        (name,) = self._random.choices(list(OFTEN), list(OFTEN.values()))
        free = [m for m in self._all if m.name not in self._busy]
        if name in SERVER:
            self._note(name)
            await SERVER[name](self._crew, self._random)
        elif free:
            machine = self._random.choice(free)
            self._note(name, machine)
            self._busy.add(machine.name)
            tricks.create_task(self._play(name, machine, self._random.random()), name=name)

    async def _play(self, name: str, machine: Machine, seed: float) -> None:
        try:
            await TRICKS[name](self._crew, machine, Random(seed))  # noqa: S311 - repeatable
        finally:
            self._busy.discard(machine.name)

    def _note(self, name: str, machine: Machine | None = None) -> None:
        where = f" on {machine.name}" if machine else ""
        self.played.append(f"{asyncio.get_running_loop().time():.0f} {name}{where}")
        print(self.played[-1], flush=True)  # noqa: T201 - what a seed has played
