"""What the proxies cost."""

from collections.abc import Sequence

from bot.callbacks import Go, Room
from bot.costs import Costs, Group
from bot.texts import Html, Texts
from bot.views.proxies.adding import clipped
from bot.views.proxies.card import price
from bot.views.view import View, back, lines, rows
from storage.recovery_rates import Rates

_GROUPS = 1200
"""How many characters a list of countries or providers may take."""


def costs(t: Texts, found: Costs) -> View:
    """A month by country and by provider, and what was bought."""
    parts = [
        t("costs", total=found.total),
        _month(t, found),
        t("costs-use", active=found.active, idle=found.idle, releasing=found.releasing),
        *_groups(t, "costs-by-country", found.by_country, t("costs-no-country")),
        *_groups(t, "costs-by-provider", found.by_provider, t("costs-no-provider")),
        t("costs-bought", count=found.bought, price=price(found.bought_cents)),
        _today(t, found),
        *_rates(t, found.rates),
    ]
    refresh = (t("button-refresh"), Go(room=Room.COSTS))
    return View(lines(parts), rows([refresh], [back(t, Room.PROXIES)]))


def _month(t: Texts, found: Costs) -> Html:
    missing = t("costs-unpriced", count=found.unpriced) if found.unpriced else ""
    return t("costs-month", price=price(found.monthly_cents), missing=missing)


def _groups(t: Texts, head: str, groups: Sequence[Group], unnamed: Html) -> list[Html]:
    if not groups:
        return []
    shown = (
        t("costs-line", name=_name(g) or unnamed, count=g.count, price=price(g.cents))
        for g in groups
    )
    return [t(head), *clipped(t, shown, _GROUPS)]


def _today(t: Texts, found: Costs) -> Html:
    spent = price(found.today_cents)
    if found.limit_cents is None:
        return t("costs-today", price=spent)
    return t("costs-today-limit", price=spent, limit=price(found.limit_cents))


def _rates(t: Texts, rates: Rates) -> list[Html]:
    """Recoveries of this month; of leased proxies only where there were any."""
    if not rates.accounts:
        return []
    took = f"{rates.seconds:.1f}" if rates.seconds is not None else "?"
    told = [t("costs-recovered", back=rates.back, total=rates.accounts, seconds=took)]
    if rates.leased:
        told.append(
            t(
                "costs-leased",
                again=_percent(rates.reactivation),
                abroad=_percent(rates.fallback),
                each=price(round(rates.cents_per_recovered or 0)),
                saved=price(rates.saved_cents),
            )
        )
    return told


def _percent(share: float | None) -> str:
    return "?" if share is None else f"{share * 100:.0f} %"


def _name(group: Group) -> str:
    """A country's code as it is written; a provider's name as it is."""
    return group.name.upper() if len(group.name) == 2 else group.name
