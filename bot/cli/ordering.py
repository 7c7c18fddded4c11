"""Orders from the command line: to the Mooring that runs, or straight into the rows."""

import argparse
import re
from dataclasses import replace

from bot.cli.common import FAILED, OK, say
from bot.cli.order_words import state, why_not
from storage import accounts, commands, incidents
from storage.accounts import Account
from storage.database import Database
from storage.incidents import Ending
from storage.tx import Tx
from userbot.states import State
from userbot.targets import BadPhone, hidden, parse_phone

ACTOR = "command line"
OUTCOME_LIMIT_S = 120.0
"""How long an order waits for the Mooring that runs; it may be in the middle of a dial."""
_SAID_BY_DONE = {State.STOPPED, "FORGOTTEN"}
"""States that what was done says already."""


class Refused(ValueError):
    """It was not done, and nothing was stored; the text says why."""


WHO = "the account: its number, phone (+…) or @username"


def who(text: str) -> int | str:
    """How an operator names an account: a number, or `+…` or `@…`. For argparse."""
    word = text.strip().removeprefix("#")
    if word.isascii() and word.isdecimal() and int(word) < 2**63:
        return int(word)
    if re.fullmatch(r"@[A-Za-z0-9_]{1,64}", word):
        return word.lower()
    try:
        return parse_phone(word)
    except BadPhone:
        raise argparse.ArgumentTypeError(f"{text!r} is no number, phone or @username") from None


async def number_of(tx: Tx, named: int | str) -> int:
    """The number of the account that is named so. Raises `Refused`."""
    if isinstance(named, int):
        return named
    if named.startswith("+"):
        found = await accounts.with_phone(tx, named)
        same = [] if found is None else [found]
    else:
        same = [a for a in await accounts.page(tx) if f"@{a.username}".lower() == named]
    if len(same) != 1:
        shown = hidden(named) if named.startswith("+") else named
        raise Refused(f"there is no account {shown}")
    return same[0].id


async def account_of(tx: Tx, number: int, *, is_forgotten: bool = False) -> Account:
    """The account, if there is one; a forgotten one only where that is wanted. Raises `Refused`."""
    account = await accounts.get(tx, number)
    if account is None:
        raise Refused(f"there is no account #{number}")
    if account.removed_at is not None and not is_forgotten:
        raise Refused(
            f"#{number} was forgotten; to take it back: mooring account restore {number}"
        )
    return account


async def said(database: Database, order: int, done: str, failed: str) -> int:
    """Wait for the Mooring that runs, and say what it answered."""
    try:
        outcome = await commands.outcome_of(database, order, limit_s=OUTCOME_LIMIT_S)
    except TimeoutError:
        say(f"{failed} yet: no Mooring has answered. The order stands, the next run follows it.")
        return FAILED
    if "error" in outcome:
        say(f"{failed}: {why_not(outcome)}.")
        return FAILED
    after = str(outcome["state"])
    say(f"{done}." if after in _SAID_BY_DONE else f"{done} ({state(after)}).")
    return OK


async def settle(tx: Tx, number: int, ending: Ending) -> None:
    """Nobody supervises the account: that it is stopped, and why, is ours to say."""
    account = await account_of(tx, number)
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
    await incidents.close_open(tx, number, ending=ending)
