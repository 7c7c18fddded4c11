"""How long to wait: before the next attempt, and for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

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
    auto: bool = True
    """Whether to dial after a failure or a drop; else only when an operator says so.

    At start an account that should RUN dials all the same: that it should is what an operator
    said, and it stands.
    """

    @classmethod
    def starting_with(cls, first_s: float, max_attempts: int, *, auto: bool = True) -> "Schedule":
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
            auto=auto,
        )

    @property
    def max_attempts(self) -> int:
        return len(self.delays_s)

    @property
    def first_slow(self) -> int:
        """The attempt with which the slow half begins."""
        return (self.max_attempts + 1) // 2

    @property
    def cap_s(self) -> float:
        """No wait of ours is longer; only Telegram's can be."""
        return max(*self.delays_s, self.failed_every_s) * (1 + self.spread)

    def before(self, attempt: int, jitter: float) -> timedelta:
        """How long to wait before that attempt; attempt 0 is the dial at once.

        Past the last one it is FAILED's pause. `jitter` is uniform in [0, 1).
        """
        if attempt == 0:
            return timedelta(seconds=self.at_once_s * jitter)
        is_left = attempt <= self.max_attempts
        delay = self.delays_s[attempt - 1] if is_left else self.failed_every_s
        return timedelta(seconds=delay * (1 - self.spread + 2 * self.spread * jitter))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer: longer after each timeout in a row (S2.2). Seconds."""

    connect_s: Sequence[float] = (30, 60, 90)
    request_s: Sequence[float] = (30, 60)

    def connect(self, timeouts: int) -> float:
        """The limit for a connection, after so many timeouts in a row."""
        return self.connect_s[min(timeouts, len(self.connect_s) - 1)]

    def request(self, timeouts: int) -> float:
        """The limit for a request, after so many timeouts in a row."""
        return self.request_s[min(timeouts, len(self.request_s) - 1)]
