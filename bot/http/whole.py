"""The figures of the whole: exported by the instance that keeps house, since the rows are all's."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from prometheus_client.metrics_core import Metric

from bot import costs
from bot.costs import Costs
from bot.http.families import Labelled, by, gauge, gauges
from bot.proxy_standing import is_gone, is_releasing, is_removed, is_trouble
from storage import figures, liveness, proxies, recoveries
from storage.delivery import DeliveryState
from storage.figures import Waits
from storage.incidents import FOR_OPERATORS, About
from storage.proxies import Proxy
from storage.recoveries import Recovery
from storage.recovery_rates import Rates
from storage.tx import Tx

_ENDS = {
    DeliveryState.SENT: ("account", "sent"),
    DeliveryState.SENT_BY_BOT: ("bot", "sent"),
    DeliveryState.UNKNOWN: ("bot", "unknown"),
    DeliveryState.FAILED: ("none", "failed"),
    DeliveryState.CANCELLED: ("none", "cancelled"),
}
_QUEUES = {
    DeliveryState.DRAFT: "approval",
    DeliveryState.PENDING: "account",
    DeliveryState.SENDING: "account",
    DeliveryState.BOT_PENDING: "bot",
    DeliveryState.BOT_SENDING: "bot",
}
INCIDENTS = ("offline", "failed", *sorted(FOR_OPERATORS), *About)
_QUANTILES = (0.5, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Now:
    """What changes from scrape to scrape."""

    at: datetime
    deliveries: Mapping[DeliveryState, int]
    due_since: datetime | None
    incidents: Mapping[str, int]
    waits: Waits
    without_instance: int
    instances: int
    recovery: Recovery | None


@dataclass(frozen=True, slots=True)
class Lately:
    """What takes longer to add up, and changes slowly."""

    costs: Costs
    proxies: Sequence[Proxy]


async def read_now(tx: Tx) -> Now:
    latest = await recoveries.latest(tx)
    running = await liveness.page(tx, with_lines=False)
    return Now(
        tx.now,
        await figures.deliveries_by_state(tx),
        await figures.due_since(tx),
        await figures.open_incidents(tx),
        await figures.flood_waits_now(tx),
        await figures.without_instance(tx),
        sum(instance.is_alive(tx.now) for instance in running),
        latest[0] if latest else None,
    )


async def read_lately(tx: Tx, limit: Decimal | None) -> Lately:
    """`limit` is DAILY_SPEND_LIMIT."""
    return Lately(await costs.read(tx, limit), await proxies.page(tx))


def families_now(now: Now | None) -> Iterator[Metric]:
    """All of them; without samples where nothing is known, or it is another's to tell."""
    yield from _deliveries(now)
    found = dict.fromkeys(INCIDENTS, 0) | dict(now.incidents) if now else {}
    text = "Incidents that are open, by kind."
    yield gauges("incidents_open", text, ("kind",), {(str(k),): n for k, n in found.items()})
    waits = {"connecting": now.waits.connecting, "calls": now.waits.calls} if now else {}
    yield gauges("flood_waits", "Waits that Telegram asked for, now.", ("on",), by(waits))
    left_s = 0.0
    if now and now.waits.until:
        left_s = (now.waits.until - now.at).total_seconds()
    text = "Until the last of these waits is over."
    yield gauge("flood_wait_seconds", text, left_s if now else None)
    text = "Accounts that are to run, and no instance has them."
    yield gauge("accounts_without_instance", text, now.without_instance if now else None)
    text = "Instances with userbots that were heard of lately."
    yield gauge("instances", text, now.instances if now else None)
    yield from _recovery(now.recovery if now else None)


def _deliveries(now: Now | None) -> Iterator[Metric]:
    ended: Counter[tuple[str, ...]] = Counter()
    queued: Counter[tuple[str, ...]] = Counter()
    for state in DeliveryState if now else ():
        count = now.deliveries.get(state, 0) if now else 0
        if state in _ENDS:
            ended[_ENDS[state]] += count
        else:
            queued[_QUEUES[state],] += count
    text = "Messages that came to an end and are stored, by the way they went and what came of it."
    yield gauges("deliveries", text, ("route", "outcome"), ended)
    text = "Messages that wait: for an account, for the bot, or for an operator's approval."
    yield gauges("delivery_queue", text, ("waits_for",), queued)
    waiting_s = 0.0
    if now and now.due_since:
        waiting_s = max(0.0, (now.at - now.due_since).total_seconds())
    text = "How long the message waits that is due longest; 0 where none is."
    yield gauge("delivery_oldest_seconds", text, waiting_s if now else None)


