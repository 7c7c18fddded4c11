"""The gate of a process: until when its lines may write. Nothing here waits or does I/O."""

import time
from collections.abc import Callable

from storage.lease import TTL

MARGIN_S = 3.0
"""A process stops that long before its lease ends: what was let through must be out by then."""
JUMP_S = 3.0
"""A wall clock that moves by more than this against the boot clock means that time was lost."""


def boot_clock() -> float:
    """Seconds since boot; goes on while the machine sleeps, unlike the monotonic clock.

    Where a platform has none, the monotonic clock: such a machine must not sleep.
    """
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class Lease:
    """Asked before every byte of every line; past its deadline none leaves.

    The deadline is reckoned from before a renewal was sent, so it is never later than what the
    database will have stored.
    """

    def __init__(
        self,
        clock: Callable[[], float] = boot_clock,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._deadline = float("-inf")
        self._offset = wall_clock() - clock()

    def now(self) -> float:
        """The clock that `extend` is told the time of."""
        return self._clock()

    def holds(self) -> bool:
        """Whether a line may write now. Once it did not hold it never does again."""
        if self._clock() >= self._deadline:
            self.end()
        return self._deadline > float("-inf")

    def begin(self, asked_at: float) -> None:
        """It was taken, by a request that began then."""
        self._deadline = asked_at + TTL.total_seconds() - MARGIN_S

    def extend(self, asked_at: float) -> bool:
        """It was renewed; False where that came too late: others may have taken over meanwhile."""
        is_in_time = self.holds()
        if is_in_time:
            self.begin(asked_at)
        return is_in_time

    @property
    def age_s(self) -> float:
        """How long ago the last renewal was asked for; infinite where it does not hold."""
        return self._clock() - self._deadline + TTL.total_seconds() - MARGIN_S

    @property
    def left_s(self) -> float:
        """How long it holds yet, unless it is renewed; 0 where it does not."""
        return max(0.0, self._deadline - self._clock())

    def end(self) -> None:
        """No line may write any more."""
        self._deadline = float("-inf")

    def has_jumped(self) -> bool:
        """Whether the wall clock has moved by itself since the last look."""
        offset = self._wall_clock() - self._clock()
        moved, self._offset = abs(offset - self._offset), offset
        return moved > JUMP_S
