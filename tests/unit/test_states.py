"""The state machine, on its own: no clock, no network, no chance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userbot.events import (
    Broke,
    Connected,
    Dialled,
    Event,
    Flooded,
    Forced,
    Frozen,
    Healthy,
    Reachable,
    Started,
    Stopped,
    Thawed,
)
from userbot.schedule import Schedule
from userbot.states import State, Status, due, next_state
from userbot.verdicts import (
    Banned,
    Misconfigured,
    Relogin,
    Restricted,
    Retry,
    Unknown,
    Verdict,
    Wait,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
S0_5 = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]
MIDDLE = 0.5
"""The jitter that changes nothing."""

jitters = st.floats(0, 1, exclude_max=True)


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


@pytest.mark.req("S0.5", "S4.6")
def test_a_failed_account_gets_one_attempt_at_a_time_until_an_operator_forces_it() -> None:
    userbot = Clockwork(Schedule(), Status(State.FAILED, NOW, attempt=10, retry_at=NOW))
    assert userbot.fail() == 1800
    assert userbot.state is State.FAILED
    userbot.apply(Forced())
    assert [userbot.fail() for _ in S0_5] == S0_5, "forced means the whole schedule again"


@pytest.mark.req("S4.2")
@given(jitter=jitters)
def test_the_pause_of_a_failed_account_has_jitter_too(jitter: float) -> None:
    userbot = Clockwork(Schedule(), Status(State.FAILED, NOW, attempt=10, retry_at=NOW))
    waited = userbot.fail(jitter)
    assert waited == pytest.approx(1800 * (0.8 + 0.4 * jitter))


@pytest.mark.parametrize("verdict", [Unknown(), Restricted(), Retry(is_slow=True)])
def test_what_must_not_be_hammered_is_retried_on_the_slow_half_of_the_schedule(
    verdict: Verdict,
) -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW))
    userbot.apply(broke(verdict), after_s=3600)
    assert userbot.status.retry_at == userbot.now + timedelta(seconds=60)
    assert userbot.fail() == 120


@given(most=st.integers(1, 30), jitter=jitters)
def test_what_must_not_be_hammered_is_never_dialled_at_once(most: int, jitter: float) -> None:
    userbot = Clockwork(Schedule.starting_with(5, most), Status(State.ONLINE, NOW))
    after = userbot.apply(broke(Unknown(), jitter), after_s=3600)
    assert after.attempt == (most + 1) // 2
    assert after.state is State.RETRYING


def test_a_wrong_setting_fails_at_once_and_is_looked_at_every_half_an_hour() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW))
    after = userbot.apply(broke(Misconfigured()), after_s=3600)
    assert (after.state, after.attempt) == (State.FAILED, 10)
    assert after.retry_at == userbot.now + timedelta(minutes=30)


@pytest.mark.req("S4.5")
def test_the_attempts_are_forgotten_while_the_line_is_still_up() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW, attempt=7))
    assert userbot.apply(Healthy(), after_s=59.9).attempt == 7
    healthy = userbot.apply(Healthy(), after_s=0.1)
    assert healthy == Status(State.ONLINE, NOW)
    assert userbot.apply(Healthy(), after_s=3600) == healthy, "there is nothing new to tell"


@pytest.mark.req("S4.5")
def test_a_first_line_that_drops_before_it_was_proven_healthy_costs_an_attempt() -> None:
    userbot = Clockwork(Schedule(), Status(State.ONLINE, NOW))
    after = userbot.apply(broke(), after_s=59.9)
    assert (after.attempt, after.retry_at) == (1, userbot.now + timedelta(seconds=5))


@given(seconds=st.integers(1, 10**6), early_s=st.floats(0.001, 10**6))
def test_nobody_shortens_a_flood_wait(seconds: int, early_s: float) -> None:
    userbot = Clockwork(Schedule(), Status(State.CONNECTING, NOW))
    waiting = userbot.apply(broke(Wait(seconds)))
    until = NOW + timedelta(seconds=seconds)
    assert waiting.retry_at == until
    userbot.now = max(NOW, until - timedelta(seconds=early_s))
    earlier = Flooded(until - timedelta(seconds=early_s), "it is shorter")
    for event in (Forced(), Started(), Dialled(), earlier, broke(), broke(Wait(1)), Connected()):
        assert userbot.apply(event) == waiting
    userbot.now = until
    assert userbot.apply(Dialled()).state is State.CONNECTING


def test_a_stored_wait_holds_an_attempt_back_and_costs_none() -> None:
    until = NOW + timedelta(hours=5)
    userbot = Clockwork(Schedule(), Status(State.RETRYING, NOW, "it broke", 4, NOW))
    waiting = userbot.apply(Flooded(until, "Telegram asks to wait"))
    assert waiting == Status(State.WAITING, NOW, "Telegram asks to wait", 4, until)
    assert userbot.apply(Flooded(NOW, "it is over")) == waiting
    later = until + timedelta(hours=1)
    assert userbot.apply(Flooded(later, "Telegram asks to wait")).retry_at == later


@pytest.mark.req("S4.6")
@pytest.mark.parametrize("state", [State.ONLINE, State.RETRYING, State.FAILED, State.CONNECTING])
def test_force_resets_the_attempts_and_dials_now(state: State) -> None:
    status = Status(state, NOW - timedelta(days=1), "was cut", 9, NOW + timedelta(hours=1))
    forced = next_state(status, Forced(), Schedule(), NOW)
    assert forced == Status(State.RETRYING, NOW, "was cut", 0, NOW)


@pytest.mark.parametrize("state", [s for s in State if s.is_parked])
def test_a_start_brings_a_parked_account_on_now(state: State) -> None:
    parked = Status(state, NOW - timedelta(days=1), "the session has expired")
    started = next_state(parked, Started(), Schedule(), NOW)
    assert started == Status(State.RETRYING, NOW, retry_at=NOW)


@pytest.mark.parametrize("state", [s for s in State if not s.is_parked])
def test_a_start_leaves_alone_what_runs(state: State) -> None:
    status = Status(state, NOW, "why", 3, NOW + timedelta(hours=1) if state.is_waiting else None)
    assert next_state(status, Started(), Schedule(), NOW) is status


@pytest.mark.parametrize("state", [s for s in State if not s.is_parked])
def test_stop_stops_whatever_runs(state: State) -> None:
    status = next_state(Status(state, NOW, "why", 3, NOW), Stopped(), Schedule(), NOW)
    assert status == Status(State.STOPPED, NOW)


@pytest.mark.parametrize("state", [State.NEEDS_LOGIN, State.BANNED, State.NEW])
def test_an_order_to_stop_does_not_hide_what_telegram_said(state: State) -> None:
    status = Status(state, NOW, "Telegram banned the account")
    assert next_state(status, Stopped(), Schedule(), NOW + timedelta(hours=1)) is status


@pytest.mark.req("S4.8")
@pytest.mark.parametrize(
    ("verdict", "state"), [(Relogin(), State.NEEDS_LOGIN), (Banned(), State.BANNED)]
)
@pytest.mark.parametrize("dropped", [State.CONNECTING, State.ONLINE])
def test_an_authentication_failure_ends_the_attempts_for_good(
    verdict: Verdict, state: State, dropped: State
) -> None:
    userbot = Clockwork(Schedule(), Status(dropped, NOW, attempt=3))
    parked = userbot.apply(broke(verdict))
    assert (parked.state, parked.reason) == (state, "it broke")
    assert due(parked) is None
    for event in (Dialled(), Forced(), broke(), Connected(), Stopped(), Flooded(NOW, "")):
        assert userbot.apply(event, after_s=86_400) is parked


AUTO_OFF = Schedule(auto=False)


@pytest.mark.parametrize("verdict", [Retry(), Unknown(), Restricted(), Misconfigured()])
@pytest.mark.parametrize("dropped", [State.CONNECTING, State.ONLINE])
def test_without_auto_a_drop_is_told_and_nothing_dials_until_an_operator_says_so(
    verdict: Verdict, dropped: State
) -> None:
    userbot = Clockwork(AUTO_OFF, Status(dropped, NOW))
    told = userbot.apply(broke(verdict), after_s=3600)
    assert (told.state, told.reason, told.retry_at) == (State.FAILED, "it broke", None)
    assert due(told) is None
    assert userbot.apply(Dialled(), after_s=86_400) is told
    for order in (Forced(), Started()):
        ordered = next_state(told, order, AUTO_OFF, userbot.now)
        assert (ordered.state, due(ordered)) == (State.RETRYING, userbot.now)
        assert next_state(ordered, Dialled(), AUTO_OFF, userbot.now).state is State.CONNECTING


def test_without_auto_a_wait_that_is_over_does_not_dial() -> None:
    userbot = Clockwork(AUTO_OFF, Status(State.CONNECTING, NOW))
    waiting = userbot.apply(broke(Wait(60)))
    assert due(waiting) == NOW + timedelta(seconds=60)
    over = userbot.apply(Dialled(), after_s=60)
    assert (over.state, due(over)) == (State.FAILED, None)


@pytest.mark.parametrize("auto", [True, False])
def test_an_account_that_should_run_dials_at_start(auto: bool) -> None:  # noqa: FBT001 - a table
    first = Status(State.RETRYING, NOW, retry_at=NOW)
    dialled = next_state(first, Dialled(), Schedule(auto=auto), NOW)
    assert dialled.state is State.CONNECTING


def test_what_a_crash_left_behind_is_due_at_once() -> None:
    for state in (State.CONNECTING, State.ONLINE):
        left = Status(state, NOW - timedelta(hours=1), attempt=2)
        assert due(left) == left.since
        dialled = next_state(left, Dialled(), Schedule(), NOW)
        assert dialled == Status(State.CONNECTING, NOW, attempt=2)
        flooded = next_state(left, Flooded(NOW + timedelta(hours=1), "wait"), Schedule(), NOW)
        assert flooded.state is State.WAITING


def test_a_frozen_account_stays_connected_and_is_flagged() -> None:
    online = Status(State.ONLINE, NOW, attempt=2)
    frozen = next_state(online, Frozen(), Schedule(), NOW + timedelta(hours=1))
    assert frozen == Status(State.ONLINE, NOW, attempt=2, is_frozen=True)
    assert next_state(frozen, Thawed(), Schedule(), NOW + timedelta(hours=2)) == online


@pytest.mark.parametrize("dropped", [State.CONNECTING, State.ONLINE])
def test_a_line_that_a_freeze_ends_comes_back_with_the_flag(dropped: State) -> None:
    userbot = Clockwork(Schedule(), Status(dropped, NOW))
    for event in (broke(Restricted()), Dialled(), Connected(), broke(), Stopped(), Started()):
        assert userbot.apply(event).is_frozen
    assert userbot.state is State.RETRYING


def timed_out() -> Broke:
    return Broke(Retry(), "no answer", MIDDLE, is_timeout=True)


@pytest.mark.req("S2.2")
def test_timeouts_in_a_row_are_counted_until_a_connection_comes_about() -> None:
    userbot = Clockwork(Schedule())
    for count in (1, 2, 3):
        userbot.apply(Dialled())
        assert userbot.status.timeouts == count - 1, "the limit of the attempt that begins"
        assert userbot.apply(timed_out()).timeouts == count
    userbot.apply(Dialled())
    assert userbot.apply(Connected()).timeouts == 0


@pytest.mark.req("S2.2")
@pytest.mark.parametrize("event", [broke(), broke(Wait(9)), broke(Unknown()), Forced(), Stopped()])
def test_another_end_or_an_order_breaks_the_row_of_timeouts(event: Event) -> None:
    connecting = Status(State.CONNECTING, NOW, attempt=3, timeouts=3)
    assert next_state(connecting, event, Schedule(), NOW).timeouts == 0


def test_a_line_that_fell_silent_says_nothing_of_how_long_connecting_takes() -> None:
    online = Status(State.ONLINE, NOW)
    assert next_state(online, timed_out(), Schedule(), NOW).timeouts == 0


@pytest.mark.parametrize("state", State)
def test_a_state_is_parked_waiting_or_busy_and_only_one_of_them(state: State) -> None:
    busy = state in {State.CONNECTING, State.ONLINE}
    assert [state.is_parked, state.is_waiting, busy].count(True) == 1


@pytest.mark.parametrize("state", [State.RETRYING, State.FAILED])
def test_what_waited_for_its_proxy_is_due_when_that_works_again(state: State) -> None:
    waiting = Status(state, NOW, "no connection", 7, NOW + timedelta(minutes=10))
    woken = next_state(waiting, Reachable(), Schedule(), NOW)
    assert woken == Status(state, NOW, "no connection", 7, NOW), "no attempt is given back"


@pytest.mark.parametrize("state", [State.RETRYING, State.FAILED])
def test_an_attempt_that_fails_before_it_dials_waits_for_the_next_one(state: State) -> None:
    due_now = Status(state, NOW, attempt=3, retry_at=NOW)
    after = next_state(due_now, broke(), Schedule(), NOW)
    assert (after.state, after.attempt) == (State.RETRYING, 4)
    assert after.retry_at == NOW + timedelta(seconds=30)
