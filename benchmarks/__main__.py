"""`make bench`: measure, side by side with a peer, and write RESULTS.md and results.json.

`--quick` runs every benchmark at a twentieth of its size, to see that it works: such figures
mean little, and are printed only.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

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
from benchmarks.results import Result, report, write
from bot.descriptors import make_room
from bot.logs import set_up

Measure = Callable[[float], Awaitable[list[Result]]]

SECTIONS: dict[str, tuple[str, Measure]] = {
    "storage": ("Storage", storage.measure),
    "sending": ("Sending", sending.measure),
    "proxies": ("Proxies, many at once", proxies.measure),
    "capacity": ("What the sandbox carries", capacity.measure),
    "idle": ("An idle account", idle.measure_one),
    "many": ("Ten thousand idle accounts", idle.measure_many),
    "noticing": ("Noticing that a line ended", noticing.measure),
    "dials": ("Dialling what accepts and closes", dials.measure),
    "recovery": ("Recovery of a thousand", recovery.measure),
    "takeover": ("Takeover of a thousand", takeover.measure),
    "across": ("A send ordered on another instance", across.measure),
    "minute": ("The database's idle minute", minute.measure),
    "sharing": ("What it costs to share many accounts", sharing.measure),
}
QUICK = 0.05


async def measure_all(names: Sequence[str], scale: float) -> dict[str, list[Result]]:
    """The sections with these names, one after the other."""
    found = {}
    for name in names:
        title, measure = SECTIONS[name]
        sys.stderr.write(f"{title} …\n")
        found[title] = await measure(scale)
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(SECTIONS)}; all")
    parser.add_argument("--quick", action="store_true", help="small, to see that they work")
    options = parser.parse_args()
    if unknown := set(options.names) - set(SECTIONS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    names = options.names or list(SECTIONS)
    make_room()
    set_up("ERROR")
    if task := asyncio.current_task():  # so that what was started is ended, too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    sections = await measure_all(names, QUICK if options.quick else 1)
    if not options.quick and names == list(SECTIONS):
        await asyncio.to_thread(write, sections)
    sys.stdout.write(report(sections))


if __name__ == "__main__":
    uvloop.run(main())
