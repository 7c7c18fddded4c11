"""A userbot: one account, its line, and the supervisor that keeps the line up."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from loguru import logger

from storage.accounts import Account
from storage.errors import Fenced
from userbot.asides import Asides, answers
from userbot.budget import Queueing
from userbot.dialling import (
    NO_PROXY,
    NotReady,
    Setup,
    diagnosis_of,
    keep_flood,
    keep_wait,
    new_line,
    read_setup,
    remember,
    way,
)
from userbot.errors import (
    ASKS_TO_WAIT,
    Banned,
    ConnectFailed,
    ConnectionLost,
    Relogin,
    Verdict,
    Wait,
    in_words,
    is_timeout,
)
from userbot.line import Line
from userbot.lingering import Lingering
from userbot.record import Record
from userbot.states import (
    Broke,
    Connected,
    Dialled,
    Flooded,
    Forced,
    Frozen,
    Healthy,
    Reachable,
    Started,
    State,
    Status,
    Stopped,
    Thawed,
    due,
)
from userbot.terms import Terms
from userbot.unknown_key import UnknownKey, judge


class Userbot:
    """Supervises one account for the life of the process: connect, serve, back off, again."""

    def __init__(self, account: Account, terms: Terms) -> None:
        self.account_id = account.id
        self._terms = terms
        self._database = terms.database
        self._log = logger.bind(account=account.id)
        self.line: Line | None = None
        """The line while ONLINE, else None: whoever sends asks here, without waiting."""
        self._record = Record(account, terms.database, terms.schedule, terms.tallies)
        self._kicked = asyncio.Event()
        self._order: Forced | Stopped | None = None
        self._line_error: Exception | None = None
        self._dialling: Line | None = None
        self._queueing = Queueing()
        self._is_attempting = False
        self._unknown_key = UnknownKey()
        self._proxy_id = NO_PROXY
        self._asides = Asides(account.id, terms)
        self._lingering = Lingering(terms.limits)

    @property
    def status(self) -> Status:
        return self._record.status

    @property
    def is_dialling(self) -> bool:
        """Whether an attempt is under way, or waits for its turn."""
        return self._is_attempting

    async def run(self) -> None:
        """Supervise until cancelled. Whatever ends it otherwise, it may be begun anew."""
        while True:
            await self._record.store()
            await self._until_due()
            if self._order is not None:
                order, self._order = self._order, None
                self._record.apply(order)
                continue
            self._is_attempting = True
            try:
                await self._attempt()
            finally:
                self._is_attempting = False

    def start(self) -> None:
        """The operator wants the account to run."""
        if self._record.apply(Started()):
            self._unknown_key = UnknownKey()
            self._kicked.set()

    def stop(self) -> None:
        """The operator wants the account to stop; it stays logged in.

        It is STOPPED once its line is closed.
        """
        self._give(Stopped())

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

    def reroute(self) -> None:
        """Its proxy is another one now: what is up or being dialled is dialled anew over that."""
        if not self.status.state.is_parked and self.status.state is not State.WAITING:
            self._give(Forced())

    def reachable(self) -> None:
        """Its proxy or the network works again: dial now."""
        if self._record.apply(Reachable()):
            self._kicked.set()

    @property
    def may_linger(self) -> bool:
        """Whether Telegram may have a line open that is closed here, or one only being dialled."""
        return self._dialling is not None or self._lingering.is_any

    async def answers(self, within_s: float) -> bool:
        """Whether Telegram would hear it hang up now: it has no line, or one that answers."""
        if self.line is not None and not await answers(self.line, within_s):
            return False
        return not self.may_linger

    def kick(self) -> None:
        """Look at once what is due."""
        self._kicked.set()

    def fail_line(self, error: Exception) -> None:
        """A request met an error that ends the line (a dead key, a ban)."""
        self._line_error = error
        if self.line is not None:
            self.line.drop()

    async def note_frozen(self, *, is_frozen: bool) -> None:
        """Telegram refused to let the account write because it is frozen, or let it again."""
        if not self._record.apply(Frozen() if is_frozen else Thawed()):
            return
        await self._record.store()
        await self._asides.turned(self.line, is_frozen=is_frozen)

    def _give(self, order: Forced | Stopped) -> None:
        self._order = order
        self._kicked.set()
        self._queueing.leave()
        self.abort()

    def abort(self) -> None:
        """Abort the transport of what is up or being dialled, now."""
        for line in (self.line, self._dialling):
            if line is not None:
                line.drop()

    async def _until_due(self) -> None:
        """Return when it is time to dial, or an order came."""
        while self._order is None:
            at = due(self.status)
            limit = None if at is None else (at - self._database.now()).total_seconds()
            if limit is not None and limit <= 0:
                return
            self._kicked.clear()
            try:
                async with asyncio.timeout(limit):
                    await self._kicked.wait()
            except TimeoutError:
                continue
            await self._record.store()  # what kicked may have moved it

    async def _attempt(self) -> None:
        """Dial when it is our turn, and serve until the line ends.

        A stored flood wait on connecting is authoritative, restart or not.
        """
        try:
            setup = await read_setup(self._database, self.account_id)
        except NotReady as exc:
            self._broke(exc)
            return
        if until := setup.flooded_until:
            self._record.apply(Flooded(until, ASKS_TO_WAIT))
            return
        async with AsyncExitStack() as turn:
            in_turn = self._terms.budget.turn(setup.proxy_id)
            if not await self._queueing.wait(turn, in_turn) or self._order is not None:
                return
            self._record.apply(Dialled())
            await self._record.store()
            await self._terms.budget.hold_if_closed()
            if self.status.state is State.CONNECTING:
                await self._dial(setup, turn)

    async def _dial(self, setup: Setup, turn: AsyncExitStack) -> None:
        """One line from its beginning to its end, and what its end calls for."""
        self._line_error = None
        reach = self._terms.reach
        reach.forget(setup.proxy_id, self.account_id)
        try:
            await self._connect_and_serve(setup, turn)
        except Fenced:
            raise
        except Exception as exc:  # noqa: BLE001 - every way a line can end is classified
            diagnosis = await diagnosis_of(exc, setup, self._terms, self.status.attempt)
            self._broke(self._cause(exc), way(setup), diagnosis)
            if isinstance(exc, ConnectFailed):
                reach.wait(setup.proxy_id, self.account_id, self.reachable)

    def _cause(self, seen: Exception) -> Exception:
        """Why the line ended: what a request on it met says more than the drop it led to."""
        return self._line_error or seen

    async def _connect_and_serve(self, setup: Setup, turn: AsyncExitStack) -> None:
        line = self._dialling = new_line(setup, self._terms, timeouts=self.status.timeouts)
        self._proxy_id = setup.proxy_id
        try:
            await line.open()
            me = await line.prove_authorised()
            await turn.aclose()  # the next one may dial
            if self._order is not None:
                raise ConnectionLost("an order came while it was dialled")  # noqa: TRY301 - as Telegram's
            await remember(self._database, setup, me)
            del me  # else 2 KiB of it stay for as long as the line
            self._dialling, self.line = None, line
            self._record.apply(Connected(), way(setup, line))
            self._unknown_key = UnknownKey()
            await self._record.store()
            self._terms.reach.up(setup.proxy_id)
            try:
                await line.serve(
                    jitter=self._terms.random.random,
                    on_proof=self._proven,
                    on_flood=partial(keep_wait, self._database, self.account_id),
                )
            finally:
                self._terms.reach.down(setup.proxy_id)
        except Exception as exc:
            await keep_flood(self._database, self.account_id, self._cause(exc))
            raise
        finally:
            self.line = self._dialling = None
            self._asides.forget()
            self._lingering.ended(line)
            await line.close()

    async def _proven(self) -> None:
        """The line has answered again; after a healthy while the attempts are forgotten."""
        if self._record.apply(Healthy()):
            await self._record.store()
        if self.line is not None:
            is_frozen = self.status.is_frozen
            if not await self._asides.proven(self.line, self._proxy_id, is_frozen=is_frozen):
                await self.note_frozen(is_frozen=False)

    def _broke(
        self,
        error: Exception,
        over: Mapping[str, str | int] | None = None,
        diagnosis: str = "",
    ) -> None:
        verdict = self._judge(error)
        # An order explains a drop, but never hides what Telegram said.
        if self._order is not None and not isinstance(verdict, Wait | Relogin | Banned):
            return
        words = str(error) if isinstance(error, NotReady) else diagnosis or in_words(error)
        self._log.bind(event="connection.lost").info("line ended: {}", words)
        jitter, is_late = self._terms.random.random(), is_timeout(error)
        self._record.apply(Broke(verdict, words, jitter, is_timeout=is_late), over or {})

    def _judge(self, error: Exception) -> Verdict:
        """What the error calls for; a key that Telegram does not know, when that stays so."""
        if isinstance(error, NotReady):
            return error.verdict
        verdict, self._unknown_key = judge(error, self._unknown_key, self._database.now())
        return verdict
