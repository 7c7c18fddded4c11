"""The hazard log: what a client did that could cost an account at Telegram."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class HazardKind(StrEnum):
    TWO_LINES = "two_lines"
    """Requests with one key on two open connections, from whatever address."""
    WAIT_IGNORED = "wait_ignored"
    """A call that a FLOOD_WAIT or SLOWMODE_WAIT forbade."""
    PROXY_BYPASSED = "proxy_bypassed"
    """A connection of an account that may only come through its proxy."""
    DEVICE_CHANGED = "device_changed"
    """initConnection states another device, version or language than before with this key."""
    CONNECTS = "connects"
    """More connections with one key in a minute than the policy allows."""
    DOUBLED = "doubled"
    """One message delivered twice."""
    LOG_OUT = "log_out"
    """A login was ended by a client."""
    DEAD_KEY = "dead_key"
    """A request after the client was told that its key or login is no more."""


@dataclass(frozen=True, slots=True)
class Hazard:
    at: datetime
    kind: HazardKind
    user_id: int | None
    words: str


class Hazards:
    """The entries, oldest first, and the limits from which on something is one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.entries: list[Hazard] = []
        self.connects_per_minute: int | None = 30
        """Of one key; None: no limit."""
        self.doubled_within = timedelta(seconds=10)
        """The same words to the same peer within this time are one message doubled."""
        self.under_way = timedelta(seconds=0.5)
        """A request so soon after a refusal was on its way already."""
        self.kills_duplicated_keys = True
        """Whether a key on two lines gets AUTH_KEY_DUPLICATED; it is noted in any case."""
        self.proxies: dict[int, Callable[[int], bool]] = {}
        """By user: whether a connection from that port comes through their proxy."""
        self.listeners: list[Callable[[Hazard], None]] = []
        self._now = now

    def only_through(self, user_id: int, carries: Callable[[int], bool]) -> None:
        """The user may only come through a proxy: `Socks5Proxy.carries` of theirs."""
        self.proxies[user_id] = carries

    def note(self, kind: HazardKind, user_id: int | None, words: str) -> None:
        hazard = Hazard(self._now(), kind, user_id, words)
        self.entries.append(hazard)
        for listener in self.listeners:
            listener(hazard)

    def counts(self) -> Counter[HazardKind]:
        return Counter(entry.kind for entry in self.entries)

    def clear(self) -> None:
        """Forget the entries; the limits stay."""
        self.entries.clear()
