"""`mooring deliveries`: what was to be sent, and what became of it; also beside a running Mooring."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cli.common import OK, one_of
from bot.cli.existing import existing
from bot.cli.output import show, show_json
from bot.cli.tables import aligned
from bot.sent_filter import BadFilter, Filter, Sent, target_of
from bot.settings import Settings
from storage import accounts, sent
from storage.delivery import Delivery
from userbot.targets import masked

PREVIEW = 50
_HEAD = ("number", "time", "account", "to", "state", "text", "why")


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "deliveries",
        help="print what was sent, waits or failed, the newest last",
        description="What was to be sent, and what became of it; the newest last.",
    )
    parser.add_argument("--account", type=int, help="only of this account, by its number")
    parser.add_argument("--to", type=_target, help="only to @name, +number or id")
    parser.add_argument(
        "--state", type=one_of(Sent), choices=list(Sent), default=Sent.ALL, help="only what is so"
    )
    parser.add_argument("--limit", type=_count, default=50, help="how many at most (50)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_print)


def _target(text: str) -> str:
    try:
        return target_of(text)
    except BadFilter:
        raise argparse.ArgumentTypeError(f"{text!r} is no @name, +number or id") from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("a number from 1 to 100,000 is wanted")
    return int(text)


async def _print(settings: Settings, arguments: argparse.Namespace) -> int:
    wanted = Filter(arguments.state, arguments.account, arguments.to or "").wanted
    async with existing(settings, may_migrate=False) as database, database.read() as tx:
        found = (await sent.page(tx, wanted, limit=arguments.limit))[::-1]
        named = {account.id: account.name for account in await accounts.page(tx)}
    if arguments.json:
        show_json([as_json(delivery) for delivery in found])
    else:
        show(as_table(found, named))
    return OK


def as_table(found: Sequence[Delivery], named: Mapping[int, str]) -> str:
    if not found:
        return "There are none.\n"
    return aligned([_HEAD, *(_line(d, named) for d in found)])


def _line(d: Delivery, named: Mapping[int, str]) -> tuple[str, ...]:
    text = " ".join(d.text.split()) or (f"[{d.media}]" if d.media else "")
    return (
        str(d.id),
        _time(d.finished_at or d.approved_at or d.created_at) or "",
        f"#{d.account_id} {named.get(d.account_id) or ''}".strip(),
        masked(d.target),
        d.state,
        text if len(text) <= PREVIEW else text[:PREVIEW] + "…",
        d.error or d.detour,
    )


def as_json(d: Delivery) -> dict[str, Any]:
    """All of it; a number that it goes to is never shown whole."""
    return {
        "delivery": d.id,
        "account": d.account_id,
        "to": masked(d.target),
        "state": d.state,
        "text": d.text,
        "media": d.media or None,
        "reply_to": d.reply_to,
        "silent": d.is_silent,
        "fallback": d.fallback,
        "not_before": _time(d.not_before),
        "written_at": _time(d.created_at),
        "written_by": d.origin or d.ordered_by,
        "approved_at": _time(d.approved_at),
        "finished_at": _time(d.finished_at),
        "edited_at": _time(d.edited_at),
        "deleted_at": _time(d.deleted_at),
        "message_id": d.message_id,
        "link": d.link or None,
        "attempts": d.attempts,
        "error": d.error or None,
        "detour": d.detour or None,
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
