"""Recoveries: what a start brought back, account by account, and in how long."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, exists, insert, select, update

from storage.instances import Before
from storage.proxy import Kind
from storage.schema import (
    accounts,
    events,
    leases,
    proxies,
    proxy_assignments,
    recovered_accounts,
    recoveries,
)
from storage.tx import Tx

CHANGED = "recoveries"
"""Topic: a recovery went on or ended."""
INTERRUPTED = "the process ended before it was over"
KEPT = "kept"
"""What was done about an account's proxy: nothing, it has the one that it had."""
REACTIVATED = "reactivated"
"""It is leased, and the provider still had it: used again, and nothing bought."""
REPLACED = "replaced"
"""The provider no longer had it: another one in the same country."""
FALLBACK = "fallback"
"""The same, in another country (S1.5)."""


class After(StrEnum):
    """How the process before ended."""

    FIRST = "first"
    """There was none."""
    GRACEFUL = "graceful"
    CRASH = "crash"
    BESIDE = "beside"
    """Others run."""

    @classmethod
    def of(cls, before: Before) -> "After":
        return _AFTER[before]


_AFTER = {
    Before.NOTHING: After.FIRST,
    Before.GRACEFUL: After.GRACEFUL,
    Before.CRASH: After.CRASH,
    Before.BESIDE: After.BESIDE,
}


class Outcome(StrEnum):
    """How an account left the recovery."""

    BACK = "back"
    NEEDS_LOGIN = "needs_login"
    BANNED = "banned"
    NOT_YET = "not_yet"
    """It goes on by its schedule, or when Telegram allows."""
    STOPPED = "stopped"
    """An operator stopped it meanwhile."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many accounts a recovery is about, and what became of them so far."""

    total: int
    back: int = 0
    needs_login: int = 0
    banned: int = 0
    not_yet: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """One account of a recovery that has ended."""

    account_id: int
    outcome: Outcome
    reason: str
    attempts: int
    """How often it was dialled."""
    seconds: float
    """From the beginning of the recovery."""
    proxy_action: str = KEPT


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery; it runs until `ended_at` is set."""

    id: int
    instance: str
    after: After
    started_at: datetime
    ended_at: datetime | None
    totals: Totals
    note: str
    """Why it was empty, or that it was interrupted; else nothing."""


async def begin(tx: Tx, *, instance: str, after: After, total: int) -> int:
    """A new recovery; returns its id. One that a process before left open is over."""
    runs = exists().where(leases.c.instance == recoveries.c.instance)
    await tx.execute(
        update(recoveries)
        .where(recoveries.c.ended_at.is_(None), ~runs)
        .values(ended_at=tx.now, note=INTERRUPTED, told=True)
    )
    tx.wake(CHANGED)
    return await tx.insert(
        insert(recoveries).values(
            instance=instance, after=after, started_at=tx.now, total=total, told=False
        )
    )


async def go_on(tx: Tx, recovery_id: int, totals: Totals) -> None:
    """Keep how far it is, for whoever looks from outside."""
    await tx.execute(
        update(recoveries).where(recoveries.c.id == recovery_id).values(**asdict(totals))
    )
    tx.wake(CHANGED)


async def finish(
    tx: Tx,
    recovery_id: int,
    totals: Totals,
    found: Sequence[Recovered],
    *,
    note: str = "",
    is_news: bool,
) -> None:
    """It is over. `is_news`: the admin chat is to hear of it."""
    rows = await tx.all(select(accounts.c.id))
    known = {row.id for row in rows}
    lines = [
        {"recovery_id": recovery_id, **asdict(one)} for one in found if one.account_id in known
    ]
    if lines:
        await tx.execute(insert(recovered_accounts), lines)
    await tx.execute(
        update(recoveries)
        .where(recoveries.c.id == recovery_id)
        .values(**asdict(totals), ended_at=tx.now, note=note, told=not is_news)
    )
    tx.wake(CHANGED)


async def running(tx: Tx) -> tuple[int, int] | None:
    """How many accounts are back, and of how many, while a recovery runs."""
    row = await tx.one(
        select(recoveries.c.back, recoveries.c.total)
        .where(recoveries.c.ended_at.is_(None))
        .order_by(recoveries.c.id.desc())
        .limit(1)
    )
    return (row.back, row.total) if row else None


async def latest(tx: Tx, *, limit: int = 1) -> list[Recovery]:
    """The latest recoveries, newest first."""
    rows = await tx.all(select(recoveries).order_by(recoveries.c.id.desc()).limit(limit))
    return [_recovery(row) for row in rows]


async def accounts_of(tx: Tx, recovery_id: int) -> list[Recovered]:
    """The accounts of a recovery that has ended, by their numbers."""
    rows = await tx.all(
        select(recovered_accounts)
        .where(recovered_accounts.c.recovery_id == recovery_id)
        .order_by(recovered_accounts.c.account_id)
    )
    return [
        Recovered(
            row.account_id,
            Outcome(row.outcome),
            row.reason,
            row.attempts,
            row.seconds,
            row.proxy_action,
        )
        for row in rows
    ]


async def to_tell(tx: Tx) -> list[Recovery]:
    """Recoveries that have ended and that the admin chat has not heard of, oldest first."""
    rows = await tx.all(
        select(recoveries)
        .where(recoveries.c.ended_at.is_not(None), recoveries.c.told.is_(False))
        .order_by(recoveries.c.id)
    )
    return [_recovery(row) for row in rows]


async def take_to_tell(tx: Tx, recovery_id: int) -> bool:
    """Count it as told; False where it was already."""
    result = await tx.execute(
        update(recoveries)
        .where(recoveries.c.id == recovery_id, recoveries.c.told.is_(False))
        .values(told=True)
    )
    return result.rowcount == 1


async def give_back(tx: Tx, recovery_id: int) -> None:
    """It certainly was not told after all."""
    await tx.execute(update(recoveries).where(recoveries.c.id == recovery_id).values(told=False))


async def dials_since(tx: Tx, since: datetime) -> Mapping[int, Sequence[datetime]]:
    """When each account was dialled since then, as the journal has it."""
    rows = await tx.all(
        select(events.c.account_id, events.c.at).where(
            events.c.at >= since, events.c.kind == "state.connecting"
        )
    )
    dials: dict[int, list[datetime]] = {}
    for row in rows:
        dials.setdefault(row.account_id, []).append(row.at)
    return dials


async def proxy_actions(tx: Tx, since: datetime) -> Mapping[int, str]:
    """What was done since then about the proxies of accounts; nothing, where one is not in it."""
    leased = await tx.all(
        select(accounts.c.id)
        .join(proxies, proxies.c.id == accounts.c.proxy_id)
        .where(proxies.c.kind == Kind.LEASED, proxies.c.released_at.is_(None))
    )
    actions = dict.fromkeys((row.id for row in leased), REACTIVATED)
    by_rule = proxy_assignments.c.wanted_country.is_not(None)
    moved = await tx.all(
        select(proxy_assignments.c.account_id, proxy_assignments.c.is_fallback)
        .where(proxy_assignments.c.assigned_at >= since, by_rule)
        .order_by(proxy_assignments.c.id)
    )
    return actions | {m.account_id: FALLBACK if m.is_fallback else REPLACED for m in moved}


def _recovery(row: Row[tuple[object, ...]]) -> Recovery:
    return Recovery(
        row.id,
        row.instance,
        After(row.after),
        row.started_at,
        row.ended_at,
        Totals(row.total, row.back, row.needs_login, row.banned, row.not_yet),
        row.note,
    )
