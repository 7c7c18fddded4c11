"""Takes the operators' commands and carries them out: rows before acts."""

from collections.abc import Awaitable, Callable

from loguru import logger

from storage import accounts, commands, journal
from storage.accounts import Desired
from storage.commands import Command
from storage.database import Database
from userbot.enrolment import Enrolments
from userbot.login_answers import Outcome
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.states import State, Status

POLL_S = 1.0
SETTLED_LIMIT_S = 100.0
"""How long a reconnect order waits to say how the attempt ended."""


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
            "start": self._start,
            "enrol.begin": lambda c: enrolments.begin(c.args["phone"], _actor(c)),
            "enrol.code": lambda c: enrolments.code(_account(c), c.args["code"]),
            "enrol.password": lambda c: enrolments.password(_account(c), c.args["password"]),
            "enrol.resend": lambda c: enrolments.resend(_account(c)),
            "enrol.cancel": lambda c: enrolments.cancel(_account(c)),
        }

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
                    for command in taken:
                        self._nursery.start(self._carry_out(command), name=f"command {command.id}")
                await ordered.wait(POLL_S)

    async def _carry_out(self, command: Command) -> None:
        act = self._kinds.get(command.kind)
        try:
            outcome = await act(command) if act else {"error": "unknown_command"}
        except Exception:  # noqa: BLE001 - an order must be answered, whatever happened
            logger.bind(event="command.crashed").exception("command {} failed", command.kind)
            outcome = {"error": "internal"}
        async with self._database.transaction() as tx:
            await commands.finish(tx, command.id, outcome)

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

    async def _start(self, command: Command) -> Outcome:
        """Let a stopped account run from now on."""
        account_id = _account(command)
        try:
            userbot = await self._registry.adopt(account_id)
        except LookupError:
            return {"error": "unknown_account"}
        if userbot.status.state is not State.STOPPED:
            return {"error": "parked", "state": str(userbot.status.state)}
        async with self._database.transaction() as tx:
            await accounts.set_desired(tx, account_id, Desired.RUN)
            await journal.note(tx, "account.started", actor=_actor(command), account_id=account_id)
        userbot.start()
        return {"state": str(State.CONNECTING)}


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
