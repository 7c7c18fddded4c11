"""What a benchmark found, and how it is told."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from telethon import version

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report. `goal` is in the same unit; None where there is none."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    is_at_most: bool = False

    @property
    def is_met(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.is_at_most else self.value >= self.goal


def report(sections: Mapping[str, Sequence[Result]]) -> str:
    """All results as a table for each section."""
    lines = [
        "# Results",
        "",
        (
            f"`make bench` on Python {platform.python_version()}, {platform.machine()}, "
            f"Telethon {version.__version__}. A figure with a peer is a ratio of the same run; what the "
            "machine does besides moves the others."
        ),
    ]
    for title, results in sections.items():
        lines += ["", f"## {title}", "", "| what | value | goal | |", "|---|---|---|---|"]
        lines += [_row(result) for result in results]
    return "\n".join(lines) + "\n"


def _row(result: Result) -> str:
    if result.goal is None:
        goal, verdict = "", ""
    else:
        goal = f"{'≤' if result.is_at_most else '≥'} {result.goal:g} {result.unit}"
        verdict = "met" if result.is_met else "**missed**"
    return f"| {result.name} | {result.value:.4g} {result.unit} | {goal} | {verdict} |"


def write(sections: Mapping[str, Sequence[Result]]) -> None:
    """Keep the results beside the benchmarks, for people and for programs."""
    (FOLDER / "RESULTS.md").write_text(report(sections))
    plain = {title: [asdict(result) for result in results] for title, results in sections.items()}
    (FOLDER / "results.json").write_text(json.dumps(plain, indent=2) + "\n")
