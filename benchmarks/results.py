"""What a benchmark found."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


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
    ratio: float | None = None
    """The value to the peer's; of several runs the median of theirs."""
    runs: int = 1
    low: float | None = None
    """The lowest of the runs; None where there was one."""
    high: float | None = None

    def __post_init__(self) -> None:
        """The ratio follows from the two values where it is not given."""
        if self.ratio is None and self.peer_value:
            object.__setattr__(self, "ratio", self.value / self.peer_value)

    @classmethod
    def of(
        cls,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        peer: str = "",
        peer_values: Sequence[float] = (),
        goal: float | None = None,
        is_at_most: bool = False,
        ratio_goal: float | None = None,
    ) -> "Result":
        """The median of several runs; with a peer's, run for run, the median of the ratios."""
        pairs = list(zip(values, peer_values, strict=True)) if peer_values else []
        ratios = [ours / theirs for ours, theirs in pairs if theirs]
        return cls(
            name,
            statistics.median(values),
            unit,
            goal,
            is_at_most=is_at_most,
            peer=peer,
            peer_value=statistics.median(peer_values) if peer_values else None,
            ratio_goal=ratio_goal,
            ratio=statistics.median(ratios) if ratios else None,
            runs=len(values),
            low=min(values) if len(values) > 1 else None,
            high=max(values) if len(values) > 1 else None,
        )

    @property
    def is_met(self) -> bool:
        return self._keeps(self.value, self.goal) and self.is_ratio_met

    @property
    def is_ratio_met(self) -> bool:
        """True also where the ratio has no goal."""
        return self._keeps(self.ratio, self.ratio_goal)

    def _keeps(self, found: float | None, goal: float | None) -> bool:
        if goal is None or found is None:
            return goal is None
        return found <= goal if self.is_at_most else found >= goal

    def plain(self) -> dict[str, Any]:
        """All there is to say, for programs."""
        return {**asdict(self), "ok": self.is_met}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Result":
        """What `plain` said; other keys are passed over."""
        return cls(**{each.name: plain[each.name] for each in fields(cls)})


def merged(runs: Sequence[Sequence[Result]]) -> list[Result]:
    """The same benchmark, run several times, as one."""
    if len(runs) == 1:
        return list(runs[0])
    return [_merged(each) for each in zip(*runs, strict=True)]


def _merged(runs: Sequence[Result]) -> Result:
    first = runs[0]
    theirs = [run.peer_value for run in runs if run.peer_value is not None]
    found = Result.of(
        first.name,
        [run.value for run in runs],
        first.unit,
        peer=first.peer,
        peer_values=theirs if len(theirs) == len(runs) else (),
    )
    return replace(
        found, goal=first.goal, is_at_most=first.is_at_most, ratio_goal=first.ratio_goal
    )


def scaled(count: int, scale: float) -> int:
    """So many, in a run of that scale."""
    return max(1, round(count * scale))
