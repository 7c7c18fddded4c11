"""Transitions become intervals: no gaps, nothing made up about the time when nobody watched."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.history import Interval, Move, Phase, Span, intervals, off_times

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UP, TRYING, DOWN, STOPPED, UNKNOWN = (
    Phase.CONNECTED,
    Phase.RETRYING,
    Phase.DOWN,
    Phase.STOPPED,
    Phase.UNKNOWN,
)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def span(begin: float, end: float) -> Span:
    return Span(at(begin), at(end))


def told(
    moves: Sequence[tuple[float, Phase]],
    *off: tuple[float, float],
    begin: float = 0,
    end: float = 60,
) -> list[tuple[Phase, float, float]]:
    """The intervals from noon to one o'clock, in minutes."""
    found = intervals(
        [Move(at(m), phase) for m, phase in moves], span(begin, end), [span(*o) for o in off]
    )
    return [(one.phase, minutes(one.span.begin), minutes(one.span.end)) for one in found]


def minutes(when: datetime) -> float:
    return (when - NOON).total_seconds() / 60


@pytest.mark.parametrize(
    ("moves", "off", "expected"),
    [
        ([], [], [(UNKNOWN, 0, 60)]),
        ([(-500, UP)], [], [(UP, 0, 60)]),
        ([(10, UP)], [], [(UNKNOWN, 0, 10), (UP, 10, 60)]),
        ([(0, UP)], [], [(UP, 0, 60)]),
        ([(-5, UP), (20, TRYING), (21, UP)], [], [(UP, 0, 20), (TRYING, 20, 21), (UP, 21, 60)]),
        ([(-5, TRYING), (5, TRYING)], [], [(TRYING, 0, 60)]),
        ([(-5, UP), (70, DOWN)], [], [(UP, 0, 60)]),
        # A line does not outlive its process; what was down or stopped still is.
        ([(-5, UP)], [(10, 20)], [(UP, 0, 10), (UNKNOWN, 10, 20), (TRYING, 20, 60)]),
        (
            [(-5, UP), (22, UP)],
            [(10, 20)],
            [(UP, 0, 10), (UNKNOWN, 10, 20), (TRYING, 20, 22), (UP, 22, 60)],
        ),
        ([(-5, DOWN)], [(10, 20)], [(DOWN, 0, 10), (UNKNOWN, 10, 20), (DOWN, 20, 60)]),
        ([(-5, UP), (20, STOPPED)], [(10, 20)], [(UP, 0, 10), (UNKNOWN, 10, 20), (STOPPED, 20, 60)]),
        ([(-5, UP)], [(0, 60)], [(UNKNOWN, 0, 60)]),
        ([(-5, UP), (10, DOWN)], [(10, 60)], [(UP, 0, 10), (UNKNOWN, 10, 60)]),
    ],
)  # fmt: skip
def test_transitions_become_intervals(
    moves: list[tuple[float, Phase]],
    off: list[tuple[float, float]],
    expected: list[tuple[Phase, float, float]],
) -> None:
    assert told(moves, *off) == expected


@given(
    moves=st.lists(st.tuples(st.integers(-100, 100), st.sampled_from(Phase)), max_size=12),
    edges=st.lists(st.integers(0, 60), unique=True, max_size=6),
)
def test_intervals_have_no_gaps_and_neighbours_differ(
    moves: list[tuple[int, Phase]], edges: list[int]
) -> None:
    edges = sorted(edges)
    off = list(zip(edges[::2], edges[1::2], strict=False))
    found = intervals(
        [Move(at(m), phase) for m, phase in sorted(moves, key=lambda move: move[0])],
        span(0, 60),
        [span(*one) for one in off],
    )
    assert found[0].span.begin == at(0)
    assert found[-1].span.end == at(60)
    for one, after in pairwise(found):
        assert one.span.end == after.span.begin
        assert one.phase is not after.phase
    unknown = sum(one.span.seconds for one in found if one.phase is UNKNOWN)
    assert unknown >= sum(end - begin for begin, end in off) * 60


@pytest.mark.parametrize(
    ("alive", "off"),
    [
        ([], [(0, 60)]),
        ([(-10, 70)], []),
        ([(10, 70)], [(0, 10)]),
        ([(-10, 20), (30, 70)], [(20, 30)]),
        ([(-10, 40), (30, 70)], []),
        ([(-10, 50)], [(50, 60)]),
        ([(-90, -50), (20, 30)], [(0, 20), (30, 60)]),
    ],
)
def test_off_is_when_no_process_was_alive(
    alive: list[tuple[float, float]], off: list[tuple[float, float]]
) -> None:
    found = off_times([span(*one) for one in alive], span(0, 60))
    assert found == [span(*one) for one in off]


def test_an_interval_is_what_it_says() -> None:
    assert Interval(UP, span(0, 1)).span.seconds == 60
