"""What was: how long the accounts were connected, and what the journal tells. It only reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from heapq import nsmallest

from storage import accounts, history, journal_pages, names, proxy_checks
from storage.accounts import Account
from storage.database import Database
from storage.history import Interval, Phase, Span, Story
from storage.journal_pages import Page, Wanted
from storage.proxy_checks import Check, Record

MOST_ROWS = 10
MOST_PROXIES = 5
CHUNK = 50
"""So many accounts are read at once: more would hold up the loop, and all not fit into memory."""
MOST_CHECKS = 2000


@dataclass(frozen=True, slots=True)
class Fared:
    """How one account fared."""

    account_id: int
    intervals: Sequence[Interval]
    seconds: Mapping[Phase, float]

    @property
    def availability(self) -> float | None:
        return availability(self.seconds)


@dataclass(frozen=True, slots=True)
class Uptime:
    """How accounts fared in a while."""

    span: Span
    accounts: int
    seconds: Mapping[Phase, float]
    """Of all accounts together."""
    rows: Sequence[tuple[Account, Fared]]
    """The worst, the worst first."""
    per_hour: Sequence[int]
    """How often accounts connected, hour by hour."""
    off_s: float
    """How long no Mooring ran that could have known, since there was an account."""
    proxies: Sequence[tuple[str, Record]] = ()
    """The slowest, by their names; those that never answered first."""
    checks: Sequence[Check] = ()
    """Of the one account's proxy, oldest first."""

    @property
    def availability(self) -> float | None:
        return availability(self.seconds)


@dataclass(frozen=True, slots=True)
class Told:
    """A page of the journal, and what people and accounts in it are called."""

    page: Page
    people: Mapping[int, str]
    accounts: Mapping[int, Account]
    zone: tzinfo


def availability(seconds: Mapping[Phase, float]) -> float | None:
    """The connected share of the time in which it was to be, as far as is known."""
    wanted = sum(seconds.get(p, 0.0) for p in (Phase.CONNECTED, Phase.RETRYING, Phase.DOWN))
    return seconds.get(Phase.CONNECTED, 0.0) / wanted if wanted else None


@dataclass(slots=True)
class _Sum:
    """What is added up, chunk by chunk."""

    span: Span
    off: Sequence[Span]
    seconds: dict[Phase, float] = field(default_factory=dict)
    per_hour: list[int] = field(default_factory=list)
    worst: list[Fared] = field(default_factory=list)
    first_at: datetime | None = None

    def __post_init__(self) -> None:
        self.per_hour = [0] * round(self.span.seconds / 3600)

    def add(self, stories: Iterable[Story]) -> None:
        fared = [self._fared(story) for story in stories]
        self.worst = nsmallest(MOST_ROWS, [*self.worst, *fared], key=_badness)

    def _fared(self, story: Story) -> Fared:
        if self.first_at is None or story.created_at < self.first_at:
            self.first_at = story.created_at
        since = min(max(self.span.begin, story.created_at), self.span.end)
        found = history.intervals(story.moves, Span(since, self.span.end), self.off)
        seconds: dict[Phase, float] = {}
        for one in found:
            for sums in (seconds, self.seconds):
                sums[one.phase] = sums.get(one.phase, 0.0) + one.span.seconds
        for move in story.moves:
            if move.phase is Phase.CONNECTED and self.span.begin <= move.at < self.span.end:
                hour = int((move.at - self.span.begin).total_seconds() // 3600)
                self.per_hour[min(hour, len(self.per_hour) - 1)] += 1
        return Fared(story.account_id, found, seconds)

    @property
    def off_s(self) -> float:
        """Since there was an account."""
        if self.first_at is None or self.first_at >= self.span.end:
            return 0.0
        since = Span(max(self.first_at, self.span.begin), self.span.end)
        return sum(part.seconds for one in self.off if (part := one.within(since)))


def _badness(fared: Fared) -> tuple[float, int]:
    share = fared.availability
    return (2.0 if share is None else share, fared.account_id)


class Chronicle:
    """Reads the past."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def uptime(self, span: timedelta, account_id: int | None = None) -> Uptime:
        """How all accounts fared until now, or one of them."""
        async with self._database.read() as tx:
            until = Span(tx.now - span, tx.now)
            off = history.off_times(await history.alive(tx), until)
            ids = [account_id] if account_id else await history.account_ids(tx)
        added = _Sum(until, off)
        for begin in range(0, len(ids), CHUNK):
            async with self._database.read() as tx:
                added.add(await history.stories(tx, ids[begin : begin + CHUNK], until.begin))
        async with self._database.read() as tx:
            known = [(await accounts.get(tx, f.account_id), f) for f in added.worst]
            rows = [(account, fared) for account, fared in known if account is not None]
            proxy_id = rows[0][0].proxy_id if account_id and rows else None
            records = await proxy_checks.records(tx, until.begin)
            if account_id:
                records = {i: record for i, record in records.items() if i == proxy_id}
            slowest = sorted(records, key=lambda i: _speed(records[i]), reverse=True)
            called = await history.proxy_names(tx, slowest[:MOST_PROXIES])
            checks = await proxy_checks.latest(tx, proxy_id, limit=MOST_CHECKS) if proxy_id else []
        return Uptime(
            until,
            len(ids),
            added.seconds,
            rows,
            added.per_hour,
            added.off_s,
            [(called[i], records[i]) for i in slowest[:MOST_PROXIES] if i in called],
            [check for check in reversed(checks) if check.at >= until.begin],
        )

    async def events(
        self, wanted: Wanted, *, older: int, newer: int, limit: int, zone: tzinfo
    ) -> Told:
        """A page of the journal next to an edge, with everybody's name; read in that zone."""
        async with self._database.read() as tx:
            page = await journal_pages.page(
                tx, wanted, older_than=older, newer_than=newer, limit=limit
            )
            entries = [entry for _, entry in page.entries]
            numbers = {e.account_id for e in entries if e.account_id is not None}
            found = {number: await accounts.get(tx, number) for number in numbers}
            people = await names.of(tx, {who for e in entries if (who := person_of(e.actor))})
        known = {number: account for number, account in found.items() if account is not None}
        return Told(page, people, known, zone)


def person_of(actor: str) -> int | None:
    """The user whom the journal names as `operator 123` or `stranger 123`."""
    what, _, number = actor.partition(" ")
    return int(number) if what in {"operator", "stranger"} and number.isdecimal() else None


def _speed(record: Record) -> float:
    return float("inf") if record.latency_ms is None else record.latency_ms
