"""What happens to a userbot; `userbot.states.next_state` says what comes of it."""

from dataclasses import dataclass
from datetime import datetime

from userbot.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Started:
    """An operator wants the account to run. One that runs is left alone."""


@dataclass(frozen=True, slots=True)
class Forced:
    """An operator wants a fresh start now. What is parked or waits for Telegram is left alone."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The operator stopped the account, or it is not to run yet."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """It is time for an attempt. It begins only if CONNECTING is what comes of this."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The line is up and Telegram has answered an authorised request."""


@dataclass(frozen=True, slots=True)
class Healthy:
    """The line still answers. May come as often as one likes: what counts is how long it is up."""


@dataclass(frozen=True, slots=True)
class Flooded:
    """A stored wait on connecting was found before an attempt."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """Its proxy or the network works again: the next attempt need not wait for its time."""


@dataclass(frozen=True, slots=True)
class Broke:
    """The attempt failed, be it before it dialled, or the line dropped."""

    verdict: Verdict
    reason: str
    jitter: float
    """Uniform in [0, 1); drawn by the caller, so that this module stays pure."""
    is_timeout: bool = False
    """Whether it ended for want of an answer (`userbot.errors.is_timeout`)."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Telegram refused to let the account write because it is frozen."""


@dataclass(frozen=True, slots=True)
class Thawed:
    """The account has written again."""


Event = (
    Started
    | Forced
    | Stopped
    | Dialled
    | Connected
    | Healthy
    | Flooded
    | Reachable
    | Broke
    | Frozen
    | Thawed
)
