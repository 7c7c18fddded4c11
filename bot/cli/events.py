"""`mooring events`: prints the journal, also beside a running Mooring."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cli.common import OK
from bot.cli.existing import existing
from bot.cli.output import show, show_json
from bot.cli.tables import printable
from bot.setting_values import duration
from bot.settings import Settings
from storage import journal
from storage.journal import Entry
from userbot.targets import masked


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser("events", help="print the journal, the newest entry last")
    parser.add_argument("--account", type=int, help="only of this account, by its number")
    parser.add_argument("--kind", default="", help="only kinds that begin so, such as state.")
    parser.add_argument("--since", type=_span, help="only the last 24h, 90m, 7d")
    parser.add_argument("--limit", type=_count, default=50, help="how many at most (50)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_print)


def _span(text: str) -> timedelta:
    try:
        return timedelta(seconds=duration(text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 24h or 7d") from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("a number from 1 to 1,000,000 is wanted")
    return int(text)


async def _print(settings: Settings, arguments: argparse.Namespace) -> int:
    async with existing(settings, may_migrate=False) as database, database.read() as tx:
        found = await journal.latest(
            tx,
            account_id=arguments.account,
            kind=arguments.kind,
            since=_since(tx.now, arguments.since),
            limit=arguments.limit,
        )
    found.reverse()
    if arguments.json:
        show_json([as_json(entry) for entry in found])
    else:
        show("".join(as_line(entry) + "\n" for entry in found))
    return OK


def _since(now: datetime, span: timedelta | None) -> datetime | None:
    if span is None:
        return None
    try:
        return now - span
    except OverflowError:
        return None


def as_line(entry: Entry) -> str:
    """Time, kind, account, actor, cause and data of an entry; nothing in it breaks the line."""
    data = " ".join(f"{key}={value}" for key, value in entry.data.items())
    account = "-" if entry.account_id is None else f"#{entry.account_id}"
    parts = (_time(entry.at), entry.kind, account, entry.actor, entry.cause, data)
    return printable(masked("  ".join(part for part in parts if part)))


def as_json(entry: Entry) -> dict[str, Any]:
    whole = {
        "at": _time(entry.at),
        "kind": entry.kind,
        "account": entry.account_id,
        "actor": entry.actor,
        "cause": entry.cause,
        "data": dict(entry.data),
    }
    shown: dict[str, Any] = json.loads(masked(json.dumps(whole)))
    return shown


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
