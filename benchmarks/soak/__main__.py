"""`make soak HOURS=1`: Mooring as a program of its own under random faults, for long.

500 accounts behind 20 proxies on a SQLite file, with the bot, all settings as they come (but the
pace of sending, which would hold most messages back). Every few seconds something breaks: a line, a
proxy, the data centre, answers, calls; it passes, mostly within the next twenty seconds. Messages
are ordered all the while. Afterwards all accounts have to be ONLINE by themselves, each message
that was SENT has come once, the data centre has seen no hazard, and the process holds no more
memory and no more files than when it had settled.

It writes SOAK.md and a chart, and ends with 1 where any of that does not hold.
"""

import argparse
import asyncio
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import uvloop
from sqlalchemy import select

from benchmarks.charts import curves
from benchmarks.report import CHARTS, FOLDER, here
from benchmarks.soak.world import BACK_LIMIT_S, SAMPLE_EVERY_S, Sample, running
from bot.descriptors import make_room
from bot.logs import set_up
from storage.delivery import DeliveryState
from storage.schema import accounts

ACCOUNTS = 500
MEMORY_MIB_AN_HOUR, FILES_AN_HOUR = 8.0, 5.0
"""So much it may grow, once it has settled."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to hold, whether it does, and the figure."""

    what: str
    found: str
    is_kept: bool


def growth_an_hour(samples: Sequence[Sample], of: str) -> float:
    """How much the median of the last quarter is above that of the second, for an hour.

    Medians: a moment in which half of all lines are down says nothing.
    """
    quarter = len(samples) // 4
    if not quarter:
        return 0.0
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    values = [statistics.median(getattr(s, of) for s in part) for part in (second, last)]
    times_s = [statistics.median(s.at_s for s in part) for part in (second, last)]
    return float((values[1] - values[0]) / (times_s[1] - times_s[0]) * 3600)


async def carry_out(hours: float, accounts_: int, seed: int) -> tuple[list[Verdict], str]:
    """The whole soak; returns what it found, and the report's rest."""
    async with running(accounts_, seed) as soak:
        async with soak.database.read() as tx:
            numbers = [
                row.id for row in await tx.all(select(accounts.c.id).order_by(accounts.c.id))
            ]
        began = time.monotonic()
        before = await soak.sample(began)
        with suppress(TimeoutError):
            async with asyncio.timeout(hours * 3600), asyncio.TaskGroup() as work:
                work.create_task(soak.break_things(), name="faults")
                work.create_task(soak.order_messages(numbers), name="messages")
                work.create_task(soak.watch(began), name="samples")
        await soak.mend_all()
        back_s = await soak.until_all_online(BACK_LIMIT_S)
        ends = await soak.ends()
        await asyncio.sleep(SAMPLE_EVERY_S)
        after = await soak.sample(began)
        wrong, hazards = await soak.came_otherwise(), await soak.where.sandbox.get("hazards")
        happened = await soak.happened()
    memory, files, database = (
        growth_an_hour(soak.samples, each)
        for each in ("memory_mib", "besides_lines", "database_mib")
    )
    sent = ends[DeliveryState.SENT]
    verdicts = [
        Verdict(f"all {accounts_} accounts ONLINE again by themselves", f"{back_s:.0f} s after the last fault", is_kept=True),
        Verdict("hazards at the data centre", f"{len(hazards)} {hazards[:2] or ''}".strip(), not hazards),
        Verdict("messages that were lost or came twice", f"{len(wrong)} of {len(soak.ordered)} {wrong[:2] or ''}".strip(), not wrong),
        Verdict("messages SENT; the others FAILED and told so", f"{sent} of {len(soak.ordered)}", sent > 0),
        Verdict(f"memory, at most {MEMORY_MIB_AN_HOUR:g} MiB more an hour than the database grows, whose pages SQLite keeps (up to 64 MB)", f"{memory:+.1f} MiB an hour, the database {database:+.1f}; {before.memory_mib:.0f} MiB before, {after.memory_mib:.0f} after", memory <= MEMORY_MIB_AN_HOUR + max(0.0, database)),
        Verdict(f"open files besides the lines, at most {FILES_AN_HOUR:g} more an hour", f"{files:+.1f} an hour; {before.besides_lines} before, {after.besides_lines} after", files <= FILES_AN_HOUR),
    ]  # fmt: skip
    drawn = curves(
        "What the process held",
        [s.at_s / 60 for s in soak.samples],
        {
            "memory, MiB": [s.memory_mib for s in soak.samples],
            "the database's file, MiB": [s.database_mib for s in soak.samples],
            "open files besides the lines": [s.besides_lines for s in soak.samples],
            "accounts online": [s.online for s in soak.samples],
        },
    )
    await asyncio.to_thread(_keep_chart, drawn)
    return verdicts, _rest(soak.played, happened)


def _keep_chart(drawn: bytes) -> None:
    (FOLDER / CHARTS).mkdir(exist_ok=True)
    (FOLDER / CHARTS / "soak.svg").write_bytes(drawn)


def _rest(played: Counter[str], happened: Counter[str]) -> str:
    lines = [
        "",
        f"![What it held](./{CHARTS}/soak.svg)",
        "",
        "| fault, on whom | times |",
        "|---|---|",
    ]
    lines += [f"| {name} | {count} |" for name, count in sorted(played.items())]
    lines += ["", "| in Mooring's journal | times |", "|---|---|"]
    lines += [f"| {kind} | {count} |" for kind, count in sorted(happened.items())]
    return "\n".join(lines) + "\n"


def report(verdicts: Sequence[Verdict], rest: str, words: str) -> str:
    lines = [
        "# An hour's soak",
        "",
        "Made by `make soak HOURS=1`; not written by hand.",
        "",
        words,
        "",
    ]
    lines += ["| what has to hold | found | |", "|---|---|---|"]
    lines += [
        f"| {v.what} | {v.found} | {'kept' if v.is_kept else '**broken**'} |" for v in verdicts
    ]
    return "\n".join(lines) + "\n" + rest


async def main(options: argparse.Namespace) -> int:
    make_room()
    set_up("ERROR")
    if task := asyncio.current_task():  # so that what was started is ended, too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    verdicts, rest = await carry_out(options.hours, options.accounts, options.seed)
    words = f"{options.hours:g} h, {options.accounts} accounts. {here(options.seed).words()}"
    told = report(verdicts, rest, words)
    await asyncio.to_thread((FOLDER / "SOAK.md").write_text, told)
    sys.stdout.write(told)
    return int(not all(v.is_kept for v in verdicts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(uvloop.run(main(parser.parse_args())))
