"""Facts: how each account is. Read from the rows, anywhere; or live, in the process that runs it.

A process says every 15 s what is alive in it. What it said last is as old as it is: an account
whose process fell silent is not shown as connected.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from storage import accounts, journal, liveness
from storage.accounts import Account, Desired, Observed
from storage.database import Database
from storage.journal import Tally
from storage.liveness import Beat, Instance, LineFacts
from storage.tx import Tx
from userbot.states import State, Status

if TYPE_CHECKING:  # who only reads the rows, as the command line does, need not wait for Telethon
    from userbot.line import Line
    from userbot.registry import Registry

BEAT_EVERY_S = 15.0
FIRST_PAUSE_S = 1.0


class Watched(Protocol):
    """The monitor, as far as it is watched itself."""

    @property
    def looked_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """One account: what it is, how its line is, how it fared."""

    account: Account
    tally: Tally
    line: LineFacts | None
    """Its line, where one is up."""
    as_of: datetime
    """When the process that runs it spoke last; the state may be older than that, not newer."""
    is_current: bool
    """Whether that process is alive, so that what is said here still holds."""

    @property
    def state(self) -> State:
        return State(self.account.observed.state)

    @property
    def is_well(self) -> bool:
        """Whether it is as the operator wants it: connected, or stopped."""
        if self.account.desired is Desired.STOP:
            return True
        return self.is_current and self.state is State.ONLINE


@dataclass(frozen=True, slots=True)
class Board:
    """Every account and every process at one moment."""

    facts: Sequence[Facts]
    instances: Sequence[Instance]
    """The newest first; none where no process ever ran."""
    now: datetime

    @property
    def alive(self) -> Instance | None:
        """A process that runs accounts now."""
        return next((i for i in self.instances if i.is_alive(self.now)), None)

    @property
    def is_well(self) -> bool:
        """Whether every account is as the operator wants it."""
        return all(facts.is_well for facts in self.facts)


class Heartbeat:
    """Writes every 15 s what is alive in this process, so that others can tell."""

    def __init__(
        self,
        database: Database,
        registry: "Registry",
        monitor: Watched,
        *,
        every_s: float = BEAT_EVERY_S,
    ) -> None:
        self._database = database
        self._registry = registry
        self._monitor = monitor
        self._every_s = every_s

    async def run(self) -> None:
        """Beat until cancelled; at first in quick succession: then most comes up."""
        pause_s = min(FIRST_PAUSE_S, self._every_s)
        while True:
            await self.beat()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self._every_s)

    async def beat(self) -> None:
        """Write once, and wait until it is written: where the database is locked, none pile up."""
        await self._database.writer.write(self._seen())
        for traffic in self._registry.take_traffic():
            await self._database.writer.post(traffic)

    def _seen(self) -> Beat:
        now = self._database.now()
        lines = {u.account_id: _line(u.line, now) for u in self._registry if u.line is not None}
        return Beat(self._registry.instance, now, self._monitor.looked_at, lines)


async def stored(tx: Tx, who: int | str) -> Facts:
    """The facts of one account, by its number or its phone (+…), from the rows.

    Raises LookupError where there is no such account, or it was forgotten.
    """
    account = await _find(tx, who)
    tallies = await journal.tallies(tx, account_id=account.id)
    instances = await liveness.page(tx)
    return _facts(account, tallies.get(account.id), instances, tx.now)


async def stored_board(tx: Tx) -> Board:
    """The facts of every account, from the rows."""
    tallies = await journal.tallies(tx)
    instances = await liveness.page(tx)
    found = [
        _facts(account, tallies.get(account.id), instances, tx.now)
        for account in await accounts.page(tx)
    ]
    return Board(found, instances, tx.now)


async def status_of(registry: "Registry", database: Database, who: int | str) -> Facts:
    """The facts of one account, by its number or its phone (+…), live where it runs here.

    Raises LookupError where there is no such account, or it was forgotten.
    """
    async with database.read() as tx:
        return _live(registry, await stored(tx, who), tx.now)


async def status_of_all(registry: "Registry", database: Database) -> Board:
    """The facts of every account, live where it runs here."""
    async with database.read() as tx:
        board = await stored_board(tx)
    return replace(board, facts=[_live(registry, facts, board.now) for facts in board.facts])


async def _find(tx: Tx, who: int | str) -> Account:
    if isinstance(who, int):
        account = await accounts.get(tx, who)
    else:
        account = await accounts.with_phone(tx, who)
    if account is None or account.removed_at is not None:
        raise LookupError("there is no such account")
    return account


def _facts(
    account: Account, tally: Tally | None, instances: Sequence[Instance], now: datetime
) -> Facts:
    owner = next((i for i in instances if i.id == account.owner), None)
    beat = owner.beat if owner else None
    return Facts(
        account,
        tally or Tally(),
        beat.lines.get(account.id) if beat else None,
        owner.heard_at if owner else account.observed.since,
        is_current=owner is not None and owner.is_alive(now),
    )


def _live(registry: "Registry", facts: Facts, now: datetime) -> Facts:
    """What this process knows better than the rows."""
    userbot = registry.get(facts.account.id)
    if userbot is None:
        return facts
    account = replace(facts.account, observed=_observed(userbot.status))
    line = _line(userbot.line, now) if userbot.line is not None else None
    return replace(facts, account=account, line=line, as_of=now, is_current=True)


def _observed(status: Status) -> Observed:
    return Observed(
        status.state,
        status.reason,
        status.attempt,
        status.retry_at,
        status.since,
        status.is_frozen,
    )


def _line(line: "Line", now: datetime) -> LineFacts:
    # A line is up only after an answer; the time before the next statement is no concern.
    silent_s = time.monotonic() - (line.last_answer_at or time.monotonic())
    latency_ms = None if line.latency_s is None else max(1, round(line.latency_s * 1000))
    return LineFacts(now - timedelta(seconds=silent_s), latency_ms)
