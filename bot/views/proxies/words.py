"""What is said of a proxy in lists and on its card."""

from datetime import datetime

from bot.proxy_standing import fault_in_words, is_gone, is_releasing, is_removed, is_trouble
from bot.texts import Html, Texts
from bot.views.view import age
from storage.proxies import Proxy

LONGEST, HEAD = 60, 40
"""So long may a name be, and so much of its beginning is shown of a longer one."""
_STEP = 1000


def light(proxy: Proxy) -> str:
    """The proxy's light; always shown with words beside it."""
    if is_removed(proxy) and not proxy.is_sick:
        return "⚪"
    if is_releasing(proxy):
        return "⏳"
    if proxy.health is None:
        return "🟡"
    return "🔴" if is_trouble(proxy) else "🟢"


def name(proxy: Proxy) -> str:
    """What it is called; a host name may be longer than a list bears."""
    whole = proxy.endpoint.name
    return whole if len(whole) <= LONGEST else f"{whole[:HEAD]}…{whole[HEAD - LONGEST + 1 :]}"


def kind(t: Texts, proxy: Proxy) -> Html:
    return t(f"proxy-kind-{proxy.kind}")


def country(proxy: Proxy) -> str:
    """Where it is, as far as anybody knows; upper case."""
    return (proxy.country or proxy.exit_country or "").upper()


def load(t: Texts, proxy: Proxy, capacity: int) -> Html:
    """How many accounts it carries, with a warning where that is as many as it should."""
    key = "proxy-load-full" if proxy.accounts >= capacity else "proxy-load"
    return t(key, accounts=proxy.accounts, capacity=capacity)


def health(t: Texts, proxy: Proxy) -> Html:
    """Its last check in a few words."""
    if is_gone(proxy):
        return t("proxy-short-gone")
    if is_releasing(proxy):
        return t("proxy-short-releasing")
    if proxy.health is None:
        return t("proxy-short-new")
    if proxy.is_sick:
        return t("proxy-short-sick", fault=fault_in_words(proxy.health.fault))
    if proxy.is_guess:
        return t("proxy-short-twin")
    return t("proxy-short-well", latency=proxy.health.latency_ms or 0)


def last_check(t: Texts, proxy: Proxy, now: datetime) -> Html:
    """Its last check, and how old that is."""
    if proxy.health is None:
        return t("proxy-check-new")
    ago = age(t, now - proxy.health.checked_at)
    if proxy.is_sick:
        return t("proxy-check-sick", fault=fault_in_words(proxy.health.fault), age=ago)
    return t("proxy-check-well", latency=proxy.health.latency_ms or 0, age=ago)


def size(count: int) -> str:
    """Bytes as people read them."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
