"""How the results are told: RESULTS.md and a chart for people, results.json for programs.

results.json is a list, one object for each result: its section, all fields of `Result`, whether it
is `ok`, and where and when it was measured. RESULTS.md and the charts are made from it, so that a
section can be measured anew without the others.
"""

import asyncio
import json
import os
import platform
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.results import Result
from benchmarks.server import major_version

FOLDER = Path(__file__).parent
PLAIN, TOLD, CHARTS = "results.json", "RESULTS.md", "charts"
HEAD = """# Results

Made by `make bench`; not written by hand. A figure with a peer is a ratio of the same run; what the
machine does besides moves the others. The value is the median where there were several runs, with the
lowest and the highest of them beside it. A missed ratio ends `make bench` with an error.
"""


@dataclass(frozen=True, slots=True)
class Where:
    """Where, with what and when a section was measured."""

    measured: str
    machine: str
    versions: str
    seed: int

    def words(self) -> str:
        return f"{self.measured}. {self.machine}; {self.versions}; seed {self.seed}."


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark found."""

    title: str
    results: Sequence[Result]
    where: Where


def here(seed: int) -> Where:
    """The machine that this runs on, now."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("Telethon", "Kurigram"))
    return Where(
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{len(os.sched_getaffinity(0))} cores of {_processor()}, {_memory_gib()} GiB",
        versions=(
            f"Python {platform.python_version()}, {libraries}, "
            f"SQLite {sqlite3.sqlite_version}, PostgreSQL {major_version()}"
        ),
        seed=seed,
    )


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return " ".join(found.group(1).split()) if found else platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)


async def keep(section: Section, order: Sequence[str], folder: Path = FOLDER) -> None:
    """Store a section beside the others, in that order of their titles, and tell all anew."""
    await asyncio.to_thread(_keep, section, order, folder)


def _keep(section: Section, order: Sequence[str], folder: Path) -> None:
    from benchmarks.charts import chart  # noqa: PLC0415 - matplotlib takes a second to import

    sections = {each.title: each for each in stored(folder)} | {section.title: section}
    found = [sections[title] for title in order if title in sections]
    plain = [
        {"section": each.title, **result.plain(), **asdict(each.where)}
        for each in found
        for result in each.results
    ]
    (folder / PLAIN).write_text(json.dumps(plain, indent=2) + "\n")
    (folder / CHARTS).mkdir(exist_ok=True)
    (folder / CHARTS / _file(section.title)).write_bytes(chart(section.title, section.results))
    (folder / TOLD).write_text(told(found, with_charts=True))


def stored(folder: Path = FOLDER) -> list[Section]:
    """What was kept; empty before the first run."""
    file = folder / PLAIN
    sections: dict[str, list[dict[str, Any]]] = {}
    for plain in json.loads(file.read_text()) if file.exists() else []:
        sections.setdefault(plain["section"], []).append(plain)
    return [
        Section(
            title,
            [Result.from_plain(each) for each in plains],
            Where(**{name: plains[0][name] for name in Where.__slots__}),
        )
        for title, plains in sections.items()
    ]


def told(sections: Iterable[Section], *, with_charts: bool = False) -> str:
    """All results as a table for each section."""
    lines = [HEAD]
    for section in sections:
        lines += [f"## {section.title}", "", section.where.words(), ""]
        lines += ["| what | value | runs | peer | ratio | goal | |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [_row(result) for result in section.results]
        if with_charts:
            lines += ["", f"![{section.title}]({CHARTS}/{_file(section.title)})"]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _row(result: Result) -> str:
    peer = ratio = verdict = ""
    if result.ratio is not None:
        peer = f"{result.peer_value:.4g} {result.unit} ({result.peer})"
        ratio = f"{result.ratio:.3g}"
    sign = "≤" if result.is_at_most else "≥"
    goals = [(result.goal, f" {result.unit}"), (result.ratio_goal, " x")]
    goal = ", ".join(f"{sign} {each:g}{unit}" for each, unit in goals if each is not None)
    if goal:
        verdict = "met" if result.is_met else "**missed**"
    runs = f"{result.runs}"
    if result.low is not None:
        runs += f": {result.low:.4g} to {result.high:.4g}"
    value = f"{result.value:.4g} {result.unit}"
    return f"| {result.name} | {value} | {runs} | {peer} | {ratio} | {goal} | {verdict} |"


def _file(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-") + ".svg"
