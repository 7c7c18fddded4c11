"""Takes the operators' commands and carries them out: rows before acts."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from loguru import logger

from storage import accounts, commands, journal
from storage.accounts import Desired
from storage.commands import Answer, Command, Taker
from storage.database import Database
from userbot import elsewhere
from userbot.enrolling import Enrolments
from userbot.leaving import Leaving, account_of, actor, want
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.reading import Reading
from userbot.registry import Elsewhere, Registry
from userbot.states import State, Status

Act = Callable[[Command], Awaitable[Outcome]]
"""Carries a command out and says what came of it."""
POLL_S = 1.0
SETTLED_LIMIT_S = 100.0
"""How long a reconnect order waits to say how the attempt ended."""
OPPOSITES = {"start", "stop"}
"""Kinds of which only an account's latest counts; to forget it counts as a stop that stays."""


class Orders:
    """The commands of a process: each taken once, each answered."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        enrolments: Enrolments,
        nursery: Nursery,
        *,
        more: Mapping[str, Act] | None = None,
        not_for_us: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`more` are kinds that others carry out; `not_for_us` those that wait for others now."""
        self._database = database
        self._not_for_us = not_for_us
        self.under_way: Counter[int] = Counter()
        """How many orders are being carried out, by account."""
        self._has_begun = False
        self._is_closed = False
        self._registry = registry
        self._nursery = nursery
        leaving, pictures = Leaving(database, registry), enrolments.pictures
        self._kinds: dict[str, Act] = {
            **(more or {}),
            "reconnect": self._reconnect,
            "start": lambda c: self._in_turn(c, self._start),
            "stop": lambda c: self._in_turn(c, leaving.stop),
            "forget": lambda c: self._in_turn(c, leaving.forget),
            "log_out": lambda c: self._in_turn(c, leaving.log_out),
            "account.last": Reading(database, registry).last,
            "enrol.begin": lambda c: enrolments.begin(c.args["phone"], actor(c)),
            "enrol.code": lambda c: enrolments.code(account_of(c), c.args["code"]),
            "enrol.password": lambda c: enrolments.password(account_of(c), c.args["password"]),
            "enrol.resend": lambda c: enrolments.resend(account_of(c)),
            "enrol.cancel": lambda c: enrolments.cancel(account_of(c)),
            "enrol.discard": lambda c: enrolments.discard(account_of(c), actor(c)),
            "enrol.qr": lambda c: pictures.begin(c.account_id, actor(c)),
            "enrol.qr_next": lambda c: pictures.next(account_of(c), c.args["seen"]),
        }
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def close(self) -> None:
        """Take no more; what was taken goes on."""
        self._is_closed = True

    async def run(self) -> None:
        """Carry out commands until cancelled. Those that a crash interrupted are closed first."""
        if not self._has_begun and self._taker() is None:
            async with self._database.transaction() as tx:
                await commands.leave(tx)
        self._has_begun = True  # what is taken from now on goes on, also where this loop fails
        with self._database.wakeups.subscribe(commands.ORDERED) as ordered:
            while not self._is_closed:
                async with self._database.read() as tx:
                    is_any = await commands.is_any_waiting(tx, self._taker())
                if is_any and not self._is_closed:
                    async with self._database.transaction() as tx:
                        taken = await commands.take(tx, self._taker())
                    overtaken = _overtaken(taken)
                    for command in taken:
                        work = self._carry_out(command, is_overtaken=command.id in overtaken)
                        self._nursery.start(work, name=f"command {command.id}")
                await ordered.wait(POLL_S)

    def _taker(self) -> Taker | None:
        if self._registry.owned.is_alone:
            return None
        return Taker(self._registry.instance, frozenset(self._not_for_us()))

    async def _carry_out(self, command: Command, *, is_overtaken: bool) -> None:
        account_id = command.account_id or 0
        self.under_way[account_id] += 1
        try:
            await self._answer(command, is_overtaken=is_overtaken)
        finally:
            self.under_way[account_id] -= 1
            self.under_way += Counter()  # drops what is zero

    async def _answer(self, command: Command, *, is_overtaken: bool) -> None:
        act = _refuse_overtaken if is_overtaken else self._kinds.get(command.kind)
        try:
            outcome = await act(command) if act else {"error": "unknown_command"}
        except Elsewhere as exc:
            await asyncio.sleep(POLL_S)  # nobody may have it yet
            async with self._database.transaction() as tx:
                await commands.pass_on(tx, command, exc.account_id)
            return
        except Exception:  # noqa: BLE001 - an order must be answered, whatever happened
            logger.bind(event="command.crashed").exception("command {} failed", command.kind)
            outcome = {"error": "internal"}
        # Through the writer: where the database is locked, the answer waits and is not lost.
        answer = Answer(command.id, outcome, is_private=commands.is_private(command.kind))
        await self._database.writer.write(answer)

    async def _reconnect(self, command: Command) -> Outcome:
        """Force a fresh start and say how it ended."""
        try:
            userbot = await self._registry.adopt(account_of(command))
        except LookupError:
            return {"error": "unknown_account"}
        async with self._database.transaction() as tx:
            await journal.note(
                tx, "reconnect.forced", actor=actor(command), account_id=userbot.account_id
            )
        with self._database.wakeups.subscribe(accounts.CHANGED) as changed:
            old = userbot.line
            if not userbot.force():
                return self._why_not(userbot.status)
            deadline = self._database.now().timestamp() + SETTLED_LIMIT_S
            await changed.wait(SETTLED_LIMIT_S)
            while self._database.now().timestamp() < deadline:
                is_new = userbot.line is not None and userbot.line is not old
                if is_new or not _is_under_way(userbot.status):
                    break
                await changed.wait(POLL_S)
        return {"state": str(userbot.status.state), "reason": userbot.status.reason}

    def _why_not(self, status: Status) -> Outcome:
        if status.state is State.WAITING and status.retry_at is not None:
            left = (status.retry_at - self._database.now()).total_seconds()
            return {"error": "flood", "seconds": max(1, round(left))}
        return {"error": "parked", "state": str(status.state)}

    async def _in_turn(
        self, command: Command, act: Callable[[Command], Awaitable[Outcome]]
    ) -> Outcome:
        """Starts and stops of one account one after the other, as they were ordered."""
        async with self._turns[account_of(command)]:
            return await act(command)

    async def _start(self, command: Command) -> Outcome:
        """Let a stopped account run from now on; one that runs already is left alone."""
        account_id = account_of(command)
        try:
            userbot = await self._registry.adopt(account_id)
        except LookupError:
            return {"error": "unknown_account"}
        state = userbot.status.state
        if state is State.STOPPED or (
            state.is_parked and await self._has_a_new_session(account_id)
        ):
            if why_not := await self._why_no_start(command, account_id):
                return {"error": "parked", "state": str(state), "why": why_not}
            userbot.start()
            return {"state": str(State.CONNECTING)}
        return (
            {"error": "parked", "state": str(state)} if state.is_parked else {"state": str(state)}
        )

    async def _has_a_new_session(self, account_id: int) -> bool:
        """Whether another process gave it one, as an import does: its row is STOPPED then."""
        async with self._database.read() as tx:
            account = await accounts.get(tx, account_id)
        return account is not None and account.observed.state == State.STOPPED

    async def _why_no_start(self, command: Command, account_id: int) -> str:
        """Note that it is to run; why it may not, where that is so."""
        is_confirmed = bool(command.args.get("nothing_else_uses_it"))
        async with self._database.transaction() as tx:
            await tx.lock(f"account {account_id}")
            account = await accounts.get(tx, account_id)
            if account is None or account.removed_at is not None:
                return "forgotten"
            if elsewhere.may_be(account) and not is_confirmed:
                return "unconfirmed"
            await elsewhere.clear(tx, account)
            await want(tx, command, account, Desired.RUN)
        return ""


async def _refuse_overtaken(_: Command) -> Outcome:
    return {"error": "overtaken"}


def _overtaken(taken: Sequence[Command]) -> set[int]:
    """The orders to start or stop that a later one of the same account makes void.

    They waited together, as over a time when nothing ran: an account that was stopped since must
    not dial because of an older order.
    """
    latest = {c.account_id: c.id for c in taken if c.kind in {*OPPOSITES, "forget"}}
    return {c.id for c in taken if c.kind in OPPOSITES and latest[c.account_id] != c.id}


def _is_under_way(status: Status) -> bool:
    """Whether the attempt that was ordered has not ended yet."""
    is_due = status.state is State.RETRYING and status.attempt == 0
    return status.state in {State.CONNECTING, State.ONLINE} or is_due
