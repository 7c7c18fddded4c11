"""What is asked and said when an operator leases a proxy, or replaces one that was lost."""

from collections.abc import Mapping
from typing import Any

from bot.callbacks import Go, LeaseAct, OnLease, OnProxy, ProxyAct, Room
from bot.texts import Html, Texts
from bot.views.view import Button, View, rows

_ERRORS = {
    "no_provider": "lease-no-provider",
    "no_such_country": "country-bad",
    "out_of_stock": "lease-out-of-stock",
    "outcome_unknown": "lease-unknown",
    "not_lost": "lease-not-lost",
    "none_found": "lease-none-found",
}


def ask(t: Texts, proxy_id: int) -> View:
    """In which country? `proxy_id` is the one that was lost; 0 for one more."""
    return View(t("lease-ask"), rows([_back(t, proxy_id)]))


def confirm(t: Texts, proxy_id: int, country: str) -> View:
    """Money is spent by the next press."""
    act = OnLease(act=LeaseAct.BUY, id=proxy_id, country=country)
    sure: Button = (t("button-lease-now", country=country.upper()), act)
    key = "lease-confirm-replace" if proxy_id else "lease-confirm"
    return View(t(key, country=country.upper()), rows([sure], [_back(t, proxy_id)]))


def buying(t: Texts) -> View:
    return View(t("lease-buying"))


def failed(t: Texts, proxy_id: int, outcome: Mapping[str, Any]) -> View:
    """Why there is none, and the way back."""
    again: Button = (t("button-other-country"), OnLease(act=LeaseAct.ASK, id=proxy_id))
    return View(_words(t, outcome), rows([again], [_back(t, proxy_id)]))


def _words(t: Texts, outcome: Mapping[str, Any]) -> Html:
    key = _ERRORS.get(str(outcome["error"]))
    return t(key) if key else t("lease-failed", why=str(outcome.get("words", outcome["error"])))


def _back(t: Texts, proxy_id: int) -> Button:
    if proxy_id:
        return (t("button-cancel"), OnProxy(act=ProxyAct.SHOW, id=proxy_id))
    return (t("button-cancel"), Go(room=Room.PROXIES))
