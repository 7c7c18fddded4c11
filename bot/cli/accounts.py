"""`mooring accounts`, `start`, `stop`, `account …`; `takeover` and `forgetting` have other acts."""

import argparse
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from bot.alone import alone_or_beside
from bot.cli import forgetting, takeover
from bot.cli.common import FAILED, OK, one_of, say
from bot.cli.existing import stored
from bot.cli.order_words import state as state_in_words
from bot.cli.ordering import ACTOR, WHO, Refused, account_of, number_of, said, settle, who
from bot.cli.output import show, show_json
from bot.cli.tables import aligned
from bot.settings import Settings
from storage import accounts, commands, finding, journal
from storage.accounts import Account, Desired
from storage.incidents import Ending
from storage.tx import Tx
from userbot import elsewhere
from userbot.facts import Facts, stored_board
from userbot.states import State
from userbot.targets import hidden


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    _add_listing(commands, "accounts")
    account = commands.add_parser(
        "account", help="take over, list, start, stop, forget, export accounts"
    )
    acts = account.add_subparsers(required=True, metavar="act")
    takeover.add_to(acts)
    _add_listing(acts, "list")
    for place in (commands, acts):
        _add_start(place)
        _add_stop(place)
    forgetting.add_to(acts)


def _add_listing(place: Any, name: str) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    listing = place.add_parser(name, help="every account with its state and proxy")
    listing.add_argument(
        "words", nargs="*", help="only those whose label, name or number has them"
    )
    listing.add_argument(
        "--filter",
        type=one_of(Shown),
        choices=list(Shown),
        default=Shown.ALL,
        help="only what is so",
    )
    listing.add_argument("--tag", help="only those with this tag")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(act=_list)


def _add_start(place: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    starting = place.add_parser("start", help="let a stopped account run")
    starting.add_argument("who", type=who, help=WHO)
    starting.add_argument(
        "--nothing-else-uses-it",
        action="store_true",
        help="you are sure that no other program uses this session; has to be said of one that "
        "was imported, exported or restored",
    )
    starting.set_defaults(act=_start)


def _add_stop(place: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    stopping = place.add_parser("stop", help="stop an account; it stays logged in")
    stopping.add_argument("who", type=who, help=WHO)
    stopping.add_argument(
        "--force", action="store_true", help="although its number can't be used to log in again"
    )
    stopping.set_defaults(act=_stop)


class Shown(StrEnum):
    """Which accounts a list has."""

    ALL = "all"
    CONNECTED = "connected"
    TROUBLE = "trouble"
    """Not as they should be."""
    STOPPED = "stopped"

    def has(self, facts: Facts) -> bool:
        is_stopped = facts.account.desired is Desired.STOP
        match self:
            case Shown.ALL:
                return True
            case Shown.STOPPED:
                return is_stopped
            case Shown.CONNECTED:
                return facts.is_well and not is_stopped
            case Shown.TROUBLE:
                return not facts.is_well


async def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    wanted = finding.Filter(tag=arguments.tag, words=" ".join(arguments.words))
    async with stored(settings) as database, database.read() as tx:
        board = await stored_board(tx)
        among = {each.id for each in await finding.candidates(tx, wanted)}
    kept = [f for f in board.facts if f.account.id in among and arguments.filter.has(f)]
    found = [_shown(facts) for facts in kept]
    if arguments.json:
        show_json(found)
    else:
        show(_table(found))
    return OK


def _shown(facts: Facts) -> dict[str, Any]:
    """What a list says of an account: never its full number."""
    account = facts.account
    return {
        "number": account.id,
        "name": name_of(account),
        "username": account.username,
        "label": account.label,
        "tags": list(account.tags),
        "state": account.observed.state,
        "desired": str(account.desired),
        "is_well": facts.is_well,
        "is_current": facts.is_current,
        "reason": account.observed.reason,
        "proxy": account.proxy_name,
    }


def name_of(account: Account) -> str:
    """What an account is called: never its full number."""
    username = f"@{account.username}" if account.username else ""
    return account.label or account.name or username or hidden(account.phone)


def _table(found: Sequence[dict[str, Any]]) -> str:
    columns = ("number", "name", "state", "proxy", "reason")
    lines = [[f"#{row['number']}", *(str(row[name]) for name in columns[1:])] for row in found]
    return aligned([columns, *lines])


async def _start(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    number = await number_of(tx, arguments.who)
                    is_sure = arguments.nothing_else_uses_it
                    order = await _order_start(tx, number, is_sure=is_sure)
            except Refused as exc:
                say(f"Not started: {exc}.")
                return FAILED
            if is_alone:
                say(f"#{number} starts with the next run.")
                return OK
        return await said(database, order, f"#{number} is started", "Not started")


async def _order_start(tx: Tx, number: int, *, is_sure: bool) -> int:
    account = await account_of(tx, number)
    if elsewhere.may_be(account) and not is_sure:
        raise Refused(
            f"{elsewhere.doubt(account)}. Make sure that nothing else uses it, then repeat this "
            "with --nothing-else-uses-it"
        )
    if account.observed.state in {State.NEW, State.NEEDS_LOGIN, State.BANNED}:
        raise Refused(f"#{number} can't run: {state_in_words(account.observed.state)}")
    if account.desired is not Desired.RUN:
        await accounts.set_desired(tx, number, Desired.RUN)
        await journal.note(tx, "account.started", actor=ACTOR, account_id=number)
    await elsewhere.clear(tx, account)
    return await commands.order(
        tx, "start", account_id=number, args={"nothing_else_uses_it": is_sure}
    )


async def _stop(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            try:
                async with database.transaction() as tx:
                    number = await number_of(tx, arguments.who)
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
