"""A userbot's status, and its way into the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from loguru import logger

from storage.accounts import Account, Desired, Observed
from storage.database import Database
from storage.observations import Observation
from userbot.schedule import Schedule
from userbot.states import Broke, Event, State, Status, due, next_state
from userbot.tallies import Tallies

_INCIDENTS = {
    State.NEEDS_LOGIN: "needs_login",
    State.BANNED: "banned",
    State.FAILED: "failed",
}
_NOWHERE: Mapping[str, str | int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Move:
    event: Event | None
    before: State | None
    after: Status
    over: Mapping[str, str | int]


class Record:
    """The one place that sets a status. What it becomes is pure, and stored after.

    A move is in memory at once and in the row when the database allows: a locked one must not
    cost the line.
    """

    def __init__(
        self, account: Account, database: Database, schedule: Schedule, tallies: Tallies
    ) -> None:
        self._account_id = account.id
        self._database = database
        self._schedule = schedule
        self._tallies = tallies
        self._log = logger.bind(account=account.id)
        self._was_online = False
        self.status = _first_status(account, database)
        # A list: a deque takes 700 bytes more, for every account.
        self._moves = [_Move(None, None, self.status, _NOWHERE)]

    def apply(self, event: Event, over: Mapping[str, str | int] = _NOWHERE) -> bool:
        """Move on; False where the event changes nothing. `store` is to be called after.

        `over` is the way it went, for the journal: its proxy and latency.
        """
        before = self.status
        self.status = next_state(before, event, self._schedule, self._database.now())
        if self.status == before:
            return False
        self._moves.append(_Move(event, before.state, self.status, over))
        self._tallies.moved(before, self.status, has_broken=isinstance(event, Broke))
        if self.status.state is not before.state:
            self._tell(before)
        return True

    def _tell(self, before: Status) -> None:
        """Into the log. A reconnect is every dial after the first line of this process."""
        state, reason = self.status.state, self.status.reason
        if state is State.ONLINE:
            self._log.bind(event="userbot.online").info("{} {}", state, reason)
            if self._was_online:
                log = self._log.bind(event="reconnect.ok", attempt=before.attempt)
                log.info("connected again, attempt {}", before.attempt)
            self._was_online = True
            return
        is_again = state is State.CONNECTING and self._was_online
        name = "reconnect.attempt" if is_again else "userbot.state"
        log = self._log.bind(event=name, attempt=self.status.attempt)
        log.info("{} {}", state, reason)

    async def store(self) -> None:
        """Hand what was not stored yet to the writer, in its order.

        Only where Telegram wants us to wait does this return after COMMIT: that must outlive us.
        """
        writer = self._database.writer
        while self._moves:
            change = self._observation(self._moves.pop(0))
            if change.may_connect_at is None:
                await writer.post(change)
            else:
                await writer.write(change)

    def _observation(self, move: _Move) -> Observation:
        status, state = move.after, move.after.state
        return Observation(
            self._account_id,
            Observed(
                state,
                status.reason,
                status.attempt,
                status.retry_at,
                status.since,
                status.is_frozen,
            ),
            is_online=state is State.ONLINE,
            came_from=move.before if move.before not in {None, state} else None,
            opens=_INCIDENTS.get(state, "offline") if isinstance(move.event, Broke) else None,
            closes=state in {State.ONLINE, State.STOPPED},
            may_connect_at=status.retry_at if state is State.WAITING else None,
            over=move.over,
        )


def is_overdue(status: Status, database: Database, by_s: float) -> bool:
    """Whether its attempt should have begun that long ago."""
    at = due(status)
    return at is not None and (database.now() - at).total_seconds() > by_s


def _first_status(account: Account, database: Database) -> Status:
    """What a process starts with: what was stored as running is dialled anew."""
    observed, now = account.observed, database.now()
    state = State(observed.state)
    if state not in {State.NEW, State.NEEDS_LOGIN, State.BANNED}:
        if account.desired is Desired.RUN:
            return Status(
                State.RETRYING, now, observed.reason, retry_at=now, is_frozen=observed.is_frozen
            )
        state = State.STOPPED
    return Status(state, observed.since, observed.reason, is_frozen=observed.is_frozen)
