"""`mooring events`: prints the journal, also beside a running Mooring."""

import argparse
import json
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cli.common import OK
from bot.cli.existing import existing
from bot.setting_values import duration
from bot.settings import Settings
from storage import journal
from storage.journal import Entry
from userbot.targets import hidden

_PHONE = re.compile(r"\+\d{7,15}")


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser("events", help="print the journal, the newest entry last")
    parser.add_argument("--account", type=int, help="only of this account, by its number")
    parser.add_argument("--kind", default="", help="only kinds that begin so, such as state.")
    parser.add_argument("--since", type=_span, help="only the last 24h, 90m, 7d")
    parser.add_argument("--limit", type=_count, default=50, help="how many at most (50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
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
    shown = as_json if arguments.json else as_line
    try:
        for entry in reversed(found):
            sys.stdout.write(shown(entry) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; nothing may be flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
    return _printable(_masked("  ".join(part for part in parts if part)))


def as_json(entry: Entry) -> str:
    whole = {
        "at": _time(entry.at),
        "kind": entry.kind,
        "account": entry.account_id,
        "actor": entry.actor,
        "cause": entry.cause,
        "data": dict(entry.data),
    }
    return _masked(json.dumps(whole))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _masked(text: str) -> str:
    return _PHONE.sub(lambda found: hidden(found[0]), text)


def _printable(text: str) -> str:
    """What an error's text brings along must not move the terminal's cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
