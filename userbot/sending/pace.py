"""How fast one account writes: limits of ours, well below what Telegram minds."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import pace
from storage.database import Database
from storage.delivery import TargetPeer

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rates:
    """What an account may do; 0: as much as Telegram lets it."""

    per_minute: int = 0
    new_peers_per_day: int = 0
    """How many it may write to for the first time."""


@dataclass(frozen=True, slots=True)
class Held:
    """It has to wait for our own limit."""

    until: datetime
    words: str


class Pace:
    """One account's pace. What was handed over before a restart counts too."""

    def __init__(self, database: Database, account_id: int, rates: Rates) -> None:
        self._database = database
        self._account_id = account_id
        self._rates = rates
        self._handed: deque[datetime] | None = None
        self._met: deque[datetime] = deque()
        self._known: set[tuple[str, int]] = set()

    async def is_new(self, peer: TargetPeer) -> bool:
        """Whether this would be the account's first message to that peer."""
        who = peer.kind, peer.id
        if peer.kind == "self" or who in self._known:
            return False
        async with self._database.read() as tx:
            is_known = await pace.has_written_to(tx, self._account_id, peer)
        if is_known:
            self._known.add(who)
        return not is_known

    async def held(self, *, is_new: bool) -> Held | None:
        """Until when it has to wait, and why; None where it may write now."""
        now = self._database.now()
        handed = await self._load(now)
        for kept, span in ((handed, MINUTE), (self._met, DAY)):
            while kept and kept[0] <= now - span:
                kept.popleft()
        most = self._rates.per_minute
        if most and len(handed) >= most:
            return Held(handed[-most] + MINUTE, f"its own limit of {most} messages a minute")
        most = self._rates.new_peers_per_day
        if is_new and most and len(self._met) >= most:
            words = f"its own limit of {most} people and chats a day that it never wrote to before"
            return Held(self._met[-most] + DAY, words)
        return None

    def note(self, peer: TargetPeer, *, is_new: bool) -> None:
        """A message is handed over now."""
        now = self._database.now()
        if self._handed is not None:
            self._handed.append(now)
        if is_new:
            self._met.append(now)
        self._known.add((peer.kind, peer.id))

    async def _load(self, now: datetime) -> deque[datetime]:
        if self._handed is None:
            async with self._database.read() as tx:
                handed = await pace.handed_since(tx, self._account_id, now - MINUTE)
                met = await pace.handed_since(tx, self._account_id, now - DAY, is_new_peer=True)
            self._handed, self._met = deque(handed), deque(met)
        return self._handed
