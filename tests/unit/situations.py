"""How everything stands, as the views get it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.desk import MOST_TROUBLE, TROUBLE, Situation, Totals
from storage.accounts import Account


def totals(found: Sequence[Account]) -> Totals:
    return Totals(Counter(account.observed.state for account in found))


def situation(
    found: Sequence[Account] = (),
    *,
    now: datetime,
    sick_proxies: int = 0,
    **more: Any,  # noqa: ANN401 - fields of a situation
) -> Situation:
    bad = [account for account in found if account.observed.state in TROUBLE]
    return Situation(totals(found), bad[:MOST_TROUBLE], sick_proxies, sick_proxies, now, **more)
