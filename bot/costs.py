"""What the proxies cost, as far as the rows tell (S1.9)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.proxy_standing import is_gone, is_releasing, is_removed
from storage import proxies, purchases, recovery_rates
from storage.proxies import Proxy
from storage.purchases import PurchaseState
from storage.recovery_rates import Rates
from storage.tx import Tx
from userbot.providers.money import in_cents


@dataclass(frozen=True, slots=True)
class Group:
    """Proxies that have something in common."""

    name: str
    """A country, or a provider; empty where that is unknown, or there is none."""
    count: int
    cents: int
    """What they cost a month, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The proxies that are paid for, and the money."""

    active: int
    """Those that accounts have."""
    idle: int
    releasing: int
    """Those that go back to their provider within the hour."""
    monthly_cents: int
    unpriced: int
    """Those of which nobody knows what they cost."""
    by_country: Sequence[Group]
    by_provider: Sequence[Group]
    bought: int
    """Purchases of this month; one that may have been made counts."""
    bought_cents: int
    today_cents: int
    limit_cents: int | None
    """DAILY_SPEND_LIMIT; None: nothing may be bought."""
    rates: Rates
    """How this month's recoveries went, and what they cost and saved."""

    @property
    def total(self) -> int:
        return self.active + self.idle + self.releasing


async def read(tx: Tx, limit: Decimal | None) -> Costs:
    """As of now. Days and months are those of UTC."""
    paid = [p for p in await proxies.page(tx) if _is_paid_for(p)]
    releasing = [p for p in paid if is_releasing(p)]
    active = [p for p in paid if p.accounts and p not in releasing]
    today = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    made = [p for p in await purchases.page(tx, since=month) if _counts(p.state)]
    return Costs(
        active=len(active),
        idle=len(paid) - len(active) - len(releasing),
        releasing=len(releasing),
        monthly_cents=sum(p.cost.price_cents or 0 for p in paid),
        unpriced=sum(p.cost.price_cents is None for p in paid),
        by_country=_groups(paid, lambda p: p.country or p.exit_country or ""),
        by_provider=_groups(paid, lambda p: p.lease.provider if p.lease else ""),
        bought=len(made),
        bought_cents=sum(p.price_cents for p in made),
        today_cents=await purchases.spent_since(tx, today),
        limit_cents=None if limit is None else in_cents(limit),
        rates=await recovery_rates.rates(tx, month),
    )


def _is_paid_for(proxy: Proxy) -> bool:
    return not is_gone(proxy) and (not is_removed(proxy) or proxy.accounts > 0)


def _counts(state: PurchaseState) -> bool:
    return state in {PurchaseState.OPEN, PurchaseState.BOUGHT}


def _groups(found: Iterable[Proxy], name: Callable[[Proxy], str]) -> list[Group]:
    """The largest first."""
    counts: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    for proxy in found:
        counts[name(proxy)] += 1
        cents[name(proxy)] += proxy.cost.price_cents or 0
    order = sorted(counts, key=lambda key: (-counts[key], key))
    return [Group(key, counts[key], cents[key]) for key in order]
