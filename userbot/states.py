"""The userbot's states, and the one pure function that moves between them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

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
from userbot.verdicts import Banned, Misconfigured, Relogin, Restricted, Retry, Unknown, Wait

__all__ = [
    "Broke",
    "Connected",
    "Dialled",
    "Event",
    "Flooded",
    "Forced",
    "Frozen",
    "Healthy",
    "Reachable",
    "Schedule",
    "Started",
    "State",
    "Status",
    "Stopped",
    "Thawed",
    "due",
    "next_state",
]


class State(StrEnum):
    """What happens next with a userbot."""

    NEW = "NEW"
    """Enrolment has not finished."""
    CONNECTING = "CONNECTING"
    """A connection attempt is running."""
    ONLINE = "ONLINE"
    """Authorised and answering. Others do not see the account online because of this."""
    RETRYING = "RETRYING"
    """Waiting for the next attempt at `retry_at`."""
    WAITING = "WAITING"
    """Telegram told us to wait until `retry_at`; nobody can shorten that."""
    NEEDS_LOGIN = "NEEDS_LOGIN"
    """The key is dead or revoked; an operator must log in. The stored session is kept."""
    BANNED = "BANNED"
    """Telegram banned or deleted the account."""
    FAILED = "FAILED"
    """Attempts used up; one more at `retry_at`, or when an operator forces it."""
    STOPPED = "STOPPED"
    """The operator wants it so."""

    @property
    def is_waiting(self) -> bool:
        """Whether the supervisor sleeps until `retry_at`."""
        return self in {State.RETRYING, State.WAITING, State.FAILED}

    @property
    def is_parked(self) -> bool:
        """Whether only an operator's act can bring it on."""
        return self in {State.NEW, State.NEEDS_LOGIN, State.BANNED, State.STOPPED}

    @property
    def is_trouble(self) -> bool:
        """Whether the account should be connected and is not, past a first attempt."""
        return self.is_waiting or self in {State.NEEDS_LOGIN, State.BANNED}


@dataclass(frozen=True, slots=True)
class Status:
    """A state with its facts."""

    state: State
    since: datetime
    reason: str = ""
    attempt: int = 0
    """Counted attempts since the account was last well; 0 is the dial at once."""
    retry_at: datetime | None = None
    """Set while it waits. None in FAILED means that only an operator's act brings it on."""
    is_frozen: bool = False
    """Telegram froze the account: it connects, and may not write."""
    timeouts: int = 0
    """Attempts in a row that got no answer in time; see `Patience`."""


def due(status: Status) -> datetime | None:
    """When `Dialled` is to be given by whoever has no line; None where only an operator helps.

    What was stored as CONNECTING or ONLINE is due at once: without a line it is what a crash of
    the supervisor left behind.
    """
    if status.state.is_parked:
        return None
    return status.retry_at if status.state.is_waiting else status.since


def next_state(status: Status, event: Event, schedule: Schedule, now: datetime) -> Status:
    """The status after an event; the same one where the event changes nothing. Pure."""
    match event:
        case Started() | Forced() | Stopped():
            return _ordered(status, event, now)
        case Dialled():
            return _dialled(status, schedule, now)
        case Flooded():
            return _flooded(status, event, now)
        case Connected() | Healthy() | Reachable():
            return _well(status, event, schedule, now)
        case Broke():
            return _broken(status, event, schedule, now)
        case Frozen() | Thawed():
            return replace(status, is_frozen=isinstance(event, Frozen))
        case _:
            assert_never(event)


def _ordered(status: Status, order: Started | Forced | Stopped, now: datetime) -> Status:
    """The operator's acts; with each the counting begins anew, but what Telegram said stays."""
    anew = replace(status, since=now, attempt=0, timeouts=0, retry_at=None)
    match order:
        case Stopped():
            if status.state.is_parked:
                return status
            return replace(anew, state=State.STOPPED, reason="")
        case Forced():
            if status.state.is_parked or _must_wait(status, now):
                return status
            return replace(anew, state=State.RETRYING, retry_at=now)
        case Started():
            if due(status) is not None:
                return status
            return replace(anew, state=State.RETRYING, reason="", retry_at=now)
        case _:
            assert_never(order)


