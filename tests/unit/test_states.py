"""The state machine, on its own: no clock, no network, no chance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from userbot.errors import Banned, Misconfigured, Relogin, Retry, Unknown, Verdict, Wait
from userbot.states import (
    Broke,
    Connected,
    Dialled,
    Event,
    Forced,
    Schedule,
    State,
    Status,
    Stopped,
    next_state,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
S0_5 = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]
MIDDLE = 0.5
"""The jitter that changes nothing."""

jitters = st.floats(0, 1, exclude_max=True)
verdicts = st.one_of(
    st.sampled_from([Retry(), Relogin(), Banned(), Misconfigured(), Unknown()]),
    st.builds(Wait, st.integers(1, 10**6)),
)


def broke(verdict: Verdict | None = None, jitter: float = MIDDLE) -> Broke:
    return Broke(verdict or Retry(), "it broke", jitter)


class Clockwork:
    """A userbot that only ever fails: what it waits, and when it gives up."""

    def __init__(self, schedule: Schedule, status: Status | None = None) -> None:
        self.schedule = schedule
        self.now = NOW
        self.status = status or Status(State.RETRYING, NOW, retry_at=NOW)

    @property
    def state(self) -> State:
        return self.status.state

    def apply(self, event: Event, *, after_s: float = 0) -> Status:
        self.now += timedelta(seconds=after_s)
        self.status = next_state(self.status, event, self.schedule, self.now)
        return self.status

    def fail(self, jitter: float = MIDDLE) -> float:
        """Dial, fail, and jump to the next attempt; returns how long that waits."""
        self.apply(Dialled())
        self.apply(broke(jitter=jitter))
        assert self.status.retry_at is not None
        waited = (self.status.retry_at - self.now).total_seconds()
        self.now = self.status.retry_at
        return waited


@pytest.mark.req("S0.5")
def test_ten_attempts_wait_as_the_schedule_says_and_then_it_has_failed() -> None:
    userbot = Clockwork(Schedule())
    assert [userbot.fail() for _ in S0_5] == S0_5
    assert (userbot.state, userbot.status.attempt) == (State.RETRYING, 10)

    assert userbot.fail() == 1800
    assert userbot.state == State.FAILED
    assert [userbot.fail() for _ in range(3)] == [1800] * 3, "one more every half an hour"
    assert userbot.status.state is State.FAILED
    assert userbot.status.attempt == 10


@pytest.mark.req("S0.5")
def test_a_drop_of_a_healthy_line_is_dialled_at_once_and_not_counted() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW, attempt=7))
    userbot.apply(broke(jitter=0.999), after_s=60)
    assert userbot.status.state is State.RETRYING
    assert userbot.status.attempt == 0
    assert userbot.status.retry_at is not None
    assert userbot.status.retry_at - userbot.now <= timedelta(seconds=1)
    assert userbot.fail() == 5


@pytest.mark.req("S4.5")
def test_a_line_that_drops_before_it_was_proven_healthy_goes_on_counting() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW, attempt=3))
    userbot.apply(broke(), after_s=59.9)
    assert userbot.status.attempt == 4
    assert userbot.status.retry_at == userbot.now + timedelta(seconds=30)

    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW, attempt=3))
    userbot.apply(broke(), after_s=60)
    assert userbot.status.attempt == 0


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
@given(most=st.integers(1, 30), jitter=st.lists(jitters, min_size=32, max_size=32))
def test_attempts_end_at_the_configured_number(most: int, jitter: list[float]) -> None:
    schedule = Schedule.starting_with(5, most)
    userbot = Clockwork(schedule)
    for number in range(1, most + 1):
        waited = userbot.fail(jitter[number])
        planned = schedule.delays_s[number - 1]
        assert 0.8 * planned <= waited <= 1.2 * planned <= 1.2 * 1800
        assert userbot.status.state is State.RETRYING
        assert userbot.status.attempt == number
    userbot.fail(jitter[0])
    assert userbot.status.state is State.FAILED


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Retry(), State.RETRYING),
        (Unknown(), State.RETRYING),
        (Wait(30), State.WAITING),
        (Relogin(), State.NEEDS_LOGIN),
        (Banned(), State.BANNED),
        (Misconfigured(), State.FAILED),
    ],
)
def test_each_verdict_leads_to_its_state_and_keeps_the_reason(
    verdict: Verdict, state: State
) -> None:
    status = next_state(Status(State.CONNECTING, NOW), broke(verdict), Schedule(), NOW)
    assert status.state is state
    assert status.reason == "it broke"
    assert (status.retry_at is not None) == state.is_waiting


def test_what_is_not_understood_is_retried_on_the_slow_half_of_the_schedule() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW))
    userbot.apply(broke(Unknown()), after_s=3600)
    assert userbot.status.retry_at == userbot.now + timedelta(seconds=60)
    assert userbot.fail() == 120


@given(seconds=st.integers(1, 10**6), pressed_after=st.floats(0, 10**6))
def test_no_operator_shortens_a_flood_wait(seconds: int, pressed_after: float) -> None:
    userbot = Clockwork(Schedule(), Status(State.CONNECTING, NOW))
    waiting = userbot.apply(broke(Wait(seconds)))
    assert waiting.retry_at == NOW + timedelta(seconds=seconds)
    assert userbot.apply(Forced(), after_s=pressed_after) == waiting


@pytest.mark.req("S4.6")
@pytest.mark.parametrize("state", [State.ONLINE, State.RETRYING, State.FAILED, State.CONNECTING])
def test_force_resets_the_attempts_and_dials_now(state: State) -> None:
    status = Status(state, NOW - timedelta(days=1), "was cut", 9, NOW + timedelta(hours=1))
    forced = next_state(status, Forced(), Schedule(), NOW)
    assert forced.state is State.RETRYING
    assert forced.attempt == 0
    assert forced.retry_at == NOW


@pytest.mark.parametrize("state", [State.NEW, State.BANNED, State.STOPPED, State.WAITING])
def test_force_moves_nothing_that_only_another_act_can_move(state: State) -> None:
    status = Status(state, NOW, "because", 2, NOW + timedelta(hours=1))
    assert next_state(status, Forced(), Schedule(), NOW) == status


@pytest.mark.parametrize("state", State)
def test_stop_stops_every_state(state: State) -> None:
    status = next_state(Status(state, NOW, "why", 3, NOW), Stopped(), Schedule(), NOW)
    assert status == Status(State.STOPPED, NOW)


@pytest.mark.parametrize("state", State)
def test_a_state_is_parked_waiting_or_busy_and_only_one_of_them(state: State) -> None:
    busy = state in {State.CONNECTING, State.ONLINE}
    assert [state.is_parked, state.is_waiting, busy].count(True) == 1


class Life(RuleBasedStateMachine):
    """Any order of events that the supervisor can produce, over weeks."""

    def __init__(self) -> None:
        super().__init__()
        self.userbot = Clockwork(Schedule())
        self.flooded_until: datetime | None = None

    @property
    def state(self) -> State:
        return self.userbot.status.state

    @rule(seconds=st.floats(0, 4000))
    def time_passes(self, seconds: float) -> None:
        self.userbot.now += timedelta(seconds=seconds)

    @rule()
    def it_is_due(self) -> None:
        status = self.userbot.status
        if status.state.is_waiting:
            assert status.retry_at is not None
            self.userbot.now = max(self.userbot.now, status.retry_at)
            self.flooded_until = None
            dialled = self.userbot.apply(Dialled())
            assert dialled.state is State.CONNECTING
            assert dialled.attempt == status.attempt

    @rule()
    def it_connects(self) -> None:
        if self.state is State.CONNECTING:
            before = self.userbot.status
            after = self.userbot.apply(Connected())
            assert after.state is State.ONLINE
            assert after.attempt == before.attempt, "not proven healthy yet"
            assert after.reason == ""

    @rule(verdict=verdicts, jitter=jitters)
    def it_breaks(self, verdict: Verdict, jitter: float) -> None:
        if self.state not in {State.CONNECTING, State.ONLINE}:
            return
        before, now = self.userbot.status, self.userbot.now
        after = self.userbot.apply(broke(verdict, jitter))
        was_healthy = before.state is State.ONLINE and now - before.since >= timedelta(minutes=1)
        match verdict:
            case Wait(seconds=seconds):
                self.flooded_until = now + timedelta(seconds=seconds)
                assert after.retry_at == self.flooded_until
            case Retry():
                assert after.attempt == (0 if was_healthy else min(before.attempt + 1, 10))
                assert (after.state is State.FAILED) == (before.attempt == 10 and not was_healthy)
            case Relogin() | Banned():
                assert after.state.is_parked
            case _:
                assert after.state in {State.RETRYING, State.FAILED}

    @rule()
    def an_operator_forces_it(self) -> None:
        before = self.userbot.status
        after = self.userbot.apply(Forced())
        if before.state in {State.WAITING, State.BANNED, State.NEW, State.STOPPED}:
            assert after == before

    @rule()
    def an_operator_stops_and_starts_it(self) -> None:
        assert self.userbot.apply(Stopped()).state is State.STOPPED
        assert self.userbot.apply(Forced()).state is State.STOPPED
        self.flooded_until = None  # the stored wait takes over, see `Userbot`
        self.userbot.status = Status(State.RETRYING, self.userbot.now, retry_at=self.userbot.now)

    @invariant()
    def the_attempt_is_one_of_the_schedules(self) -> None:
        assert 0 <= self.userbot.status.attempt <= 10

    @invariant()
    def waiting_has_a_time_and_nothing_else_has(self) -> None:
        assert self.state.is_waiting == (self.userbot.status.retry_at is not None)

    @invariant()
    def a_flood_wait_is_never_cut_short(self) -> None:
        if self.flooded_until is not None and self.userbot.now < self.flooded_until:
            assert self.state is State.WAITING

    @invariant()
    def no_wait_of_ours_is_longer_than_half_an_hour_and_a_fifth(self) -> None:
        status = self.userbot.status
        if status.state in {State.RETRYING, State.FAILED}:
            assert status.retry_at is not None
            assert status.retry_at - status.since <= timedelta(seconds=1.2 * 1800)


TestLife = pytest.mark.req("S4.2", "S4.5")(Life.TestCase)
