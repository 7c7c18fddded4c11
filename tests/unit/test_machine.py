"""The whole machine: each event in each state by a table, and any order of events by chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
EARLIER, LATER = NOW - timedelta(seconds=30), NOW + timedelta(hours=1)
LONG_AGO = NOW - timedelta(hours=1)
MIDDLE = 0.5
"""The jitter that changes nothing."""


def broke(verdict: Verdict, *, is_timeout: bool = False) -> Broke:
    return Broke(verdict, "it broke", MIDDLE, is_timeout)


def of(state: State, since: datetime = EARLIER, retry_at: datetime | None = None) -> Status:
    return Status(state, since, "why", 3, retry_at, timeouts=2)


# The columns of the tables below: each state, in each case that makes a difference.
SITUATIONS = {
    "N": of(State.NEW),
    "L": of(State.NEEDS_LOGIN),
    "B": of(State.BANNED),
    "S": of(State.STOPPED),
    "C": of(State.CONNECTING),
    "O": of(State.ONLINE),
    "o": of(State.ONLINE, LONG_AGO),  # proven healthy
    "R": of(State.RETRYING, retry_at=LATER),
    "W": of(State.WAITING, retry_at=LATER),
    "w": of(State.WAITING, LONG_AGO, EARLIER),  # over
    "F": of(State.FAILED, retry_at=LATER),
    "f": of(State.FAILED),  # nothing is due
}
STATES = {
    "N": State.NEW,
    "L": State.NEEDS_LOGIN,
    "B": State.BANNED,
    "S": State.STOPPED,
    "C": State.CONNECTING,
    "O": State.ONLINE,
    "R": State.RETRYING,
    "W": State.WAITING,
    "F": State.FAILED,
}


@dataclass(frozen=True)
class Row:
    """What an event makes of every situation: '=' nothing, '.' the facts, else a state.

    `facts` are what else it changes, `healthy` what is otherwise for a healthy line.
    """

    name: str
    event: Event
    after: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    healthy: Mapping[str, Any] = field(default_factory=dict)


def after_s(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


ANEW = {"attempt": 0, "timeouts": 0}
BROKEN = {"reason": "it broke", "timeouts": 0}
FOURTH = BROKEN | {"attempt": 4, "retry_at": after_s(30)}
AT_ONCE = {"attempt": 0, "retry_at": after_s(0.5)}
SLOW = BROKEN | {"attempt": 5, "retry_at": after_s(60)}
PARKED = BROKEN | {"attempt": 0, "retry_at": None}
FLOOD = {"reason": "a flood"}

#             N L B S   C   O o   R   W w   F f
TABLE = [
    Row("started", Started(), "R R R R   =   = =   =   = =   = R",
        {"retry_at": NOW, "reason": "", **ANEW}),
    Row("forced", Forced(), "= = = =   R   R R   R   = R   R R", {"retry_at": NOW, **ANEW}),
    Row("stopped", Stopped(), "= = = =   S   S S   S   S S   S S",
        {"retry_at": None, "reason": "", **ANEW}),
    Row("dialled", Dialled(), "= = = =   C   C C   C   = C   C =", {"retry_at": None}),
    Row("connected", Connected(), "= = = =   O   = =   =   = =   = =",
        {"reason": "", "timeouts": 0}),
    Row("healthy", Healthy(), "= = = =   =   = .   =   = =   = =", {"attempt": 0}),
    Row("flooded for less", Flooded(after_s(60), "a flood"), "= = = =   W   W W   W   = W   W =",
        {"retry_at": after_s(60), **FLOOD}),
    Row("flooded for longer", Flooded(after_s(9999), "a flood"),
        "= = = =   W   W W   W   W W   W =", {"retry_at": after_s(9999), **FLOOD}),
    Row("flooded no more", Flooded(NOW, "a flood"), "= = = =   =   = =   =   = =   = ="),
    Row("reachable", Reachable(), "= = = =   =   = =   .   = =   . =", {"retry_at": NOW}),
    Row("frozen", Frozen(), ". . . .   .   . .   .   . .   . .", {"is_frozen": True}),
    Row("thawed", Thawed(), ". . . .   .   . .   .   . .   . .", {"is_frozen": False}),
    Row("retry", broke(Retry()), "= = = =   R   R R   R   = R   R =", FOURTH, AT_ONCE),
    Row("retry slowly", broke(Retry(is_slow=True)), "= = = =   R   R R   R   = R   R =", SLOW),
    Row("unknown", broke(Unknown()), "= = = =   R   R R   R   = R   R =", SLOW),
    Row("restricted", broke(Restricted()), "= = = =   R   R R   R   = R   R =",
        {"is_frozen": True, **SLOW}),
    Row("misconfigured", broke(Misconfigured()), "= = = =   F   F F   F   = F   F =",
        {"attempt": 10, "retry_at": after_s(1800), **BROKEN}),
    Row("wait", broke(Wait(7)), "= = = =   W   W W   W   = W   W =",
        {"retry_at": after_s(7), **BROKEN}, {"attempt": 0}),
    Row("relogin", broke(Relogin()), "= = = =   L   L L   L   = L   L =", PARKED),
    Row("banned", broke(Banned()), "= = = =   B   B B   B   = B   B =", PARKED),
]  # fmt: skip

# Where AUTO_RECONNECT is off, only an operator's order dials, and what fails stays so.
STAYS = {"retry_at": None}
NOT_AUTO = [
    Row("dialled", Dialled(), "= = = =   F   F F   C   = F   F =", STAYS),
    Row("retry", broke(Retry()), "= = = =   F   F F   F   = F   F =", FOURTH | STAYS,
        {"attempt": 0}),
    Row("retry slowly", broke(Retry(is_slow=True)), "= = = =   F   F F   F   = F   F =",
        SLOW | STAYS),
    Row("unknown", broke(Unknown()), "= = = =   F   F F   F   = F   F =", SLOW | STAYS),
    Row("restricted", broke(Restricted()), "= = = =   F   F F   F   = F   F =",
        {"is_frozen": True, **SLOW, **STAYS}),
    Row("misconfigured", broke(Misconfigured()), "= = = =   F   F F   F   = F   F =",
        {"attempt": 10, **BROKEN, **STAYS}),
]  # fmt: skip
NOT_AUTO += [row for row in TABLE if row.name not in {other.name for other in NOT_AUTO}]


def expected(before: Status, row: Row, column: str) -> Status:
    letter = row.after.split()[list(SITUATIONS).index(column)]
    if letter == "=":
        return before
    facts = {**row.facts, **(row.healthy if column == "o" else {})}
    if letter == ".":
        return replace(before, **facts)
    return replace(before, state=STATES[letter], since=NOW, **facts)


@pytest.mark.parametrize("is_frozen", [False, True], ids=["", "frozen before"])
@pytest.mark.parametrize("column", SITUATIONS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_event_in_each_state(row: Row, column: str, is_frozen: bool) -> None:  # noqa: FBT001 - a table
    before = replace(SITUATIONS[column], is_frozen=is_frozen)
    assert next_state(before, row.event, Schedule(), NOW) == expected(before, row, column)


@pytest.mark.parametrize("column", SITUATIONS)
@pytest.mark.parametrize("row", NOT_AUTO, ids=lambda row: row.name)
def test_each_event_in_each_state_where_nothing_dials_by_itself(row: Row, column: str) -> None:
    before = SITUATIONS[column]
    after = next_state(before, row.event, Schedule(auto=False), NOW)
    assert after == expected(before, row, column)


def test_the_tables_leave_out_no_state_no_event_and_no_verdict() -> None:
    assert {status.state for status in SITUATIONS.values()} == set(State)
    assert {type(row.event) for row in TABLE} == set(get_args(Event))
    verdicts = {type(row.event.verdict) for row in TABLE if isinstance(row.event, Broke)}
    assert verdicts == set(get_args(Verdict))
    assert {row.name for row in NOT_AUTO} == {row.name for row in TABLE}
    assert {len(row.after.split()) for row in TABLE + NOT_AUTO} == {len(SITUATIONS)}


jitters = st.floats(0, 1, exclude_max=True)
verdicts = st.one_of(
    st.sampled_from(
        [
            Retry(),
            Retry(is_slow=True),
            Relogin(),
            Banned(),
            Restricted(),
            Misconfigured(),
            Unknown(),
        ]
    ),
    st.builds(Wait, st.integers(1, 10**5)),
)
breaks = st.builds(Broke, verdicts, st.just("it broke"), jitters, st.booleans())


class Life(RuleBasedStateMachine):
    """Any event at any time, as no supervisor would give them, over weeks."""

    status: Status
    schedule: Schedule

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.flooded_until: datetime | None = None

    @initialize(
        state=st.sampled_from([State.RETRYING, *(s for s in State if s.is_parked)]),
        most=st.integers(1, 12),
        auto=st.booleans(),
    )
    def a_process_starts(self, state: State, most: int, auto: bool) -> None:  # noqa: FBT001 - drawn
        self.schedule = Schedule.starting_with(5, most, auto=auto)
        self.status = Status(state, NOW, retry_at=NOW if state is State.RETRYING else None)

    @rule(seconds=st.one_of(st.floats(0, 100), st.floats(0, 100_000)))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def what_is_due_is_done(self) -> None:
        at = due(self.status)
        if at is None:
            return
        self.now = max(self.now, at)
        after = self.happens(Dialled())
        assert after.state in {State.CONNECTING, State.FAILED}
        assert after.state is State.CONNECTING or not self.schedule.auto

    @rule(
        event=st.sampled_from([Dialled(), Connected(), Healthy(), Reachable(), Frozen(), Thawed()])
    )
    def something_happens(self, event: Event) -> None:
        self.happens(event)

    @rule(order=st.sampled_from([Started(), Forced(), Stopped()]))
    def an_operator_acts(self, order: Event) -> None:
        self.happens(order)

    @rule(event=breaks)
    def it_breaks(self, event: Broke) -> None:
        self.happens(event)

    @precondition(lambda self: self.status.state in {State.CONNECTING, State.ONLINE})
    @rule(jitter=jitters, up_s=st.floats(0, 120))
    def the_network_drops_it(self, jitter: float, up_s: float) -> None:
        self.now += timedelta(seconds=up_s)
        self.happens(Broke(Retry(), "it dropped", jitter))

    @rule(seconds=st.integers(-100, 10**5))
    def a_stored_wait_is_found(self, seconds: int) -> None:
        self.happens(Flooded(self.now + timedelta(seconds=seconds), "Telegram asks to wait"))

    def happens(self, event: Event) -> Status:
        before, self.status = self.status, next_state(self.status, event, self.schedule, self.now)
        self._left_only_as_it_may_be(before, event)
        self._dials_only_when_it_may(before, event)
        self._counts_attempts(before, event)
        self._waits_as_planned(before, event)
        self._keeps_the_flag(before, event)
        self._keeps_the_flood(before, event)
        return self.status

    def _left_only_as_it_may_be(self, before: Status, event: Event) -> None:
        after = self.status
        if before.state.is_parked and after.state is not before.state:
            assert isinstance(event, Started)
        if after.state is not before.state:
            assert after.since == self.now
        if isinstance(event, Broke) and isinstance(event.verdict, Restricted):
            assert after.state is before.state or not after.state.is_parked

    def _dials_only_when_it_may(self, before: Status, event: Event) -> None:
        after = self.status
        if after.state is State.CONNECTING and before.state is not State.CONNECTING:
            assert isinstance(event, Dialled)
            assert self.flooded_until is None or self.now >= self.flooded_until
            assert self.schedule.auto or before.state is State.RETRYING
        if after.state is State.RETRYING and not self.schedule.auto:
            assert before.state is State.RETRYING or isinstance(event, Started | Forced)
        if after.state is State.ONLINE:
            assert before.state in {State.ONLINE, State.CONNECTING}

    def _counts_attempts(self, before: Status, event: Event) -> None:
        after = self.status
        was_up = before.state is State.ONLINE and self.now - before.since >= timedelta(minutes=1)
        if was_up and after.state is not before.state and not isinstance(event, Dialled | Flooded):
            self._begins_anew(event)
        if after.attempt == 0 and before.attempt > 0 and not after.state.is_parked:
            assert was_up or isinstance(event, Started | Forced)
        if isinstance(event, Forced) and after is not before:
            assert (after.state, after.attempt, after.timeouts) == (State.RETRYING, 0, 0)
            assert due(after) == self.now
        if isinstance(event, Broke) and after.state in {State.RETRYING, State.FAILED}:
            most = self.schedule.max_attempts
            if after is not before and not was_up:
                assert after.attempt >= min(before.attempt + 1, most)

    def _begins_anew(self, event: Event) -> None:
        """What a line that was healthy ends with: nothing of what was before it is counted."""
        is_slow = isinstance(event, Broke) and event.verdict not in {Retry(), Relogin(), Banned()}
        if not is_slow or self.status.state is State.WAITING:
            assert self.status.attempt == 0

    def _waits_as_planned(self, before: Status, event: Event) -> None:
        after = self.status
        if after is before or not isinstance(event, Broke) or after.retry_at is None:
            return
        waits_s = (after.retry_at - self.now).total_seconds()
        match after.state:
            case State.RETRYING if after.attempt == 0:
                assert 0 <= waits_s <= 1
            case State.RETRYING:
                planned = self.schedule.delays_s[after.attempt - 1]
                assert 0.8 * planned - 1e-5 <= waits_s <= 1.2 * planned + 1e-5
            case State.FAILED:
                assert 0.8 * 1800 - 1e-5 <= waits_s <= 1.2 * 1800 + 1e-5
            case _:
                assert isinstance(event.verdict, Wait)
                assert waits_s == event.verdict.seconds

    def _keeps_the_flag(self, before: Status, event: Event) -> None:
        if self.status.is_frozen is before.is_frozen:
            return
        if before.is_frozen:
            assert isinstance(event, Thawed)
        else:
            by_break = isinstance(event, Broke) and isinstance(event.verdict, Restricted)
            assert by_break or isinstance(event, Frozen)

    def _keeps_the_flood(self, before: Status, event: Event) -> None:
        """What Telegram told it to wait, as told by the events and not by the machine."""
        is_held = self.flooded_until is not None and self.now < self.flooded_until
        may_run = due(before) is not None and not (is_held and before.state is State.WAITING)
        until = None
        if isinstance(event, Broke) and isinstance(event.verdict, Wait) and may_run:
            until = self.now + timedelta(seconds=event.verdict.seconds)
        elif isinstance(event, Flooded) and due(before) is not None and event.until > self.now:
            until = event.until
        if until is not None:
            self.flooded_until = max(until, self.flooded_until or until)
        elif isinstance(event, Stopped):
            self.flooded_until = None  # what is stored holds it, when it is started again

    @invariant()
    def it_waits_for_telegram_to_the_end(self) -> None:
        if self.flooded_until is not None and self.now < self.flooded_until:
            assert self.status.state is State.WAITING
            assert self.status.retry_at == self.flooded_until

    @invariant()
    def it_comes_back_unless_only_an_operator_can_help(self) -> None:
        state = self.status.state
        is_given_up = state is State.FAILED and not self.schedule.auto
        assert (due(self.status) is None) == (state.is_parked or is_given_up)

    @invariant()
    def it_has_a_time_where_it_waits_and_nowhere_else(self) -> None:
        state = self.status.state
        has_time = state.is_waiting and (self.schedule.auto or state is not State.FAILED)
        assert (self.status.retry_at is not None) == has_time

    @invariant()
    def its_attempt_is_one_of_the_schedules(self) -> None:
        assert 0 <= self.status.attempt <= self.schedule.max_attempts

    @invariant()
    def no_wait_of_ours_is_above_the_cap(self) -> None:
        if self.status.state in {State.RETRYING, State.FAILED} and self.status.retry_at:
            waits = self.status.retry_at - self.status.since
            assert waits.total_seconds() <= self.schedule.cap_s + 1e-6


TestLife = pytest.mark.req("S4.2", "S4.5", "S4.6", "S4.8")(Life.TestCase)
