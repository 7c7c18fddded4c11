"""The menu and the status of everything: totals, and trouble first."""

from collections.abc import Sequence
from datetime import datetime

from bot.callbacks import Go, Room
from bot.desk import Backups
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.view import View, age, back, lines, rows
from storage.accounts import Account
from storage.proxies import Proxy
from userbot.states import State

MOST_TROUBLE = 10


def summary(t: Texts, found: Sequence[Account]) -> Html:
    """How many are connected, of those that finished their login."""
    enrolled = [a for a in found if account_views.state_of(a) is not State.NEW]
    if not enrolled:
        return t("summary-none")
    online = sum(account_views.state_of(a) is State.ONLINE for a in enrolled)
    return t("summary", online=online, total=len(enrolled))


def home(t: Texts, found: Sequence[Account]) -> View:
    keyboard = rows(
        [(t("button-status"), Go(room=Room.STATUS)), (t("button-send"), Go(room=Room.SEND))],
        [
            (t("button-accounts"), Go(room=Room.ACCOUNTS)),
            (t("button-proxies"), Go(room=Room.PROXIES)),
        ],
    )
    return View(t("home", summary=summary(t, found)), keyboard)


def status(
    t: Texts,
    found: Sequence[Account],
    proxies: Sequence[Proxy],
    *,
    now: datetime,
    attempts: int,
    backups: Backups | None = None,
) -> View:
    """Totals, then each account in trouble with its reason, then the backup's age."""
    text = t(
        "status",
        summary=summary(t, found),
        proxies=len(proxies),
    )
    text = lines([text, *_trouble(t, found, now, attempts), *_backups(t, backups, now)])
    keyboard = rows(
        [(t("button-refresh"), Go(room=Room.STATUS))],
        [
            (t("button-accounts"), Go(room=Room.ACCOUNTS)),
            (t("button-proxies"), Go(room=Room.PROXIES)),
        ],
        [back(t)],
    )
    return View(text, keyboard)


def _trouble(t: Texts, found: Sequence[Account], now: datetime, attempts: int) -> list[Html]:
    bad = [a for a in found if account_views.state_of(a).is_trouble]
    if not bad:
        return [t("status-well")] if found else []
    shown = [
        t(
            "status-line",
            light=account_views.light(a),
            account=account_views.name(a),
            state=account_views.state_in_words(t, a, now, attempts),
        )
        for a in bad[:MOST_TROUBLE]
    ]
    if len(bad) > MOST_TROUBLE:
        shown.append(t("status-more", count=len(bad) - MOST_TROUBLE))
    return [t("status-trouble"), *shown]


def _backups(t: Texts, backups: Backups | None, now: datetime) -> list[Html]:
    if backups is None:
        return []
    if backups.newest_at is None:
        shown = [t("status-no-backup")]
    else:
        shown = [t("status-backup", age=age(t, now - backups.newest_at))]
    if backups.failure:
        shown.append(t("status-backup-failed", why=backups.failure))
    return shown
