"""`mooring account`: list, start and stop; `takeover` and `forgetting` have the other acts."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from bot.alone import alone_or_beside
from bot.cli import forgetting, takeover
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.cli.ordering import ACTOR, Refused, account_of, said, settle
from bot.cli.tables import aligned
from bot.settings import Settings
from storage import accounts, commands, journal
from storage.accounts import Account, Desired
from storage.incidents import Ending
from storage.tx import Tx
from userbot import elsewhere
from userbot.states import State
from userbot.targets import hidden


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    account = commands.add_parser(
        "account", help="take over, list, start, stop, forget, export accounts"
    )
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
    forgetting.add_to(acts)


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
    columns = ("number", "name", "state", "proxy", "reason")
    lines = [[f"#{row['number']}", *(str(row[name]) for name in columns[1:])] for row in found]
    return aligned([columns, *lines])


async def _start(settings: Settings, arguments: argparse.Namespace) -> int:
    number = arguments.number
    if not arguments.nothing_else_uses_it:
        say(
            "Not started: two live copies kill a session for good. Make sure that no other "
            "program uses it, then repeat this with --nothing-else-uses-it."
        )
        return FAILED
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    order = await _order_start(tx, number)
            except Refused as exc:
                say(f"Not started: {exc}.")
                return FAILED
            if is_alone:
                say(f"#{number} starts with the next run.")
                return OK
        return await said(database, order, f"#{number} is started", "Not started")


async def _order_start(tx: Tx, number: int) -> int:
    account = await account_of(tx, number)
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
        async with alone_or_beside(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    order = await _order_stop(tx, number, force=arguments.force)
                    if is_alone:
                        await settle(tx, number, Ending.STOPPED)
            except Refused as exc:
                say(f"Not stopped: {exc}.")
                return FAILED
            if is_alone:
                say(f"#{number} is stopped; it stays logged in.")
                return OK
        done = f"#{number} is stopped; it stays logged in"
        return await said(database, order, done, "Not stopped")


async def _order_stop(tx: Tx, number: int, *, force: bool) -> int:
    account = await account_of(tx, number)
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
    return await commands.order(tx, "stop", account_id=number, args={"force": force})
