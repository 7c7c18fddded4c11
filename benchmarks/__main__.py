"""`make bench`: measure, side by side with a peer, and write RESULTS.md, results.json and charts.

Each benchmark's results are kept as soon as it has ended, so that one can be measured anew by its
name. It ends with an error where a ratio to a peer misses its goal: what it says of absolute figures
is told too, but a slower machine is no fault. `--quick` runs every benchmark at a twentieth of its
size, to see that it works: such figures mean little, are printed only, and miss no goal.
"""

import argparse
import asyncio
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks import (
    across,
    capacity,
    dials,
    idle,
    minute,
    noticing,
    proxies,
    recovery,
    sending,
    sharing,
    storage,
    takeover,
)
from benchmarks.report import FOLDER, Section, here, keep, told
from benchmarks.results import Result, merged
from bot.descriptors import make_room
from bot.logs import set_up


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is measured under one title."""

    title: str
    measure: Callable[[float], Awaitable[list[Result]]]
    """Takes the scale of the run: 1 is whole."""
    runs: int = 1
    """How often; those that take long, or take turns with their peer themselves, once."""


BENCHMARKS = {
    "storage": Benchmark("Storage", storage.measure),
    "sending": Benchmark("Sending", sending.measure, 3),
    "proxies": Benchmark("Proxies, many at once", proxies.measure, 3),
    "capacity": Benchmark("What the sandbox carries", capacity.measure, 3),
    "idle": Benchmark("An idle account", idle.measure_one),
    "many": Benchmark("Ten thousand idle accounts", idle.measure_many),
    "noticing": Benchmark("Noticing that a line ended", noticing.measure),
    "dials": Benchmark("Dialling what accepts and closes", dials.measure),
    "recovery": Benchmark("Recovery of a thousand", recovery.measure),
    "takeover": Benchmark("Takeover of a thousand", takeover.measure),
    "across": Benchmark("A send ordered on another instance", across.measure, 3),
    "minute": Benchmark("The database's idle minute", minute.measure),
    "sharing": Benchmark("What it costs to share many accounts", sharing.measure),
}
ORDER = [each.title for each in BENCHMARKS.values()]
QUICK, AT_A_TIME = 0.05, 4
LONGEST = ("takeover", "minute", "idle", "many")
"""They begin first, where several run at a time."""


async def measure(name: str, *, quick: bool = False, seed: int = 1) -> Section:
    """One benchmark, as often as it takes."""
    one = BENCHMARKS[name]
    runs = []
    for number in range(1 if quick else one.runs):
        sys.stderr.write(f"{one.title}, run {number + 1} …\n")
        random.seed(seed + number)  # Mooring's jitter; keys and texts are the system's own
        began = time.monotonic()
        runs.append(await one.measure(QUICK if quick else 1))
        sys.stderr.write(f"  took {time.monotonic() - began:.0f} s\n")
    return Section(one.title, merged(runs), here(seed))


async def main(options: argparse.Namespace) -> Sequence[Section]:
    """Measure what was asked for, one after the other."""
    make_room()
    set_up("ERROR")
    if task := asyncio.current_task():  # so that what was started is ended, too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    names = options.names or list(BENCHMARKS)
    if options.quick:
        return await _all_quick(names, options.seed)
    sections = []
    for name in names:
        sections.append(await measure(name, seed=options.seed))
        await keep(sections[-1], ORDER, options.into)
    return sections


async def _all_quick(names: Sequence[str], seed: int) -> Sequence[Section]:
    """Some at a time, for most of each is waiting; their figures do not count anyway."""
    turns = asyncio.Semaphore(AT_A_TIME)

    async def one(name: str) -> Section:
        async with turns:
            return await measure(name, quick=True, seed=seed)

    async with asyncio.TaskGroup() as group:
        longest_first = sorted(names, key=LONGEST.count, reverse=True)
        tasks = {name: group.create_task(one(name), name=name) for name in longest_first}
    return [tasks[name].result() for name in names]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(BENCHMARKS)}; all")
    parser.add_argument("--quick", action="store_true", help="small, to see that they work")
    parser.add_argument("--seed", type=int, default=1, help="of Mooring's jitter; 1")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where the results are kept")
    found = parser.parse_args()
    if unknown := set(found.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return found


def run(asked: argparse.Namespace) -> int:
    """Measure, tell, and return what the process ends with: 1 where a ratio is missed."""
    sections = uvloop.run(main(asked))
    sys.stdout.write(told(sections))
    missed = [r for section in sections for r in section.results if not r.is_ratio_met]
    if asked.quick or not missed:
        return 0
    for result in missed:
        sys.stderr.write(f"missed: {result.name}: {result.ratio:.3g} x {result.peer}\n")
    return 1


if __name__ == "__main__":
    sys.exit(run(options()))
