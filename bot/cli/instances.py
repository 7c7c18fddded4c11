"""`mooring instances` and `mooring drain`: the processes that share the accounts."""

import argparse
import asyncio
from typing import Any

from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.cli.output import show, show_json
from bot.cli.tables import aligned
from bot.crew import Crew
from bot.settings import Settings
from storage.database import Database
from storage.engines import is_sqlite
from storage.team import Condition, Leaving, Member

DRAIN_LIMIT_S = 120.0
POLL_S = 0.5
ALONE = "On SQLite one process runs everything; stop that one with SIGTERM.\n"


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    listing = commands.add_parser("instances", help="the processes that share the accounts")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(act=_list)
    draining = commands.add_parser(
        "drain",
        help="let an instance hand over its accounts and end",
        description="Its accounts go to the others, what it is sending is finished, and it exits "
        "with code 0. No alert is sent for it. Where no other instance could take over, nothing "
        "is done without --force.",
    )
    draining.add_argument(
        "--force",
        action="store_true",
        help="also where its accounts would be offline, or nobody would answer in the chat",
    )
    draining.add_argument("instance", help="its id, or the beginning of it")
    draining.set_defaults(act=_drain)


async def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        found = await _members(database)
    if arguments.json:
        show_json([_document(member) for member in found])
    elif not found:
        show(ALONE if is_sqlite(settings.database) else "No instance runs.\n")
    else:
        head = ("id", "role", "state", "accounts", "host", "pid", "version", "started", "heard")
        show(aligned([head, *map(_line, found)]))
    return OK


async def _drain(settings: Settings, arguments: argparse.Namespace) -> int:
    if is_sqlite(settings.database):
        say(f"Nothing was done. {ALONE.strip()}")
        return FAILED
    async with stored(settings) as database:
        found = [m for m in await _members(database) if m.id.startswith(arguments.instance)]
        if len(found) != 1:
            what = "no instance has" if not found else "several instances have"
            say(f"Nothing was done: {what} that id; see mooring instances.")
            return FAILED
        if not await _order(database, found[0], is_forced=arguments.force):
            return FAILED
        try:
            async with asyncio.timeout(DRAIN_LIMIT_S):
                # Another process ends: only the rows tell.
                while any(m.id == found[0].id for m in await _members(database)):  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            say("It has not ended yet; the order stands.")
            return FAILED
    show(f"{found[0].id} has handed over its accounts and ended.\n")
    return OK


async def _order(database: Database, member: Member, *, is_forced: bool) -> bool:
    """Have it hand over and end, unless nobody takes over; one that does so already goes on."""
    if member.state is Condition.DRAINING:
        return True
    try:
        would_leave = await Crew(database).drain(
            member.id, actor="command line", is_confirmed=is_forced
        )
    except LookupError:
        say(f"Nothing was done: {member.id} is {member.state}; see mooring instances.")
        return False
    if would_leave is not None:
        say(f"Nothing was done: {_what_if(would_leave)} Start another one first, or add --force.")
    return would_leave is None


def _what_if(leaving: Leaving) -> str:
    """What would be where nobody takes over."""
    words = []
    if leaving.leaves_offline:
        count = leaving.member.accounts
        words.append(
            f"No other instance can take over its accounts ({count}): they would be offline until "
            "one starts."
        )
    if leaving.leaves_silent:
        words.append("No other instance has the bot: nobody would answer in the chat.")
    return " ".join(words)


async def _members(database: Database) -> list[Member]:
    return list(await Crew(database).members())


def _line(member: Member) -> tuple[str, ...]:
    seats = ", ".join([member.role, *member.seats])
    return (
        member.id,
        seats,
        str(member.state),
        _accounts(member),
        member.host,
        str(member.pid),
        member.version,
        f"{member.started_at:%Y-%m-%d %H:%M} UTC",
        f"{round(member.heard.total_seconds())} s ago",
    )


def _accounts(member: Member) -> str:
    """How many it has; while its start brings them back, how many of them are."""
    if not member.runs_userbots:
        return "-"
    if member.recovering is None:
        return str(member.accounts)
    back, total = member.recovering
    return f"{member.accounts} ({back} of {total} back)"


def _document(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "host": member.host,
        "pid": member.pid,
        "version": member.version,
        "role": str(member.role),
        "seats": list(member.seats),
        "state": str(member.state),
        "accounts": member.accounts,
        "recovering": member.recovering
        and {"back": member.recovering[0], "total": member.recovering[1]},
        "started_at": member.started_at.isoformat(),
        "heard_seconds_ago": round(member.heard.total_seconds(), 1),
        "lease_until": member.until.isoformat(),
    }
