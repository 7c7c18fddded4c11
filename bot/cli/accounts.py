"""`mooring account`: list, start and stop accounts; import and export are in `takeover`."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from bot.cli import takeover
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.settings import Settings
from storage import accounts, commands, journal
from storage.accounts import Account, Desired
from storage.database import Database
from storage.datadir import hold
from storage.errors import DataDirectoryInUse
from storage.tx import Tx
from userbot import elsewhere
from userbot.states import State
from userbot.targets import hidden

ACTOR = "command line"
OUTCOME_LIMIT_S = 120.0
"""How long a stop or start waits for the Mooring that runs; it may be in the middle of a dial."""


class Refused(ValueError):
    """It was not done, and nothing was stored; the text says why."""


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    account = commands.add_parser("account", help="take over, list, start, stop, export accounts")
    acts = account.add_subparsers(required=True, metavar="act")
    takeover.add_to(acts)
    listing = acts.add_parser("list", help="every account with its state and proxy")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(act=_list)
    starting = acts.add_parser("start", help="let a stopped account run")
    starting.add_argument("number", type=int, help="the account's number")
    starting.add_argument(
        "--nothing-else-uses-it",
        action="store_true",
        help="you are sure that no other program uses this session; it has to be said",
    )
    starting.set_defaults(act=_start)
    stopping = acts.add_parser("stop", help="stop an account; it stays logged in")
    stopping.add_argument("number", type=int, help="the account's number")
    stopping.add_argument(
        "--force", action="store_true", help="although its number can't be used to log in again"
    )
    stopping.set_defaults(act=_stop)


async def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database, database.read() as tx:
        found = [_shown(account) for account in await accounts.page(tx)]
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if arguments.json else _table(found))
    return OK


def _shown(account: Account) -> dict[str, Any]:
    """What a list says of an account: never its full number."""
    name = account.name or (f"@{account.username}" if account.username else "")
    return {
        "number": account.id,
        "name": name or hidden(account.phone),
        "state": account.observed.state,
        "desired": str(account.desired),
        "reason": account.observed.reason,
        "proxy": account.proxy_name,
    }


def _table(found: Sequence[dict[str, Any]]) -> str:
    """Aligned columns. A name is whatever somebody called himself: no control characters."""
    columns = ("number", "name", "state", "proxy", "reason")
    lines = [
        [f"#{row['number']}", *(_printable(str(row[name]) or "-") for name in columns[1:])]
        for row in found
    ]
    table = [list(columns), *lines]
    widths = [max(len(line[i]) for line in table) for i in range(len(columns))]
    return "".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in table
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


async def _start(settings: Settings, arguments: argparse.Namespace) -> int:
    number = arguments.number
    if not arguments.nothing_else_uses_it:
        say(
            "Not started: two live copies kill a session for good. Make sure that no other "
            "program uses it, then repeat this with --nothing-else-uses-it."
        )
        return FAILED
    async with stored(settings) as database:
        with _alone(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    order = await _order_start(tx, number)
            except Refused as exc:
                say(f"Not started: {exc}.")
                return FAILED
            if is_alone:
                say(f"#{number} starts with the next run.")
                return OK
        return await _outcome(database, order, f"#{number} is started", "Not started")


async def _order_start(tx: Tx, number: int) -> int:
    account = await _account(tx, number)
    if account.observed.state in {State.NEW, State.NEEDS_LOGIN, State.BANNED}:
        raise Refused(f"#{number} can't run: {account.observed.state}")
    if account.desired is not Desired.RUN:
        await accounts.set_desired(tx, number, Desired.RUN)
        await journal.note(tx, "account.started", actor=ACTOR, account_id=number)
    await elsewhere.clear(tx, account)
    return await commands.order(
        tx, "start", account_id=number, args={"nothing_else_uses_it": True}
    )


async def _stop(settings: Settings, arguments: argparse.Namespace) -> int:
    number = arguments.number
    async with stored(settings) as database:
        with _alone(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    order = await _order_stop(tx, number, force=arguments.force)
                    if is_alone:
                        await _set_stopped(tx, number)
            except Refused as exc:
                say(f"Not stopped: {exc}.")
                return FAILED
            if is_alone:
                say(f"#{number} is stopped; it stays logged in.")
                return OK
        done = f"#{number} is stopped; it stays logged in"
        return await _outcome(database, order, done, "Not stopped")


async def _order_stop(tx: Tx, number: int, *, force: bool) -> int:
    account = await _account(tx, number)
    if account.observed.state == State.NEW:
        raise Refused(f"#{number} has not logged in yet; its login is cancelled in the chat")
    if account.desired is Desired.RUN:
        if account.one_time_phone and not force:
            raise Refused(
                f"#{number} has a number that can't be used to log in again. Stopped, it stays "
                "logged in, but it does not come back by itself, and a session that Telegram "
                "ends meanwhile is lost for good; --force stops it all the same"
            )
        await accounts.set_desired(tx, number, Desired.STOP)
        await journal.note(tx, "account.stopped", actor=ACTOR, account_id=number)
    # Even where nothing runs: it makes an older order to start void.
    return await commands.order(tx, "stop", account_id=number)


async def _set_stopped(tx: Tx, number: int) -> None:
    """Nobody supervises the account: what is observed is ours to say."""
    account = await _account(tx, number)
    if not State(account.observed.state).is_parked:
        stopped = replace(
            account.observed,
            state=State.STOPPED,
            reason="",
            attempt=0,
            retry_at=None,
            since=tx.now,
        )
        await accounts.set_observed(tx, number, stopped, is_online=False)


async def _account(tx: Tx, number: int) -> Account:
    account = await accounts.get(tx, number)
    if account is None:
        raise Refused(f"there is no account #{number}")
    return account


@contextmanager
def _alone(settings: Settings) -> Iterator[bool]:
    """Whether no Mooring runs on this data directory; then none begins within the block.

    Only for SQLite: on a database that is shared, others may run anywhere.
    """
    with ExitStack() as stack:
        is_alone = settings.database.startswith("sqlite")
        try:
            if is_alone:
                stack.enter_context(hold(settings.data_dir))
        except DataDirectoryInUse:
            is_alone = False
        yield is_alone


async def _outcome(database: Database, order: int, done: str, failed: str) -> int:
    """Wait for the Mooring that runs, and say what it answered."""
    try:
        outcome = await commands.outcome_of(database, order, limit_s=OUTCOME_LIMIT_S)
    except TimeoutError:
        say(f"{failed} yet: no Mooring has answered. The order stands, the next run follows it.")
        return FAILED
    if "error" in outcome:
        why = outcome.get("state", outcome["error"])
        say(f"{failed}: the Mooring that runs says {why}.")
        return FAILED
    say(f"{done} ({outcome['state']}).")
    return OK
