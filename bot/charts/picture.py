"""What a picture of uptimes shows, as it goes to the child that draws it. Words come along."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

Run = tuple[str, float, float]
"""A phase, and where it begins and ends: 0 is the picture's left edge, 1 its right one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One account's line."""

    label: str
    share: str
    """How much of the time it was connected, in words."""
    runs: Sequence[Run]


@dataclass(frozen=True, slots=True)
class Bar:
    """One proxy's latency; None where no check got through."""

    label: str
    value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A latency over time; None where a check failed."""

    title: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    subtitle: str
    ticks: Sequence[tuple[float, str]]
    rows: Sequence[Row]
    legend: Sequence[tuple[str, str]]
    """The phases that are shown, each with its words."""
    counts_title: str
    counts: Sequence[int]
    """Side by side from the left edge to the right one."""
    bars_title: str
    bars: Sequence[Bar] = ()
    curve: Curve | None = None
    """In place of the bars."""


_FORM = TypeAdapter(Picture)


def to_json(picture: Picture) -> bytes:
    return _FORM.dump_json(picture)


def from_json(raw: bytes) -> Picture:
    """Raises ValueError where that is no picture."""
    return _FORM.validate_json(raw)
