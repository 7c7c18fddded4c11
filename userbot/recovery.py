"""A recovery: what a start brings back, followed until each account is back, parked or put off."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loguru import logger

from storage import accounts, journal, recoveries
from storage.database import Database
from storage.errors import StorageError
from storage.instances import Before
from storage.recoveries import After, Outcome, Recovered, Totals
from storage.tx import Tx
from userbot.plan import Plan
from userbot.registry import Registry
from userbot.states import State, Status

ATTEMPTS = 3
"""So many an account gets within the run; then it goes on by its schedule (S1.4)."""
POLL_S = 1.0
LOOK_PAUSE_S = 0.1
WRITE_EVERY_S = 1.0
RETRY_S = 5.0

_AFTER = {
    After.FIRST: "at the first start",
    After.GRACEFUL: "after a graceful stop",
    After.CRASH: "after a crash",
    After.BESIDE: "beside other processes",
}

_OUTCOMES = {
    State.ONLINE: Outcome.BACK,
    State.NEEDS_LOGIN: Outcome.NEEDS_LOGIN,
    State.BANNED: Outcome.BANNED,
    State.WAITING: Outcome.NOT_YET,
    State.FAILED: Outcome.NOT_YET,
    State.STOPPED: Outcome.STOPPED,
    State.NEW: Outcome.STOPPED,
}


@dataclass(frozen=True, slots=True)
class _Settled:
    outcome: Outcome
    reason: str
    at: datetime


class Recovery:
    """Follows the userbots that a start brings back, and keeps what became of each.

    It only looks: the userbots dial by themselves, in the order and the batches that the
    registry and the budget make.
    """

    def __init__(
        self, database: Database, registry: Registry, *, instance: str, before: Before
    ) -> None:
        self._database = database
        self._registry = registry
        self._instance = instance
        self._after = After.of(before)
        self._began_at = database.now()
        self._id = 0
        self._pending: list[int] = []
        self._settled: dict[int, _Settled] = {}
        self._why_none = ""

    async def begin(self, plan: Plan) -> None:
        """Store that it runs; whoever asks is told how far it is from now on."""
        self._pending = [account.id for account in plan.returning]
        self._why_none = plan.why_none
        async with self._database.transaction() as tx:
            self._id = await recoveries.begin(
                tx, instance=self._instance, after=self._after, total=len(self._pending)
            )
        log = logger.bind(event="recovery.started", total=len(self._pending))
        log.info("{} accounts come back {}", len(self._pending), _AFTER[self._after])

    async def run(self) -> None:
        """Follow until it is over. Where the database is away, what is known waits here."""
        while True:
            try:
                await self._follow()
                await self._finish()
            except StorageError as exc:
                logger.bind(event="recovery.waiting").warning("{}", exc)
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _follow(self) -> None:
        clock, written_at = asyncio.get_running_loop().time, 0.0
        told = self._totals()
        with self._database.wakeups.subscribe(accounts.CHANGED) as changed:
            while self._look():
                if (totals := self._totals()) != told and clock() >= written_at + WRITE_EVERY_S:
                    async with self._database.transaction() as tx:
                        await recoveries.go_on(tx, self._id, totals)
                    told, written_at = totals, clock()
                await changed.wait(POLL_S)
                # All that is pending is looked at each time: not for every account that moves.
                await asyncio.sleep(LOOK_PAUSE_S)

    def _look(self) -> bool:
        """Settle who has come to an end; False where all have."""
        for number in tuple(self._pending):
            userbot = self._registry.get(number)
            found = settled(userbot.status if userbot else None, self._database.now())
            if found is not None:
                self._settled[number] = found
                self._pending.remove(number)
        return bool(self._pending)

    def _totals(self) -> Totals:
        counts = Counter(found.outcome for found in self._settled.values())
        return Totals(
            len(self._pending) + len(self._settled),
            back=counts[Outcome.BACK],
            needs_login=counts[Outcome.NEEDS_LOGIN],
            banned=counts[Outcome.BANNED],
            not_yet=counts[Outcome.NOT_YET],
        )

    async def _finish(self) -> None:
        await self._database.writer.flush()  # the journal of the dials may be on its way
        totals, now = self._totals(), self._database.now()
        took_s = (now - self._began_at).total_seconds()
        words = in_words(totals, took_s, self._after) if totals.total else self._why_none
        async with self._database.transaction() as tx:
            await recoveries.finish(
                tx,
                self._id,
                totals,
                await self._accounts(tx),
                note=self._why_none,
                is_news=bool(totals.total) and self._after is not After.FIRST,
            )
            await self._note(tx, totals, took_s, words)
        if totals.total:
            logger.bind(event="recovery.completed").info("{}", words)
        else:
            logger.bind(event="recovery.empty").info("nothing to bring back: {}", words)

    async def _accounts(self, tx: Tx) -> Sequence[Recovered]:
        dials = await recoveries.dials_since(tx, self._began_at)
        actions = await recoveries.proxy_actions(tx, self._began_at)
        return [
            Recovered(
                number,
                found.outcome,
                found.reason,
                # Later ones, met by a look that came late, belong to its own schedule.
                attempts=min(ATTEMPTS, sum(at <= found.at for at in dials.get(number, ()))),
                seconds=(found.at - self._began_at).total_seconds(),
                proxy_action=actions.get(number, recoveries.KEPT),
            )
            for number, found in self._settled.items()
        ]

    async def _note(self, tx: Tx, totals: Totals, took_s: float, words: str) -> None:
        data = {
            "after": self._after,
            "total": totals.total,
            "back": totals.back,
            "needs_login": totals.needs_login,
            "banned": totals.banned,
            "not_yet": totals.not_yet,
            "seconds": round(took_s, 3),
        }
        kind = "recovery.finished" if totals.total else "recovery.empty"
        await journal.note(tx, kind, actor="mooring", cause=words, data=data)


def settled(status: Status | None, now: datetime) -> _Settled | None:
    """How an account left the run; None while it is in it. No status: it could not be started."""
    if status is None:
        return _Settled(Outcome.NOT_YET, "it could not be started, the log says why", now)
    outcome = outcome_of(status)
    if outcome is None:
        return None
    is_past = outcome is Outcome.BACK
    return _Settled(outcome, "" if is_past else status.reason, min(status.since, now))


def outcome_of(status: Status) -> Outcome | None:
    """How an account with this status left the run; None while it is in it. Pure."""
    if status.state is State.RETRYING and status.attempt >= ATTEMPTS:
        return Outcome.NOT_YET
    return _OUTCOMES.get(status.state)


def in_words(totals: Totals, took_s: float, after: After) -> str:
    """What came of a recovery, in a line for the log and the journal."""
    parts = [f"{totals.back} of {totals.total} back in {took_s:.1f} s {_AFTER[after]}"]
    rest = {
        "in need of a login": totals.needs_login,
        "banned": totals.banned,
        "not yet back": totals.not_yet,
    }
    parts += [f"{count} {words}" for words, count in rest.items() if count]
    return "; ".join(parts)
