"""Takes the operators' commands and carries them out: rows before acts."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger

from storage import accounts, commands, journal
from storage.accounts import Account, Desired
from storage.commands import Answer, Command
from storage.database import Database
from storage.tx import Tx
from userbot import elsewhere
from userbot.enrolment import Enrolments
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.states import State, Status
from userbot.userbot import Userbot

POLL_S = 1.0
SETTLED_LIMIT_S = 100.0
"""How long a reconnect order waits to say how the attempt ended, a stop order for the line."""
OPPOSITES = {"start", "stop"}
"""Kinds of which only an account's latest counts."""


class Orders:
    """The commands of a process: each taken once, each answered."""

    def __init__(
        self, database: Database, registry: Registry, enrolments: Enrolments, nursery: Nursery
    ) -> None:
        self._database = database
        self._registry = registry
        self._nursery = nursery
        self._kinds: dict[str, Callable[[Command], Awaitable[Outcome]]] = {
            "reconnect": self._reconnect,
            "start": lambda c: self._in_turn(c, self._start),
            "stop": lambda c: self._in_turn(c, self._stop),
            "enrol.begin": lambda c: enrolments.begin(c.args["phone"], _actor(c)),
            "enrol.code": lambda c: enrolments.code(_account(c), c.args["code"]),
            "enrol.password": lambda c: enrolments.password(_account(c), c.args["password"]),
            "enrol.resend": lambda c: enrolments.resend(_account(c)),
            "enrol.cancel": lambda c: enrolments.cancel(_account(c)),
        }
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        """Carry out commands until cancelled. Those that a crash interrupted are closed first."""
        async with self._database.transaction() as tx:
            await commands.abandon_taken(tx)
        with self._database.wakeups.subscribe(commands.ORDERED) as ordered:
            while True:
                async with self._database.read() as tx:
                    is_any = await commands.is_any_waiting(tx)
                if is_any:
                    async with self._database.transaction() as tx:
                        taken = await commands.take(tx)
                    overtaken = _overtaken(taken)
                    for command in taken:
                        work = self._carry_out(command, is_overtaken=command.id in overtaken)
                        self._nursery.start(work, name=f"command {command.id}")
                await ordered.wait(POLL_S)

    async def _carry_out(self, command: Command, *, is_overtaken: bool) -> None:
        act = _refuse_overtaken if is_overtaken else self._kinds.get(command.kind)
        try:
            outcome = await act(command) if act else {"error": "unknown_command"}
        except Exception:  # noqa: BLE001 - an order must be answered, whatever happened
            logger.bind(event="command.crashed").exception("command {} failed", command.kind)
            outcome = {"error": "internal"}
        # Through the writer: where the database is locked, the answer waits and is not lost.
        await self._database.writer.write(Answer(command.id, outcome))

    async def _reconnect(self, command: Command) -> Outcome:
        """Force a fresh start and say how it ended."""
        userbot = self._registry.get(_account(command))
        if userbot is None:
            return {"error": "unknown_account"}
        async with self._database.transaction() as tx:
            await journal.note(
                tx, "reconnect.forced", actor=_actor(command), account_id=userbot.account_id
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
        async with self._turns[_account(command)]:
            return await act(command)

    async def _start(self, command: Command) -> Outcome:
        """Let a stopped account run from now on; one that runs already is left alone."""
        account_id = _account(command)
        try:
            userbot = await self._registry.adopt(account_id)
        except LookupError:
            return {"error": "unknown_account"}
        state = userbot.status.state
        if state is State.STOPPED:
            if not await self._may_start(command, account_id):
                return {"error": "parked", "state": str(state), "why": "unconfirmed"}
            userbot.start()
            return {"state": str(State.CONNECTING)}
        return (
            {"error": "parked", "state": str(state)} if state.is_parked else {"state": str(state)}
        )

    async def _may_start(self, command: Command, account_id: int) -> bool:
        """Note that it is to run; False where its session may be in use elsewhere."""
        is_confirmed = bool(command.args.get("nothing_else_uses_it"))
        async with self._database.transaction() as tx:
            await tx.lock(f"account {account_id}")
            account = await accounts.get(tx, account_id)
            if account is None or (elsewhere.may_be(account) and not is_confirmed):
                return False
            await self._want(tx, command, account, Desired.RUN)
        return True

    async def _stop(self, command: Command) -> Outcome:
        """Stop an account, and say so only when its line is closed."""
        account_id = _account(command)
        async with self._database.transaction() as tx:
            account = await accounts.get(tx, account_id)
            if account is None:
                return {"error": "unknown_account"}
            await self._want(tx, command, account, Desired.STOP)
        # After the wish is stored: one that is adopted only now never dials.
        userbot = await self._registry.adopt(account_id)
        try:
            async with asyncio.timeout(SETTLED_LIMIT_S):
                await self._until_parked(userbot)
        except TimeoutError:
            return {"error": "not_closed", "state": str(userbot.status.state)}
        return {"state": str(userbot.status.state)}

    async def _until_parked(self, userbot: Userbot) -> None:
        """Return once the supervisor has closed the line and its row says so.

        It closes a line before it looks at an order, so STOPPED means that nothing is open.
        """
        with self._database.wakeups.subscribe(accounts.CHANGED) as changed:
            while not await self._is_parked(userbot):
                if not userbot.status.state.is_parked:
                    userbot.stop()  # again: a reconnect ordered meanwhile takes its place
                await changed.wait(POLL_S)

    async def _is_parked(self, userbot: Userbot) -> bool:
        if not userbot.status.state.is_parked or userbot.line is not None:
            return False
        async with self._database.read() as tx:
            account = await accounts.get(tx, userbot.account_id)
        return account is None or account.observed.state == userbot.status.state

    async def _want(self, tx: Tx, command: Command, account: Account, desired: Desired) -> None:
        """Store the operator's wish, and who had it, where that is news."""
        if account.desired is desired:
            return
        await accounts.set_desired(tx, account.id, desired)
        kind = "account.started" if desired is Desired.RUN else "account.stopped"
        await journal.note(tx, kind, actor=_actor(command), account_id=account.id)


async def _refuse_overtaken(_: Command) -> Outcome:
    return {"error": "overtaken"}


def _overtaken(taken: Sequence[Command]) -> set[int]:
    """The orders to start or stop that a later one of the same account makes void.

    They waited together, as over a time when nothing ran: an account that was stopped since must
    not dial because of an older order.
    """
    latest = {c.account_id: c.id for c in taken if c.kind in OPPOSITES}
    return {c.id for c in taken if c.kind in OPPOSITES and latest[c.account_id] != c.id}


def _is_under_way(status: Status) -> bool:
    """Whether the attempt that was ordered has not ended yet."""
    is_due = status.state is State.RETRYING and status.attempt == 0
    return status.state in {State.CONNECTING, State.ONLINE} or is_due


def _account(command: Command) -> int:
    if command.account_id is None:
        raise ValueError(f"command {command.kind} names no account")
    return command.account_id


def _actor(command: Command) -> str:
    return f"operator {command.ordered_by}" if command.ordered_by else "command line"
