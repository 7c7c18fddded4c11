"""The userbot's states and the one pure function that moves between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from userbot.errors import Banned, Misconfigured, Relogin, Retry, Unknown, Verdict, Wait


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


@dataclass(frozen=True, slots=True)
class Dialled:
    """A connection attempt begins."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The line is up and Telegram has answered an authorised request."""


@dataclass(frozen=True, slots=True)
class Broke:
    """The attempt failed, or the line dropped."""

    verdict: Verdict
    reason: str
    jitter: float
    """Uniform in [0, 1); drawn by the caller, so that this module stays pure."""


@dataclass(frozen=True, slots=True)
class Forced:
    """An operator wants a fresh start now."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The operator stopped the account, or it is not to run yet."""


Event = Dialled | Connected | Broke | Forced | Stopped

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """The back-off (S0.5). Seconds."""

    delays_s: Sequence[float] = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
    at_once_s: float = 1.0
    """The dial at once after a drop waits 0 to this long."""
    spread: float = 0.2
    failed_every_s: float = 30 * MINUTE_S
    healthy_after_s: float = 60.0
    """Attempts are forgotten after this long ONLINE."""

    @classmethod
    def starting_with(cls, first_s: float, max_attempts: int) -> "Schedule":
        """The schedule scaled so that its first delay is `first_s` (RECONNECT_DELAY)."""
        scale = first_s / 5
        steps = [d * scale for d in cls().delays_s]
        # More attempts than the schedule is long repeat its last delay.
        steps += [steps[-1]] * (max_attempts - len(steps))
        return cls(
            delays_s=tuple(steps[:max_attempts]),
            at_once_s=min(1.0, scale),
            failed_every_s=30 * MINUTE_S * scale,
            healthy_after_s=60.0 * scale,
        )

    @property
    def max_attempts(self) -> int:
        return len(self.delays_s)

    def before(self, attempt: int, jitter: float) -> timedelta:
        """How long to wait before that attempt; attempt 0 is the dial at once."""
        if attempt == 0:
            return timedelta(seconds=self.at_once_s * jitter)
        delay = self.delays_s[min(attempt, self.max_attempts) - 1]
        return timedelta(seconds=delay * (1 - self.spread + 2 * self.spread * jitter))


def next_state(status: Status, event: Event, schedule: Schedule, now: datetime) -> Status:
    """The status after an event. Pure."""
    match event:
        case Stopped():
            return Status(State.STOPPED, now)
        case Dialled():
            return Status(State.CONNECTING, now, status.reason, status.attempt)
        case Connected():
            return Status(State.ONLINE, now, attempt=status.attempt)
        case Forced():
            # A flood wait is Telegram's; no operator can break it.
            if status.state.is_parked or status.state is State.WAITING:
                return status
            return Status(State.RETRYING, now, status.reason, 0, now)
        case Broke():
            return _broken(status, event, schedule, now)
        case _:
            assert_never(event)


def _broken(status: Status, event: Broke, schedule: Schedule, now: datetime) -> Status:
    match event.verdict:
        case Wait(seconds=seconds):
            due = now + timedelta(seconds=seconds)
            return Status(State.WAITING, now, event.reason, status.attempt, due)
        case Relogin():
            return Status(State.NEEDS_LOGIN, now, event.reason)
        case Banned():
            return Status(State.BANNED, now, event.reason)
        case Misconfigured():
            due = now + timedelta(seconds=schedule.failed_every_s)
            return Status(State.FAILED, now, event.reason, schedule.max_attempts, due)
        case Unknown():
            # Not understood: not hammered. The slow half of the schedule.
            attempt = max(_next_attempt(status, schedule, now), schedule.max_attempts // 2)
        case Retry():
            attempt = _next_attempt(status, schedule, now)
        case _:
            assert_never(event.verdict)
    if attempt > schedule.max_attempts:
        due = now + timedelta(seconds=schedule.failed_every_s)
        return Status(State.FAILED, now, event.reason, schedule.max_attempts, due)
    due = now + schedule.before(attempt, event.jitter)
    return Status(State.RETRYING, now, event.reason, attempt, due)


def _next_attempt(status: Status, schedule: Schedule, now: datetime) -> int:
    was_healthy = (
        status.state is State.ONLINE
        and (now - status.since).total_seconds() >= schedule.healthy_after_s
    )
    return 0 if was_healthy else status.attempt + 1
