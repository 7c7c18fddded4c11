"""A userbot: one account, its line, and the supervisor that keeps the line up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from loguru import logger
from telethon import utils
from telethon.errors import AuthKeyNotFound
from telethon.tl import types

from storage import accounts, floods, proxies
from storage.accounts import Account, Observed
from storage.database import Database
from storage.errors import StorageError
from storage.observations import Observation
from storage.proxies import Endpoint
from userbot.errors import (
    Banned,
    ConnectionLost,
    LineError,
    Misconfigured,
    Relogin,
    Verdict,
    Wait,
    classify,
    in_words,
)
from userbot.line import Limits, Line
from userbot.session import open_enrolled
from userbot.states import (
    Broke,
    Connected,
    Dialled,
    Event,
    Forced,
    Schedule,
    State,
    Status,
    Stopped,
    next_state,
)

CRASH_PAUSE_S = 5.0
DEAD_KEY_TIMES, DEAD_KEY_AFTER = 3, timedelta(minutes=10)
"""A transport 404 this often, over at least this long, is taken for the key's end."""


class NotReady(LineError):
    """The account can't be dialled as it is set up; `verdict` says what that calls for."""

    def __init__(self, words: str, verdict: Verdict) -> None:
        super().__init__(words)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Terms:
    """What all userbots of a process share."""

    database: Database
    limits: Limits
    schedule: Schedule
    may_write: Callable[[], bool]
    dials: asyncio.Semaphore
    """How many connection attempts may run at once."""
    random: Random


