"""`mooring account forget` and `restore`: out of every list, and back within 30 days."""

import argparse
from typing import Any

from bot.alone import alone_or_beside
from bot.cli import order_words
from bot.cli.asking import NotAnswered, answer
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.cli.ordering import ACTOR, Refused, account_of, said, settle
from bot.settings import Settings
from storage import commands, forgetting, journal, labels
from storage.accounts import Account
from storage.database import Database
from storage.incidents import Ending
from storage.tx import Tx


def add_to(acts: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    going = acts.add_parser(
        "forget",
        help="take an account out of every list; it stays logged in at Telegram, and its session "
        "is kept here, sealed, for 30 days",
    )
    going.add_argument("number", type=int, help="the account's number")
    going.add_argument(
        "--force", action="store_true", help="although its number can't be used to log in again"
    )
    going.add_argument(
        "--label",
        help="beside --force: its label, or #NUMBER where it has none; without this you are asked",
    )
    going.set_defaults(act=_forget)
    coming = acts.add_parser("restore", help="take a forgotten account back, stopped")
    coming.add_argument("number", type=int, help="the account's number")
    coming.set_defaults(act=_restore)


async def _forget(settings: Settings, arguments: argparse.Namespace) -> int:
    number = arguments.number
    done = f"#{number} is forgotten; its session is kept for 30 days"
    async with stored(settings) as database:
        try:
            await _confirmed(database, arguments)  # before: who is alone lets nothing start
            async with alone_or_beside(settings) as is_alone, database.transaction() as tx:
                order = await _order(tx, number, force=arguments.force, is_alone=is_alone)
        except (Refused, NotAnswered) as exc:
            say(f"Not forgotten: {exc}.")
            return FAILED
        if order is None:
            say(f"{done}.")
            return OK
        return await said(database, order, done, "Not forgotten")


async def _confirmed(database: Database, arguments: argparse.Namespace) -> None:
    """Ask for the label where a number is good for one login only. Raises `Refused`."""
    async with database.read() as tx:
        account = await account_of(tx, arguments.number)
    if not (account.one_time_phone and arguments.force):
        return
    wanted = "label" if account.label else "number with the #, as it has no label,"
    prompt = f"To forget {_called(account)}, type its {wanted}: "
    typed = answer(prompt) if arguments.label is None else arguments.label
    if not labels.confirms(typed, label=account.label, number=account.id):
        raise Refused("that is not its label (or #NUMBER, where it has no label)")


def _called(account: Account) -> str:
    return f"#{account.id} {account.label}".strip()


async def _order(tx: Tx, number: int, *, force: bool, is_alone: bool) -> int | None:
    """Order it of the Mooring that runs; where none does, do it, and return None."""
    account = await account_of(tx, number)
    if account.one_time_phone and not force:
        raise Refused(
            f"#{number} has a number that can't be used to log in again. After 30 days its "
            "session is deleted here, and then nobody gets into it from here any more; --force "
            "and its typed label forget it all the same"
        )
    if not is_alone:
        return await commands.order(tx, "forget", account_id=number, args={"force": force})
    # To stop it, for one that runs unseen: an order to forget it would outlive its taking back.
    await commands.order(tx, "stop", account_id=number, args={"force": force})
    await settle(tx, number, Ending.FORGOTTEN)
    await forgetting.forget(tx, number)
    await journal.note(tx, "account.forgotten", actor=ACTOR, account_id=number)
    return None


async def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    number = arguments.number
    async with stored(settings) as database:
        try:
            async with database.transaction() as tx:
                state = await _take_back(tx, number)
        except Refused as exc:
            say(f"Not taken back: {exc}.")
            return FAILED
    say(f"#{number} is back: {order_words.state(state)}.")
    return OK


async def _take_back(tx: Tx, number: int) -> str:
    account = await account_of(tx, number, is_forgotten=True)
    if not await forgetting.restore(tx, number):
        raise Refused(f"#{number} was not forgotten")
    await journal.note(tx, "account.restored", actor=ACTOR, account_id=number)
    return account.observed.state
