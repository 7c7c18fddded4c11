"""How one account fared lately: read at once for its card, and cheap however long the past is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.chronicle import availability
from bot.views.happened import is_told
from storage import history, journal
from storage.history import Phase, Span, Story
from storage.journal import Entry
from storage.tx import Tx

DAY, WEEK = timedelta(days=1), timedelta(days=7)
EVENTS = 3
_READ = 5 * EVENTS
"""Some entries are not told: more are read than shown."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What its card tells of the past."""

    day: float | None = None
    """The connected share of the last 24 h; None where it was not to be connected."""
    week: float | None = None
    events: Sequence[Entry] = ()
    """The newest first."""


async def lately(tx: Tx, account_id: int) -> Lately:
    week = Span(tx.now - WEEK, tx.now)
    off = history.off_times(await history.alive(tx, week.begin), week)
    stories = await history.stories(tx, [account_id], week.begin)
    entries = await journal.latest(tx, account_id=account_id, limit=_READ)
    return Lately(
        _share(stories, Span(tx.now - DAY, tx.now), off),
        _share(stories, week, off),
        [entry for entry in entries if is_told(entry)][:EVENTS],
    )


def _share(stories: Sequence[Story], span: Span, off: Sequence[Span]) -> float | None:
    seconds: dict[Phase, float] = {}
    for story in stories:
        since = min(max(span.begin, story.created_at), span.end)
        for one in history.intervals(story.moves, Span(since, span.end), off):
            seconds[one.phase] = seconds.get(one.phase, 0.0) + one.span.seconds
    return availability(seconds)
