"""What a benchmark found, and how it is told."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
    peer: str = ""
    """What else was measured in the same run, if anything."""
    peer_value: float | None = None
    ratio_goal: float | None = None
    """What `ratio` has to keep, in the sense of `is_at_most`."""

    @property
    def ratio(self) -> float | None:
        """The value to the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def is_met(self) -> bool:
        return self._keeps(self.value, self.goal) and self._keeps(self.ratio, self.ratio_goal)

    def _keeps(self, found: float | None, goal: float | None) -> bool:
        if goal is None or found is None:
            return goal is None
        return found <= goal if self.is_at_most else found >= goal

    def plain(self) -> dict[str, Any]:
        """All there is to say, for programs."""
        return {**asdict(self), "ratio": self.ratio, "ok": self.is_met}


def scaled(count: int, scale: float) -> int:
    """So many, in a run of that scale."""
    return max(1, round(count * scale))


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
        lines += ["", f"## {title}", "", "| what | value | peer | ratio | goal | |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_row(result) for result in results]
    return "\n".join(lines) + "\n"


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
    value = f"{result.value:.4g} {result.unit}"
    return f"| {result.name} | {value} | {peer} | {ratio} | {goal} | {verdict} |"


def write(sections: Mapping[str, Sequence[Result]]) -> None:
    """Keep the results beside the benchmarks, for people and for programs."""
    (FOLDER / "RESULTS.md").write_text(report(sections))
    plain = {title: [result.plain() for result in results] for title, results in sections.items()}
    (FOLDER / "results.json").write_text(json.dumps(plain, indent=2) + "\n")
