"""History: how long each account was connected, made of the journal's transitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from storage.liveness import SILENT_AFTER
from storage.proxy import Endpoint
from storage.schema import accounts, events, instances, liveness
from storage.schema import proxies as proxies_table
from storage.tx import Tx


class Phase(StrEnum):
    """How an account was for a while, as an operator sees it from afar."""

    CONNECTED = "connected"
    RETRYING = "retrying"
    """On its way back by itself, also where Telegram makes it wait."""
    DOWN = "down"
    """Gave up for now, or needs an operator."""
    STOPPED = "stopped"
    """It was not to be connected."""
    UNKNOWN = "unknown"
    """No Mooring ran that could have known."""


_PHASES = {
    "new": Phase.STOPPED,
    "online": Phase.CONNECTED,
    "connecting": Phase.RETRYING,
    "retrying": Phase.RETRYING,
    "waiting": Phase.RETRYING,
    "needs_login": Phase.DOWN,
    "banned": Phase.DOWN,
    "failed": Phase.DOWN,
    "stopped": Phase.STOPPED,
}
_PREFIX = "state."
_KINDS = [_PREFIX + state for state in _PHASES]


@dataclass(frozen=True, slots=True)
class Span:
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()

    def within(self, other: "Span") -> "Span | None":
        """The part of it that lies in another; None where there is none."""
        begin, end = max(self.begin, other.begin), min(self.end, other.end)
        return Span(begin, end) if begin < end else None


@dataclass(frozen=True, slots=True)
class Move:
    """From then on it was so."""

    at: datetime
    phase: Phase


@dataclass(frozen=True, slots=True)
class Interval:
    phase: Phase
    span: Span


@dataclass(frozen=True, slots=True)
class Story:
    """What the rows tell of one account."""

    account_id: int
    created_at: datetime
    moves: Sequence[Move]
    """Oldest first; one before the time that was asked for tells how it was when that began."""


def intervals(moves: Sequence[Move], span: Span, off: Sequence[Span]) -> list[Interval]:
    """What an account was in `span`, without gaps; neighbours differ.

    `off` is when no Mooring ran: nobody knows what was then, and no line outlives its process.
    Before the first move it is unknown.
    """
    # At one moment a process ends after what it saw, and begins before it sees anything.
    turns = sorted(
        [
            *((o.end, 0, Phase.UNKNOWN) for o in off),
            *((m.at, 1, m.phase) for m in moves),
            *((o.begin, 2, Phase.UNKNOWN) for o in off),
        ],
        key=lambda turn: turn[:2],
    )
    told: list[Interval] = []
    phase, is_off, since = Phase.UNKNOWN, False, span.begin
    for at, what, after in [*turns, (span.end, 3, Phase.UNKNOWN)]:
        until = min(max(at, since), span.end)
        _add(told, Phase.UNKNOWN if is_off else phase, Span(since, until))
        since = until
        if what == 1:
            phase = after
        else:
            is_off = what == 2
            if what == 0 and phase is Phase.CONNECTED:
                phase = Phase.RETRYING
    return told


def _add(told: list[Interval], phase: Phase, span: Span) -> None:
    if span.begin >= span.end:
        return
    if told and told[-1].phase is phase:
        told[-1] = Interval(phase, Span(told[-1].span.begin, span.end))
    else:
        told.append(Interval(phase, span))


def off_times(alive: Sequence[Span], span: Span) -> list[Span]:
    """When within `span` no process was alive, of those that were."""
    off: list[Span] = []
    since = span.begin
    for one in sorted(alive, key=lambda each: each.begin):
        if gap := Span(since, one.begin).within(span):
            off.append(gap)
        since = max(since, one.end)
    if since < span.end:
        off.append(Span(since, span.end))
    return off


async def alive(tx: Tx, since: datetime | None = None) -> list[Span]:
    """When each process lived, as far as is known; one that still speaks, until now.

    With `since` those that ended before it are left out, which makes it cheap.

    One that was killed lived as long as it spoke. Its last word is kept for a day; then the last
    entry of the journal before the next start stands for it.
    """
    rows = await tx.all(
        select(instances.c.started_at, instances.c.stopped_at, liveness.c.at)
        .outerjoin(liveness, liveness.c.instance == instances.c.id)
        .order_by(instances.c.started_at)
    )
    spans: list[Span] = []
    for row, later in zip(rows, [*rows[1:], None], strict=True):
        if (
            since is not None
            and later is not None
            and (row.stopped_at or later.started_at) < since
        ):
            continue
        end = row.stopped_at or row.at
        if later is None and row.stopped_at is None:
            is_silent = tx.now - max(row.started_at, row.at or row.started_at) >= SILENT_AFTER
            end = end if is_silent else tx.now
        elif end is None and later is not None:
            end = await _last_entry(tx, later.started_at)
        spans.append(Span(row.started_at, max(row.started_at, end or row.started_at)))
    return spans


async def _last_entry(tx: Tx, before: datetime) -> datetime | None:
    row = await tx.one(
        select(events.c.at).where(events.c.at < before).order_by(events.c.at.desc()).limit(1)
    )
    return row.at if row else None


async def account_ids(tx: Tx) -> list[int]:
    """The numbers of all accounts that were not forgotten."""
    kept = select(accounts.c.id).where(accounts.c.removed_at.is_(None))
    return [row.id for row in await tx.all(kept.order_by(accounts.c.id))]


async def stories(tx: Tx, ids: Sequence[int], since: datetime) -> list[Story]:
    """The moves of these accounts since then, each with the last one before.

    Where the journal begins too late for that, the first move says what it came from; where
    nothing was entered since, as where an account was laid to sleep, the account's row does.
    """
    last_before = (
        select(events.c.kind)
        .where(
            events.c.account_id == accounts.c.id, events.c.kind.in_(_KINDS), events.c.at < since
        )
        .order_by(events.c.at.desc(), events.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await tx.all(
        select(
            accounts.c.id,
            accounts.c.created_at,
            accounts.c.state,
            accounts.c.since,
            last_before.label("before"),
        )
        .where(accounts.c.id.in_(ids))
        .order_by(accounts.c.id)
    )
    entered: dict[int, list[Move]] = {row.id: [] for row in rows}
    firsts: dict[int, int] = {}
    for entry in await tx.all(
        select(events.c.id, events.c.account_id, events.c.at, events.c.kind)
        .where(events.c.account_id.in_(ids), events.c.kind.in_(_KINDS), events.c.at >= since)
        .order_by(events.c.id)
    ):
        firsts.setdefault(entry.account_id, entry.id)
        phase = _PHASES[entry.kind.removeprefix(_PREFIX)]
        entered[entry.account_id].append(Move(entry.at, phase))
    came_from = await _came_from(
        tx, [firsts[r.id] for r in rows if r.before is None and r.id in firsts]
    )
    found: list[Story] = []
    for row in rows:
        moves = entered[row.id]
        if row.before is not None:
            moves.insert(0, Move(row.created_at, _PHASES[row.before.removeprefix(_PREFIX)]))
        elif moves:
            moves.insert(0, Move(row.created_at, came_from[row.id]))
        now = Move(row.since, _PHASES.get(row.state.lower(), Phase.UNKNOWN))
        if not moves or (now.at > moves[-1].at and now.phase is not moves[-1].phase):
            moves.append(now)
        found.append(Story(row.id, row.created_at, moves))
    return found


async def _came_from(tx: Tx, ids: Sequence[int]) -> Mapping[int, Phase]:
    """What the accounts were before these entries, by the accounts."""
    if not ids:
        return {}
    rows = await tx.all(select(events.c.account_id, events.c.data).where(events.c.id.in_(ids)))
    return {
        row.account_id: _PHASES.get(str(row.data.get("from") or "").lower(), Phase.UNKNOWN)
        for row in rows
    }


async def proxy_names(tx: Tx, ids: Sequence[int]) -> Mapping[int, str]:
    """How operators see these proxies."""
    columns = proxies_table.c
    rows = await tx.all(select(columns.id, columns.host, columns.port).where(columns.id.in_(ids)))
    return {row.id: Endpoint("", row.host, row.port).name for row in rows}