class Userbot:
    """Supervises one account for the life of the process: connect, serve, back off, again."""

    def __init__(self, account: Account, terms: Terms) -> None:
        self.account_id = account.id
        self._terms = terms
        self._log = logger.bind(account=account.id)
        self.line: Line | None = None
        """The line while ONLINE, else None: whoever sends asks here, without waiting."""
        self.status = _first_status(account, terms.database.now())
        self._kicked = asyncio.Event()
        self._order: Event | None = None
        self._line_error: Exception | None = None
        self._dialling: Line | None = None
        self._unknown_key: list[datetime] = []

    async def run(self) -> None:
        """Supervise until cancelled."""
        while True:
            try:
                await self._store(self.status)
                await self._supervise()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                # Telethon's own cancellation got through: nobody asked this supervisor to end.
                self._log.bind(event="supervisor.crashed").exception("the supervisor starts anew")
            except StorageError as exc:
                self._log.bind(event="supervisor.waiting").warning("{}", exc)
                await asyncio.sleep(CRASH_PAUSE_S)
            except Exception:  # noqa: BLE001 - a supervisor that ends is an account that is lost
                self._log.bind(event="supervisor.crashed").exception("the supervisor starts anew")
                await asyncio.sleep(CRASH_PAUSE_S)

    async def _supervise(self) -> None:
        while True:
            await self._until_due()
            if self._order is not None:
                order, self._order = self._order, None
                await self._apply(order)
            elif not await self._is_flooded() and self._order is None:
                await self._attempt()

    def force(self) -> bool:
        """Drop what is, reset the attempts, dial now; False where that is not possible.

        A second call while an attempt runs joins it. A flood wait is not broken.
        """
        if self.status.state is State.CONNECTING:
            return True
        if self.status.state.is_parked or self.status.state is State.WAITING:
            return False
        self._give(Forced())
        return True

    def start(self) -> None:
        """The operator wants the account to run."""
        if self.status.state.is_parked:
            self.status = Status(State.RETRYING, self._now(), retry_at=self._now())
            self._kicked.set()

    def stop(self) -> None:
        """The operator wants the account to stop; it stays logged in."""
        self._give(Stopped())

    def fail_line(self, error: Exception) -> None:
        """A request met an error that ends the line (a dead key, a ban)."""
        self._line_error = error
        if self.line is not None:
            self.line.drop()

    def _give(self, order: Event) -> None:
        self._order = order
        self._kicked.set()
        for line in (self.line, self._dialling):
            if line is not None:
                line.drop()

    def _now(self) -> datetime:
        return self._terms.database.now()

    async def _until_due(self) -> None:
        """Return when it is time to dial, or an order came."""
        while self._order is None:
            if self.status.state.is_parked:
                limit = None
            elif self.status.retry_at is not None:
                limit = (self.status.retry_at - self._now()).total_seconds()
                if limit <= 0:
                    return
            else:
                return
            self._kicked.clear()
            try:
                async with asyncio.timeout(limit):
                    await self._kicked.wait()
            except TimeoutError:
                continue

    async def _is_flooded(self) -> bool:
        """A stored wait on connecting is authoritative, restart or not."""
        async with self._terms.database.read() as tx:
            until = await floods.active(tx, self.account_id, floods.CONNECTING)
        if until is None:
            return False
        self.status = Status(State.WAITING, self._now(), "Telegram asks to wait", 0, until)
        await self._store(self.status)
        return True

    async def _attempt(self) -> None:
        """Dial, serve until the line ends, and decide what that calls for."""
        await self._apply(Dialled())
        self._line_error = None
        try:
            await self._connect_and_serve()
        except Exception as exc:  # noqa: BLE001 - every way a line can end is classified
            await self._broke(self._cause(exc))
        finally:
            self.line = self._dialling = None

    def _cause(self, seen: Exception) -> Exception:
        """Why the line ended: what a request on it met says more than the drop it led to."""
        return self._line_error or seen

    async def _connect_and_serve(self) -> None:
        line = await self._new_line()
        try:
            self._dialling = line
            async with self._terms.dials:
                await line.open()
                me = await line.prove_authorised()
            if self._order is not None:
                raise ConnectionLost("an order came while it was dialled")
            await self._remember(me)
            self._dialling, self.line = None, line
            await self._apply(Connected())
            self._unknown_key.clear()
            await line.serve(jitter=self._terms.random.random)
        finally:
            self.line = self._dialling = None
            await line.close()

    async def _new_line(self) -> Line:
        """A line through the account's own proxy. Without its proxy an account never dials."""
        database = self._terms.database
        async with database.read() as tx:
            account = await accounts.get(tx, self.account_id)
            identity = await accounts.identity_of(tx, self.account_id)
            proxy: Endpoint | None = None
            if account and account.proxy_id is not None:
                found = await proxies.get(tx, account.proxy_id)
                proxy = found.endpoint if found else None
        if proxy is None:
            raise NotReady("the account has no proxy", Misconfigured())
        try:
            session = await open_enrolled(database, self.account_id)
        except LookupError:
            raise NotReady("there is no stored session", Relogin()) from None
        return Line(
            session=session,
            identity=identity,
            proxy=proxy,
            limits=self._terms.limits,
            may_write=self._terms.may_write,
        )

    async def _remember(self, me: types.User) -> None:
        """Keep who Telegram says the account is, where that is news."""
        name = utils.get_display_name(me)
        async with self._terms.database.read() as tx:
            known = await accounts.get(tx, self.account_id)
        if known and (known.user_id, known.username, known.name) == (me.id, me.username, name):
            return
        async with self._terms.database.transaction() as tx:
            other = await accounts.describe(
                tx, self.account_id, user_id=me.id, username=me.username, name=name
            )
        if other is not None:
            raise NotReady(f"this is the same Telegram account as #{other}", Misconfigured())

    async def _broke(self, error: Exception) -> None:
        if isinstance(error, NotReady):
            verdict, words = error.verdict, str(error)
        else:
            verdict, words = self._judge(error), in_words(error)
        # An order explains a drop, but never hides what Telegram said.
        if self._order is not None and not isinstance(verdict, Wait | Relogin | Banned):
            return
        self._log.bind(event="connection.lost").info("line ended: {}", words)
        await self._apply(Broke(verdict, words, self._terms.random.random()))

    def _judge(self, error: Exception) -> Verdict:
        """Classify; a key that Telegram does not know is dead when that stays so."""
        if not isinstance(error, AuthKeyNotFound):
            return classify(error)
        self._unknown_key.append(self._now())
        lasted = self._unknown_key[-1] - self._unknown_key[0]
        is_dead = len(self._unknown_key) >= DEAD_KEY_TIMES and lasted >= DEAD_KEY_AFTER
        return Relogin() if is_dead else classify(error)

    async def _apply(self, event: Event) -> None:
        """The one setter: decides the next status, stores it, tells whom it concerns."""
        before = self.status
        self.status = next_state(before, event, self._terms.schedule, self._now())
        await self._store(self.status, event, before)

    async def _store(
        self, status: Status, event: Event | None = None, before: Status | None = None
    ) -> None:
        """Hand the row to the writer: a locked database must not cost the line."""
        state = status.state
        change = Observation(
            self.account_id,
            Observed(state, status.reason, status.attempt, status.retry_at, status.since),
            is_online=state is State.ONLINE,
            came_from=before.state if before is not None and before.state is not state else None,
            opens=_INCIDENTS.get(state, "offline") if isinstance(event, Broke) else None,
            closes=state in {State.ONLINE, State.STOPPED},
            may_connect_at=status.retry_at if state is State.WAITING else None,
        )
        writer = self._terms.database.writer
        if change.may_connect_at is None:
            await writer.post(change)
        else:
            await writer.write(change)  # Telegram's wait must outlive us
        name = "userbot.online" if state is State.ONLINE else "userbot.state"
        self._log.bind(event=name).info("{} {}", state, status.reason)


_INCIDENTS = {
    State.NEEDS_LOGIN: "needs_login",
    State.BANNED: "banned",
    State.FAILED: "failed",
}


def _first_status(account: Account, now: datetime) -> Status:
    """What a process starts with: what was stored as running is dialled anew."""
    observed = account.observed
    state = State(observed.state)
    if state in {State.NEW, State.NEEDS_LOGIN, State.BANNED}:
        return Status(state, observed.since, observed.reason)
    if account.desired is accounts.Desired.STOP:
        return Status(State.STOPPED, observed.since, observed.reason)
    return Status(State.RETRYING, now, observed.reason, 0, now)
