"""Proxies as operators see them."""

from collections.abc import Sequence

from bot.callbacks import Go, OnProxy, ProxyAct, Room
from bot.texts import Texts
from bot.views.view import View, back, in_columns, lines, rows
from storage.proxies import Proxy

MOST_SHOWN = 50
MOST_REMOVABLE = 40


def listing(t: Texts, found: Sequence[Proxy]) -> View:
    """All proxies and how many accounts each carries."""
    removable = [p for p in found if p.retired_at is None][:MOST_REMOVABLE]
    removing = [
        (t("button-remove-proxy", proxy=p.endpoint.name), OnProxy(act=ProxyAct.REMOVE, id=p.id))
        for p in removable
    ]
    add = (t("button-add-proxy"), Go(room=Room.ADD_PROXY))
    keyboard = rows([add], *in_columns(removing, 2), [back(t)])
    if not found:
        return View(t("proxies-none"), keyboard)
    shown = [
        t(
            "proxy-line" if proxy.retired_at is None else "proxy-line-removed",
            proxy=proxy.endpoint.name,
            accounts=proxy.accounts,
        )
        for proxy in found[:MOST_SHOWN]
    ]
    if len(found) > MOST_SHOWN:
        shown.append(t("proxies-more", count=len(found) - MOST_SHOWN))
    return View(lines([t("proxies"), *shown]), keyboard)
