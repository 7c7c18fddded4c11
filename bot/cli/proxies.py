"""`mooring proxies`: how they fare, also beside a running Mooring; and adding some."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import proxy_adding
from bot.alone import alone_or_beside
from bot.cli import proxy_lines
from bot.cli.common import FAILED, OK, opened, say
from bot.cli.existing import existing
from bot.cli.order_words import why_not
from bot.cli.ordering import ACTOR, OUTCOME_LIMIT_S
from bot.cli.tables import aligned
from bot.proxy_adding import Added
from bot.proxy_standing import fault_in_words, is_removed, is_trouble
from bot.settings import Settings
from storage import commands, proxies, proxy_checks
from storage.database import Database
from storage.proxies import Proxy
from storage.proxy_checks import Record
from userbot.providers.money import from_cents
from userbot.proxies import TooManyLines, parse_many

DAY = timedelta(days=1)


def add_to(subcommands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = subcommands.add_parser(
        "proxies",
        help="how every proxy fares; add some",
        description=(
            "Every proxy with what its last check found and what it carries. Uptime is of the "
            "last 24 h. The exit code is 0 when all of them work, and 1 when one does not."
        ),
    )
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument(
        "--check", action="store_true", help="have the running Mooring check all of them first"
    )
    parser.set_defaults(act=_list)
    acts = parser.add_subparsers(metavar="act")
    adding = acts.add_parser("add", help="add proxies, one to a line")
    adding.add_argument("source", metavar=proxy_lines.FORMS, help=proxy_lines.HELP)
    adding.set_defaults(act=_add)


async def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    async with existing(settings, may_migrate=False) as database:
        if arguments.check and not await _check(settings, database):
            return FAILED
        async with database.read() as tx:
            found = await proxies.page(tx)
            records = await proxy_checks.records(tx, tx.now - DAY)
            now = tx.now
    if arguments.json:
        listed = [as_json(proxy, records.get(proxy.id)) for proxy in found]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
    else:
        sys.stdout.write(as_text(found, records, settings.proxy_capacity, now))
    return FAILED if any(is_trouble(proxy) for proxy in found) else OK


async def _check(settings: Settings, database: Database) -> bool:
    """Have all checked by the Mooring that runs; False where none does, or it does not answer."""
    async with alone_or_beside(settings) as is_alone:
        if is_alone:
            say("Nothing was checked: no Mooring runs, and only a running one dials.")
            return False
    async with database.transaction() as tx:
        order = await commands.order(tx, "proxies.check")
    try:
        outcome = await commands.outcome_of(database, order, limit_s=OUTCOME_LIMIT_S)
    except TimeoutError:
        say("The Mooring that runs is still checking; look again in a minute.")
        return False
    if "error" in outcome:
        say(f"Nothing was checked: {why_not(outcome)}.")
        return False
    return True


async def _add(settings: Settings, arguments: argparse.Namespace) -> int:
    """Keep the good lines; say what is wrong with each of the others."""
    try:
        given = await asyncio.to_thread(proxy_lines.read, arguments.source)
        parsing = parse_many(given.text)
        proxy_lines.warn(given, parsing)
    except UnicodeDecodeError:
        say(f"Nothing was added: {arguments.source} is no text in UTF-8.")
        return FAILED
    except TooManyLines as exc:
        say(f"Nothing was added: {exc}.")
        return FAILED
    added = Added((), (), parsing.bad, parsing.duplicates)
    if parsing.good:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with opened(settings) as database:
            added = await proxy_adding.add(database, parsing, actor=ACTOR)
    for line in said(added):
        say(line)
    return FAILED if added.bad or not (added.new or added.known) else OK


def said(added: Added) -> list[str]:
    """What became of the lines, in their order."""
    told = [(bad.line, bad.reason.value) for bad in added.bad]
    told += [(good.line, f"{good.parsed.endpoint.name} is there already") for good in added.known]
    told += [(d.line, f"the same proxy as in line {d.first_line}") for d in added.duplicates]
    count = len(added.new)
    return [
        *(f"Line {line}: {words}." for line, words in sorted(told)),
        f"Added {count} {'proxy' if count == 1 else 'proxies'}.",
    ]


def as_json(proxy: Proxy, record: Record | None) -> dict[str, Any]:
    """Everything but the password; times are UTC, money is in hundredths."""
    endpoint, health, lease = proxy.endpoint, proxy.health, proxy.lease
    return {
        "number": proxy.id,
        "address": endpoint.name,
        "scheme": None if proxy.is_guess else endpoint.scheme,
        "username": endpoint.username,
        "kind": str(proxy.kind),
        "country": proxy.country,
        "exit_country": proxy.exit_country,
        "has_drifted": proxy.has_drifted,
        "is_removed": is_removed(proxy),
        "accounts": proxy.accounts,
        "checked_at": _time(health.checked_at if health else None),
        "works": None if health is None else not proxy.is_sick,
        "fault": health.fault if health else "",
        "latency_ms": health.latency_ms if health else None,
        "uptime_24h": record.uptime if record else None,
        "bytes_up": proxy.bytes_up,
        "bytes_down": proxy.bytes_down,
        "price_cents": proxy.cost.price_cents,
        "paid_until": _time(proxy.cost.paid_until),
        "provider": lease.provider if lease else None,
        "release_at": _time(lease.release_at if lease else None),
        "added_at": _time(proxy.added_at),
    }


_COLUMNS = (
    "number",
    "address",
    "scheme",
    "kind",
    "country",
    "accounts",
    "latency",
    "uptime",
    "price",
    "health",
)


def as_text(found: list[Proxy], records: dict[int, Record], capacity: int, now: datetime) -> str:
    """The head, then a line for each proxy."""
    sick = sum(is_trouble(proxy) for proxy in found)
    head = f"{len(found)} {'proxy' if len(found) == 1 else 'proxies'}, {sick} in trouble.\n"
    table = [_COLUMNS, *(_row(p, records.get(p.id), capacity, now) for p in found)]
    return head + (f"\n{aligned(table)}" if found else "")


def _row(proxy: Proxy, record: Record | None, capacity: int, now: datetime) -> tuple[str, ...]:
    latency = proxy.health.latency_ms if proxy.health else None
    uptime = record.uptime if record else None
    price = proxy.cost.price_cents
    return (
        str(proxy.id),
        proxy.endpoint.name,
        "?" if proxy.is_guess else proxy.endpoint.scheme,
        str(proxy.kind),
        (proxy.country or proxy.exit_country or "").upper(),
        f"{proxy.accounts}/{capacity}",
        "" if latency is None or proxy.is_sick else f"{latency} ms",
        "" if uptime is None else f"{int(uptime * 1000) / 10:g} %",
        "" if price is None else f"{from_cents(price):.2f}",
        _health(proxy, now),
    )


def _health(proxy: Proxy, now: datetime) -> str:
    removed = "no new accounts; " if is_removed(proxy) else ""
    if proxy.health is None:
        return f"{removed}not checked yet"
    age_s = max(0, round((now - proxy.health.checked_at).total_seconds()))
    words = "works"
    if proxy.is_sick:
        words = fault_in_words(proxy.health.fault)
    elif proxy.is_guess:
        words = "the same as another entry"
    return f"{removed}{words} ({age_s} s ago)"


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