def _dialled(status: Status, schedule: Schedule, now: datetime) -> Status:
    if due(status) is None or _must_wait(status, now):
        return status
    # RETRYING can only be an operator's order where nothing dials by itself.
    if not schedule.auto and status.state is not State.RETRYING:
        return replace(status, state=State.FAILED, since=now, retry_at=None)
    return replace(status, state=State.CONNECTING, since=now, retry_at=None)


def _flooded(status: Status, wait: Flooded, now: datetime) -> Status:
    """No attempt before the wait is over. Given before one, so there is no line that is up."""
    if due(status) is None or wait.until <= now:
        return status
    if _must_wait(status, wait.until):
        return status  # it waits for longer already
    return replace(status, state=State.WAITING, since=now, reason=wait.reason, retry_at=wait.until)


def _well(
    status: Status, event: Connected | Healthy | Reachable, schedule: Schedule, now: datetime
) -> Status:
    match event:
        case Reachable() if _is_later(status, now) and status.state is not State.WAITING:
            return replace(status, retry_at=now)
        case Connected() if status.state is State.CONNECTING:
            return replace(status, state=State.ONLINE, since=now, reason="", timeouts=0)
        case Healthy() if _is_healthy(status, schedule, now):
            return replace(status, attempt=0)
        case _:
            return status


def _broken(status: Status, event: Broke, schedule: Schedule, now: datetime) -> Status:
    if due(status) is None or _must_wait(status, now):
        return status  # no attempt may run that could fail
    is_healthy = _is_healthy(status, schedule, now)
    in_a_row = event.is_timeout and status.state is State.CONNECTING
    broken = replace(
        status,
        since=now,
        reason=event.reason,
        attempt=0 if is_healthy else status.attempt,
        retry_at=None,
        is_frozen=status.is_frozen or isinstance(event.verdict, Restricted),
        timeouts=status.timeouts + 1 if in_a_row else 0,
    )
    match event.verdict:
        case Wait(seconds=seconds):
            retry_at = now + timedelta(seconds=seconds)
            return replace(broken, state=State.WAITING, retry_at=retry_at)
        case Relogin():
            return replace(broken, state=State.NEEDS_LOGIN, attempt=0)
        case Banned():
            return replace(broken, state=State.BANNED, attempt=0)
        case Retry() | Unknown() | Restricted() | Misconfigured():
            attempt = 0 if is_healthy else status.attempt + 1
            attempt = max(attempt, _least_attempt(event.verdict, schedule))
            return _to_retry(broken, schedule, attempt, event.jitter)
        case _:
            assert_never(event.verdict)


def _least_attempt(
    verdict: Retry | Unknown | Restricted | Misconfigured, schedule: Schedule
) -> int:
    """Where in the schedule to go on, at the earliest."""
    match verdict:
        case Retry(is_slow=False):
            return 0
        case Retry() | Unknown() | Restricted():
            return schedule.first_slow
        case Misconfigured():
            return schedule.max_attempts + 1
        case _:
            assert_never(verdict)


def _to_retry(broken: Status, schedule: Schedule, attempt: int, jitter: float) -> Status:
    """The attempt's pause; FAILED's own where none is left, and no end to it without `auto`.

    FAILED keeps the last number, so that the attempt that follows it is the last again.
    """
    is_left = schedule.auto and attempt <= schedule.max_attempts
    due_at = broken.since + schedule.before(attempt, jitter)
    return replace(
        broken,
        state=State.RETRYING if is_left else State.FAILED,
        attempt=min(attempt, schedule.max_attempts),
        retry_at=due_at if schedule.auto else None,
    )


def _must_wait(status: Status, now: datetime) -> bool:
    """Whether Telegram told us to do nothing yet."""
    return status.state is State.WAITING and _is_later(status, now)


def _is_later(status: Status, now: datetime) -> bool:
    """Whether its time has not come."""
    return status.retry_at is not None and status.retry_at > now


def _is_healthy(status: Status, schedule: Schedule, now: datetime) -> bool:
    """Whether the line has been up for long enough to forget what was before."""
    up_s = (now - status.since).total_seconds()
    return status.state is State.ONLINE and up_s >= schedule.healthy_after_s