def _recovery(recovery: Recovery | None) -> Iterator[Metric]:
    text = "1 while a recovery runs."
    yield gauge("recovery_running", text, None if recovery is None else recovery.ended_at is None)
    took_s, outcomes = None, {}
    if recovery and recovery.ended_at:
        took_s = (recovery.ended_at - recovery.started_at).total_seconds()
        t = recovery.totals
        outcomes = {
            "back": t.back,
            "needs_login": t.needs_login,
            "banned": t.banned,
            "not_yet": t.not_yet,
        }
    yield gauge("recovery_last_seconds", "How long the latest recovery took.", took_s)
    text = "Accounts of the latest recovery, by what became of them."
    yield gauges("recovery_last_accounts", text, ("outcome",), by(outcomes))


def families_lately(lately: Lately | None) -> Iterator[Metric]:
    yield from _costs(lately.costs if lately else None)
    yield from _proxies(lately.proxies if lately else ())


_OF_RATES: Sequence[tuple[str, str, Callable[[Rates], float | None]]] = (
    (
        "recovery_seconds",
        "This month: how long it took on average until an account was back.",
        lambda r: r.seconds,
    ),
    (
        "recovery_success_ratio",
        "This month: share of the accounts that a recovery brought back.",
        lambda r: r.success,
    ),
    (
        "proxy_reactivation_ratio",
        "This month: share of leased proxies that were used again.",
        lambda r: r.reactivation,
    ),
    (
        "country_fallback_ratio",
        "This month: share of leased proxies that another country had to stand in for.",
        lambda r: r.fallback,
    ),
    (
        "recovery_cost",
        "This month: what was spent on proxies for each account that came back.",
        lambda r: _money(r.cents_per_recovered),
    ),
    (
        "proxy_saved",
        "This month: what was not spent, since proxies were used again.",
        lambda r: _money(r.saved_cents),
    ),
)
_OF_COSTS: Sequence[tuple[str, str, Callable[[Costs], float | None]]] = (
    (
        "proxy_monthly_cost",
        "What the proxies cost a month, as far as it is known; in the currency of the price.",
        lambda c: _money(c.monthly_cents),
    ),
    ("proxies_unpriced", "Proxies of which nobody knows what they cost.", lambda c: c.unpriced),
    ("proxies_bought", "Bought this month (UTC).", lambda c: c.bought),
    ("proxy_spent_today", "Spent on proxies today (UTC).", lambda c: _money(c.today_cents)),
    (
        "proxy_spend_limit",
        "DAILY_SPEND_LIMIT; without it nothing is bought.",
        lambda c: _money(c.limit_cents),
    ),
)


def _costs(found: Costs | None) -> Iterator[Metric]:
    for name, text, rate in _OF_RATES:
        yield gauge(name, text, rate(found.rates) if found else None)
    for name, text, cost in _OF_COSTS:
        yield gauge(name, text, cost(found) if found else None)


def _money(cents: float | None) -> float | None:
    return None if cents is None else cents / 100


def _proxies(found: Sequence[Proxy]) -> Iterator[Metric]:
    used = [p for p in found if not is_gone(p) and (not is_removed(p) or p.accounts)]
    standing: Counter[tuple[str, ...]] = Counter((_standing(p), _country(p)) for p in used)
    yield gauges("proxies", "Proxies by standing and country.", ("state", "country"), standing)
    failing: Counter[tuple[str, ...]] = Counter({(_country(p),): 0 for p in used})
    failing.update((_country(p),) for p in used if is_trouble(p))
    text = "Those of them whose last check failed."
    yield gauges("proxies_failing", text, ("country",), failing)
    latencies = sorted(
        p.health.latency_ms / 1000 for p in used if p.health and p.health.latency_ms is not None
    )
    text = "The latest checks' round trips to Telegram, over all proxies."
    yield gauges("proxy_probe_seconds", text, ("quantile",), _quantiles(latencies))


def _standing(proxy: Proxy) -> str:
    if is_releasing(proxy):
        return "releasing"
    return "active" if proxy.accounts else "idle"


def _country(proxy: Proxy) -> str:
    return proxy.country or proxy.exit_country or "unknown"


def _quantiles(ordered: Sequence[float]) -> Labelled:
    if not ordered:
        return {}
    last = len(ordered) - 1
    return {(f"{q:g}",): ordered[round(q * last)] for q in _QUANTILES}
