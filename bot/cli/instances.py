"""`mooring instances` and `mooring drain`: the processes that share the accounts."""

import argparse
import asyncio
from typing import Any

from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.cli.output import show, show_json
from bot.cli.tables import aligned
from bot.settings import Settings
from storage import lease, team
from storage.database import Database
from storage.engines import is_sqlite
from storage.team import Member

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
        "with code 0. No alert is sent for it.",
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
        head = ("id", "role", "state", "accounts", "host", "pid", "version", "started")
        show(aligned([head, *map(_line, found)]))
    return OK


async def _drain(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        found = [m for m in await _members(database) if m.id.startswith(arguments.instance)]
        if len(found) != 1:
            what = "no instance has" if not found else "several instances have"
            say(f"Nothing was done: {what} that id; see mooring instances.")
            return FAILED
        async with database.transaction() as tx:
            await lease.drain(tx, found[0].id)
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


async def _members(database: Database) -> list[Member]:
    if is_sqlite(database.url):
        return []
    async with database.read() as tx:
        return await team.members(tx)


def _line(member: Member) -> tuple[str, ...]:
    seats = ", ".join([member.role, *member.seats])
    return (
        member.id,
        seats,
        str(member.state),
        str(member.accounts) if member.runs_userbots else "-",
        member.host,
        str(member.pid),
        member.version,
        f"{member.started_at:%Y-%m-%d %H:%M} UTC",
    )


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
        "started_at": member.started_at.isoformat(),
        "lease_until": member.until.isoformat(),
    }
