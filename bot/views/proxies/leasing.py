"""What is asked and said when an operator leases a proxy, or replaces one that was lost."""

from collections.abc import Mapping
from typing import Any

from bot.callbacks import Go, LeaseAct, OnLease, OnProxy, ProxyAct, Room
from bot.texts import Html, Texts
from bot.views.view import Button, View, rows

IN_DOUBT = ("outcome_unknown", "interrupted", "internal")
"""After these nobody knows yet whether one was bought."""
_ERRORS = {
    "no_provider": "lease-no-provider",
    "no_such_country": "lease-no-such-country",
    "out_of_stock": "lease-out-of-stock",
    **dict.fromkeys(IN_DOUBT, "lease-unknown"),
    "not_lost": "lease-not-lost",
    "none_found": "lease-none-found",
}


def ask(t: Texts, proxy_id: int) -> View:
    """In which country? `proxy_id` is the one that was lost; 0 for one more."""
    return View(t("lease-ask"), rows([_back(t, proxy_id)]))


def no_country(t: Texts, proxy_id: int) -> View:
    """What was sent names no country; the question stays open."""
    return View(t("lease-country-bad"), rows([_back(t, proxy_id)]))


def confirm(t: Texts, proxy_id: int, country: str) -> View:
    """Money is spent by the next press."""
    act = OnLease(act=LeaseAct.BUY, id=proxy_id, country=country)
    sure: Button = (t("button-lease-now", country=country.upper()), act)
    key = "lease-confirm-replace" if proxy_id else "lease-confirm"
    return View(t(key, country=country.upper()), rows([sure], [_back(t, proxy_id)]))


def buying(t: Texts) -> View:
    return View(t("lease-buying"))


def late(t: Texts) -> View:
    """Nobody has answered: the order stands, so another press might buy a second one."""
    return View(t("lease-late"), rows([(t("button-proxies"), Go(room=Room.PROXIES))]))


def failed(t: Texts, proxy_id: int, outcome: Mapping[str, Any]) -> View:
    """Why there is none, and the way back; nothing invites to buy while one may be bought."""
    if outcome["error"] == "none_found":
        return View(_words(t, outcome), rows([_back(t, proxy_id)]))
    if outcome["error"] in IN_DOUBT:
        return View(_words(t, outcome), rows([(t("button-to-proxies"), Go(room=Room.PROXIES))]))
    again: Button = (t("button-other-country"), OnLease(act=LeaseAct.ASK, id=proxy_id))
    return View(_words(t, outcome), rows([again], [_back(t, proxy_id)]))


def _words(t: Texts, outcome: Mapping[str, Any]) -> Html:
    key = _ERRORS.get(str(outcome["error"]))
    return t(key) if key else t("lease-failed", why=str(outcome.get("words", outcome["error"])))


def _back(t: Texts, proxy_id: int) -> Button:
    if proxy_id:
        return (t("button-cancel"), OnProxy(act=ProxyAct.SHOW, id=proxy_id))
    return (t("button-cancel"), Go(room=Room.PROXIES))
