"""`mooring costs`: what the proxies cost."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot import costs
from bot.cli.common import OK
from bot.cli.existing import existing
from bot.cli.tables import aligned
from bot.costs import Costs, Group
from bot.settings import Settings
from storage.recovery_rates import Rates
from userbot.providers.money import from_cents


def add_to(subcommands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = subcommands.add_parser(
        "costs",
        help="what the proxies cost",
        description=(
            "What the proxies in use cost a month, by country and by provider, and what was "
            "bought this month and today (UTC)."
        ),
    )
    parser.add_argument("--json", action="store_true", help="as JSON, in hundredths")
    parser.set_defaults(act=_costs)


async def _costs(settings: Settings, arguments: argparse.Namespace) -> int:
    async with existing(settings, may_migrate=False) as database, database.read() as tx:
        found = await costs.read(tx, settings.daily_spend_limit)
    sys.stdout.write(as_json(found) if arguments.json else as_text(found))
    return OK


def as_json(found: Costs) -> str:
    shares = ("success", "reactivation", "fallback", "cents_per_recovered")
    told: dict[str, Any] = {"total": found.total} | asdict(found)
    told["rates"] |= {name: getattr(found.rates, name) for name in shares}
    return json.dumps(told, indent=2) + "\n"


def as_text(found: Costs) -> str:
    missing = f", without {found.unpriced} of no known price" if found.unpriced else ""
    limit = "no limit set, nothing is bought"
    if found.limit_cents is not None:
        limit = f"the limit is {_price(found.limit_cents)}"
    spent = f"spent today: {_price(found.today_cents)} ({limit})"
    idle = f"{found.idle} idle, {found.releasing} going back"
    head = [
        f"{found.total} proxies: {found.active} with accounts, {idle}.",
        f"A month: {_price(found.monthly_cents)}{missing}.",
        f"Bought this month: {found.bought} for {_price(found.bought_cents)}; {spent}.",
        *_rates(found.rates),
    ]
    tables = _table("country", found.by_country) + _table("provider", found.by_provider)
    return "\n".join(head) + "\n" + tables


def _rates(rates: Rates) -> list[str]:
    """Recoveries of this month."""
    if not rates.accounts:
        return []
    seconds = f", on average in {rates.seconds:.1f} s" if rates.seconds is not None else ""
    told = [f"Starts this month: {rates.back} of {rates.accounts} accounts back{seconds}."]
    if rates.leased:
        again, abroad = [f"{(r or 0) * 100:.0f} %" for r in (rates.reactivation, rates.fallback)]
        each = _price(round(rates.cents_per_recovered or 0))
        told.append(
            f"Leased proxies: used again {again}, in another country {abroad}; {each} for each "
            f"account that came back, {_price(rates.saved_cents)} saved by using them again."
        )
    return told


def _table(what: str, groups: Sequence[Group]) -> str:
    if not groups:
        return ""
    lines = [(group.name, str(group.count), _price(group.cents)) for group in groups]
    return "\n" + aligned([(what, "proxies", "a month"), *lines])


def _price(cents: int) -> str:
    return f"{from_cents(cents):.2f}"
