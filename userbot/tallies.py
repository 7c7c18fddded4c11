"""What happened to the userbots of a process: counted as it happens, in memory."""

from collections import Counter

from storage.timings import Timings
from userbot.errors import ASKS_TO_WAIT
from userbot.origins import Origin, origin_of
from userbot.states import State, Status

ASKED, FLOOD = "asked", "flood"
"""Causes beside the `Origin`s: a start or an operator's word; Telegram told us to wait."""
LOGIN, BAN = "login", "ban"
"""Its key is dead; Telegram banned it."""
CAUSES = (*Origin, ASKED, FLOOD, LOGIN, BAN)
_ENDS = {State.WAITING: FLOOD, State.NEEDS_LOGIN: LOGIN, State.BANNED: BAN}
_PING = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 10)


class Tallies:
    """Counts since this instance began. Causes are kinds: there are few of them."""

    def __init__(self) -> None:
        self.moves: Counter[tuple[State, State]] = Counter()
        """By the state before and the state after."""
        self.failures: Counter[str] = Counter()
        """Lines that ended and attempts that failed, by cause."""
        self.reconnects: Counter[str] = Counter()
        """Lines that came up, by the cause why there was none."""
        self.pings = Timings(_PING)

    def moved(self, before: Status, after: Status, *, has_broken: bool) -> None:
        """A userbot has another status; `has_broken`: since its line, or an attempt, failed."""
        if before.state is not after.state:
            self.moves[before.state, after.state] += 1
        if has_broken:
            self.failures[_cause(after)] += 1
        elif after.state is State.ONLINE and before.state is not State.ONLINE:
            self.reconnects[_cause(before)] += 1


def _cause(status: Status) -> str:
    if kind := _ENDS.get(status.state):
        return kind
    if not status.reason:
        return ASKED
    return FLOOD if status.reason == ASKS_TO_WAIT else origin_of(status.reason)
