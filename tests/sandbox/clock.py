"""A clock that is set by hand."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The world's time; it starts at the real one, which clients' ids need."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead
