"""How long to wait, for the next attempt and for an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userbot.schedule import Patience, Schedule

S0_5 = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]

jitters = st.floats(0, 1, exclude_max=True)


@given(attempt=st.integers(0, 40), jitter=jitters)
def test_jitter_keeps_every_delay_within_a_fifth(attempt: int, jitter: float) -> None:
    schedule = Schedule()
    waited = schedule.before(attempt, jitter).total_seconds()
    if attempt == 0:
        assert 0 <= waited <= 1
    else:
        planned = S0_5[min(attempt, 10) - 1]
        assert 0.8 * planned <= waited <= 1.2 * planned


@given(
    first_s=st.floats(0.01, 60),
    most=st.integers(1, 100),
    jitter=jitters,
)
def test_reconnect_delay_scales_the_schedule_and_max_attempts_cuts_or_extends_it(
    first_s: float, most: int, jitter: float
) -> None:
    schedule = Schedule.starting_with(first_s, most)
    scale = first_s / 5
    assert schedule.max_attempts == most
    planned = (S0_5 + [1800] * 90)[:most]
    assert schedule.delays_s == pytest.approx([s * scale for s in planned])
    at_once = schedule.before(0, jitter).total_seconds()
    assert 0 <= at_once <= min(1.0, scale) + 1e-6  # a timedelta counts microseconds


@pytest.mark.req("S4.2")
@given(
    first_s=st.floats(0.01, 60),
    most=st.integers(1, 100),
    attempt=st.integers(0, 110),
    jitter=jitters,
)
def test_no_delay_is_longer_than_the_cap(
    first_s: float, most: int, attempt: int, jitter: float
) -> None:
    schedule = Schedule.starting_with(first_s, most)
    waited = schedule.before(attempt, jitter).total_seconds()
    assert waited <= schedule.cap_s + 1e-6  # a timedelta counts microseconds
    assert schedule.cap_s == pytest.approx(1.2 * 1800 * first_s / 5)


@pytest.mark.parametrize(("most", "first"), [(1, 1), (2, 1), (3, 2), (4, 2), (9, 5), (10, 5)])
def test_the_slow_half_begins_in_the_middle_and_never_with_the_dial_at_once(
    most: int, first: int
) -> None:
    assert Schedule.starting_with(5, most).first_slow == first


def test_it_dials_by_itself_unless_told_otherwise() -> None:
    assert Schedule().auto
    assert Schedule.starting_with(5, 10).auto
    assert not Schedule.starting_with(5, 10, auto=False).auto


@pytest.mark.req("S2.2")
def test_limits_grow_with_each_timeout_in_a_row_up_to_the_last() -> None:
    patience = Patience()
    assert [patience.connect(n) for n in range(5)] == [30, 60, 90, 90, 90]
    assert [patience.request(n) for n in range(4)] == [30, 60, 60, 60]


def test_limits_can_be_set() -> None:
    patience = Patience(connect_s=(1,), request_s=(2, 3))
    assert [patience.connect(n) for n in range(2)] == [1, 1]
    assert [patience.request(n) for n in range(3)] == [2, 3, 3]
