"""What happened in the world, in the order in which it happened, in plain words."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

KEPT = 500


class EventKind(StrEnum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    CODE = "code"
    """A login code was sent."""
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    MESSAGE = "message"
    """A person wrote to another, or in a group."""
    FAULT = "fault"
    """Something was broken on purpose."""
    MENDED = "mended"
    """A fault was lifted, or is used up."""
    STOPPED = "stopped"
    STARTED = "started"
    HAZARD = "hazard"


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    """Counted from 1 on, without gaps."""
    at: datetime
    kind: EventKind
    users: tuple[int, ...]
    """Whom it concerns; empty: everybody, or nobody in particular."""
    words: str


class Timeline:
    """The latest events, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.count = 0
        """How many there have been; the latest one's id."""
        self._now = now
        self._events: deque[Event] = deque(maxlen=KEPT)

    def note(self, kind: EventKind, words: str, *users: int | None) -> None:
        """Write down that something has happened now; a user who is None is nobody."""
        self.count += 1
        about = tuple(dict.fromkeys(user for user in users if user is not None))
        self._events.append(Event(self.count, self._now(), kind, about, words))

    def since(self, event_id: int = 0) -> list[Event]:
        """What happened after that event and is still kept."""
        if event_id >= self.count:
            return []
        return [event for event in self._events if event.id > event_id]
