"""`mooring reconnect`: connect accounts anew, at once, and say how it went."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

from bot.alone import alone_or_beside
from bot.cli.accounts import name_of
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.cli.order_words import why_not
from bot.cli.ordering import OUTCOME_LIMIT_S, WHO, Refused, account_of, number_of, who
from bot.cli.output import show, show_json
from bot.cli.tables import aligned
from bot.settings import Settings
from storage import accounts, commands
from storage.accounts import Account, Desired
from storage.database import Database
from storage.tx import Tx
from userbot.states import State

_WORDS = {
    "flood": "Telegram makes it wait {seconds} s, and nobody can shorten that",
    "parked": "it is {state}",
    "unknown_account": "there is no such account",
    "not_answered": "no answer yet; the order stands",
}


def add_to(subcommands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = subcommands.add_parser(
        "reconnect",
        help="connect an account anew, or all that are in trouble",
        description="Has the running Mooring close the account's line and connect anew, with its "
        "attempts counted from the start; the pace of connecting is kept. The exit code is 0 when "
        "all of them are connected, and 1 when one is not.",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("who", nargs="?", type=who, help=WHO)
    which.add_argument(
        "--failed", action="store_true", help="all that should be connected and are not"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_reconnect)


async def _reconnect(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            if is_alone:
                say("Nothing was done: no Mooring runs. Its start connects all: mooring run")
                return FAILED
        try:
            async with database.transaction() as tx:
                chosen = await _chosen(tx, arguments.who)
                orders = [await commands.order(tx, "reconnect", account_id=a.id) for a in chosen]
        except Refused as exc:
            say(f"Not reconnected: {exc}.")
            return FAILED
        outcomes = await asyncio.gather(*(_outcome(database, order) for order in orders))
    results = [_result(a, o) for a, o in zip(chosen, outcomes, strict=True)]
    if arguments.json:
        show_json(results)
    else:
        show(_table(results, outcomes))
    return OK if all(result["is_connected"] for result in results) else FAILED


async def _chosen(tx: Tx, named: int | str | None) -> list[Account]:
    if named is not None:
        return [await account_of(tx, await number_of(tx, named))]
    return [
        account
        for account in await accounts.page(tx)
        if account.desired is Desired.RUN and State(account.observed.state).is_waiting
    ]


async def _outcome(database: Database, order: int) -> dict[str, Any]:
    try:
        return await commands.outcome_of(database, order, limit_s=OUTCOME_LIMIT_S)
    except TimeoutError:
        return {"error": "not_answered"}


def _result(account: Account, outcome: dict[str, Any]) -> dict[str, Any]:
    error = str(outcome.get("error", ""))
    words = _WORDS.get(error, error).format_map({"seconds": "?", "state": "?"} | outcome)
    return {
        "number": account.id,
        "name": name_of(account),
        "state": outcome.get("state"),
        "is_connected": outcome.get("state") == State.ONLINE and not error,
        "reason": words or outcome.get("reason", ""),
    }


def _table(results: Sequence[dict[str, Any]], outcomes: Sequence[dict[str, Any]]) -> str:
    if not results:
        return "Nothing to reconnect: all that should be connected are, or need something else.\n"
    lines = [
        (f"#{r['number']}", r["name"], _state(r, o), why_not(o) if "error" in o else r["reason"])
        for r, o in zip(results, outcomes, strict=True)
    ]
    return aligned([("number", "name", "state", "reason"), *lines])


def _state(result: dict[str, Any], outcome: dict[str, Any]) -> str:
    return "not reconnected" if "error" in outcome else str(result["state"])
