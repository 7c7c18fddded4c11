"""How long things took, in buckets: cheap to note, read when somebody asks."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field


class Timings:
    """Counts by upper bounds, in seconds; what took longer than all of them is counted last."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Something took so long."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total_s += seconds

    def __len__(self) -> int:
        return sum(self.counts)


_STORAGE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def _storage() -> Timings:
    return Timings(_STORAGE)


@dataclass(frozen=True, slots=True)
class StorageTimings:
    """Of one database, as this process meets it: from asking for a transaction to its end."""

    write: Timings = field(default_factory=_storage)
    read: Timings = field(default_factory=_storage)
    commit: Timings = field(default_factory=_storage)
    """COMMIT alone: on SQLite the disk, on PostgreSQL the way to the server and its disk."""
