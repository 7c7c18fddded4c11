"""How an account leaves: it is stopped, forgotten here, or logged out at Telegram.

Each is an operator's word. A number that may never log in again needs that word twice (`force`).
"""

import asyncio
from dataclasses import replace

from loguru import logger
from telethon.errors import RPCError
from telethon.tl import functions

from storage import accounts, forgetting, incidents, journal
from storage.accounts import Account, Desired
from storage.commands import Command
from storage.database import Database
from storage.incidents import Ending
from storage.tx import Tx
from userbot.errors import LineError, in_words
from userbot.line import Line
from userbot.login_answers import Outcome
from userbot.registry import Registry
from userbot.states import State
from userbot.userbot import Userbot

POLL_S = 1.0
CLOSED_LIMIT_S = 100.0
LOGGED_OUT = "logged out by an operator"
"""The reason of an account whose session an operator has ended."""


class Leaving:
    """Carries out the orders that end something. Each is answered once its line is closed."""

    def __init__(
        self, database: Database, registry: Registry, *, closed_limit_s: float = CLOSED_LIMIT_S
    ) -> None:
        self._database = database
        self._registry = registry
        self._closed_limit_s = closed_limit_s

    async def stop(self, command: Command) -> Outcome:
        """Stop an account; it stays logged in."""
        async with self._database.transaction() as tx:
            account = await accounts.get(tx, account_of(command))
            if account is None:
                return {"error": "unknown_account"}
            if account.desired is Desired.RUN and _needs_force(account, command):
                return {"error": "needs_force"}
            await want(tx, command, account, Desired.STOP)
            await incidents.close_open(tx, account.id, ending=Ending.STOPPED)
        if account.removed_at is not None and self._registry.get(account.id) is None:
            return {"state": str(State.STOPPED)}  # forgotten where nothing ran: nobody has it
        return await self._closed(await self._registry.adopt(account.id))

    async def forget(self, command: Command) -> Outcome:
        """Stop an account and take it out of every list; session and proxy are kept a while."""
        async with self._database.transaction() as tx:
            account = await accounts.get(tx, account_of(command))
            if account is None:
                return {"error": "unknown_account"}
            if account.removed_at is not None:
                return {"error": "forgotten"}
            if _needs_force(account, command):
                return {"error": "needs_force"}
            await want(tx, command, account, Desired.STOP)
            await incidents.close_open(tx, account.id, ending=Ending.FORGOTTEN)
        closed = await self._closed(await self._registry.adopt(account.id))
        if "error" in closed:
            return closed
        async with self._database.transaction() as tx:
            await _forget(tx, account.id, "account.forgotten", actor(command))
            # Those too that were opened while it was closed, as of a freeze.
            await incidents.close_open(tx, account.id, ending=Ending.FORGOTTEN)
        return {"state": "FORGOTTEN"}

    async def log_out(self, command: Command) -> Outcome:
        """End the session at Telegram on the account's own line, then forget the account.

        Only while it is ONLINE: a line made for this could not tell what came of it either.
        """
        account_id = account_of(command)
        async with self._database.read() as tx:
            account = await accounts.get(tx, account_id)
        if account is None or account.removed_at is not None:
            return {"error": "unknown_account"}
        if _needs_force(account, command):
            return {"error": "needs_force"}
        userbot = self._registry.get(account_id)
        line = userbot.line if userbot else None
        if userbot is None or line is None or userbot.status.state is not State.ONLINE:
            return {"error": "not_online", "state": account.observed.state}
        async with self._database.transaction() as tx:
            await journal.note(tx, "account.log_out", actor=actor(command), account_id=account_id)
        if failed := await _ended_at_telegram(line):
            return failed
        userbot.stop()  # before it can ask anything more with a key that is dead
        async with self._database.transaction() as tx:
            await want(tx, command, account, Desired.STOP)
        await self._closed(userbot)
        async with self._database.transaction() as tx:
            await _note_dead(tx, account_id)
            await incidents.close_open(tx, account_id, ending=Ending.LOGGED_OUT)
            await _forget(tx, account_id, "account.logged_out", actor(command))
        return {"state": "LOGGED_OUT"}

    async def _closed(self, userbot: Userbot) -> Outcome:
        """Wait until the account has no line any more."""
        try:
            async with asyncio.timeout(self._closed_limit_s):
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
        return account is None or State(account.observed.state).is_parked


async def want(tx: Tx, command: Command, account: Account, desired: Desired) -> None:
    """Store the operator's wish, and who had it, where that is news."""
    if account.desired is desired:
        return
    await accounts.set_desired(tx, account.id, desired)
    kind = "account.started" if desired is Desired.RUN else "account.stopped"
    await journal.note(tx, kind, actor=actor(command), account_id=account.id)


def account_of(command: Command) -> int:
    """The account that a command is about. Raises ValueError where it names none."""
    if command.account_id is None:
        raise ValueError(f"command {command.kind} names no account")
    return command.account_id


def actor(command: Command) -> str:
    """Who gave a command, as the journal has it."""
    return f"operator {command.ordered_by}" if command.ordered_by else "command line"


async def _ended_at_telegram(line: Line) -> Outcome | None:
    """Log out; why it was not done, or not certainly, where that is so."""
    try:
        await line.call(functions.auth.LogOutRequest())
    except LineError as exc:
        logger.bind(event="log_out.unknown").warning("a log-out was not answered: {}", exc)
        return {"error": "unknown"}
    except RPCError as exc:
        return {"error": "refused", "words": in_words(exc)}
    return None


async def _note_dead(tx: Tx, account_id: int) -> None:
    account = await accounts.get(tx, account_id)
    if account is not None:
        dead = replace(account.observed, state=State.NEEDS_LOGIN, reason=LOGGED_OUT, since=tx.now)
        await accounts.set_observed(tx, account_id, dead, is_online=False)


async def _forget(tx: Tx, account_id: int, kind: str, who: str) -> None:
    await forgetting.forget(tx, account_id)
    await journal.note(tx, kind, actor=who, account_id=account_id)


def _needs_force(account: Account, command: Command) -> bool:
    return account.one_time_phone and command.args.get("force") is not True
