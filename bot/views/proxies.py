"""Proxies as operators see them."""

from collections.abc import Sequence

from bot.callbacks import Go, Room
from bot.texts import Texts
from bot.views.view import View, back, lines, rows
from storage.proxies import Proxy

MOST_SHOWN = 50


def listing(t: Texts, found: Sequence[Proxy]) -> View:
    """All proxies and how many accounts each carries."""
    keyboard = rows([(t("button-add-proxy"), Go(room=Room.ADD_PROXY))], [back(t)])
    if not found:
        return View(t("proxies-none"), keyboard)
    shown = [
        t("proxy-line", proxy=proxy.endpoint.name, accounts=proxy.accounts)
        for proxy in found[:MOST_SHOWN]
    ]
    if len(found) > MOST_SHOWN:
        shown.append(t("proxies-more", count=len(found) - MOST_SHOWN))
    return View(lines([t("proxies"), *shown]), keyboard)
