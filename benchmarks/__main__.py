"""`make bench`: measure, side by side with a peer, and write RESULTS.md and results.json."""

import sys

import uvloop

from benchmarks import recovery, sending, storage
from benchmarks.results import Result, report, write


async def main() -> None:
    sections: dict[str, list[Result]] = {
        "Storage": await storage.measure(),
        "Sending, one after the other": await sending.measure(),
        "Recovery of a thousand": await recovery.measure(),
    }
    write(sections)
    sys.stdout.write(report(sections))


uvloop.run(main())
