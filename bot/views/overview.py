"""The menu and the status of everything: totals, and trouble first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.callbacks import Go, Room
from bot.desk import Backups
from bot.proxy_standing import is_trouble
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.view import View, age, back, lines, rows
from storage.accounts import Account
from storage.liveness import Instance
from storage.proxies import Proxy
from userbot.states import State

MOST_TROUBLE = 10
MONITOR_LATE = timedelta(seconds=150)
"""It looks every minute, and a process speaks every 15 s."""


def summary(t: Texts, found: Sequence[Account]) -> Html:
    """How many are connected, of those that finished their login."""
    enrolled = [a for a in found if account_views.state_of(a) is not State.NEW]
    if not enrolled:
        return t("summary-none")
    online = sum(account_views.state_of(a) is State.ONLINE for a in enrolled)
    return t("summary", online=online, total=len(enrolled))


def recovering(t: Texts, so_far: tuple[int, int] | None) -> list[Html]:
    """How far a start has come with bringing accounts back; nothing where none is at it."""
    return [t("recovering", back=so_far[0], total=so_far[1])] if so_far else []


def home(
    t: Texts,
    found: Sequence[Account],
    *,
    so_far: tuple[int, int] | None = None,
    paused: Html | None = None,
) -> View:
    """The menu; `paused` is the line that says so where all sending is held."""
    keyboard = rows(
        [(t("button-status"), Go(room=Room.STATUS)), (t("button-send"), Go(room=Room.SEND))],
        [
            (t("button-accounts"), Go(room=Room.ACCOUNTS)),
            (t("button-proxies"), Go(room=Room.PROXIES)),
        ],
    )
    told = lines([summary(t, found), *recovering(t, so_far), *([paused] if paused else [])])
    return View(t("home", summary=told), keyboard)


def status(
    t: Texts,
    found: Sequence[Account],
    proxies: Sequence[Proxy],
    *,
    now: datetime,
    attempts: int,
    backups: Backups | None = None,
    instances: Sequence[Instance] = (),
    so_far: tuple[int, int] | None = None,
    paused: Html | None = None,
) -> View:
    """Totals, each account in trouble with its reason, whether all is watched, the backup's age."""
    text = t(
        "status",
        summary=lines([summary(t, found), *recovering(t, so_far), *([paused] if paused else [])]),
        proxies=len(proxies),
    )
    sick = sum(is_trouble(proxy) for proxy in proxies)
    trouble = _trouble(t, found, now, attempts)
    if sick:
        trouble = [t("status-sick-proxies", count=sick), *trouble]
    elif found and not trouble:
        trouble = [t("status-well")]
    text = lines([text, *trouble, *_monitor(t, instances, now), *_backups(t, backups, now)])
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
        return []
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


def _monitor(t: Texts, instances: Sequence[Instance], now: datetime) -> list[Html]:
    """Whether the accounts are watched, by the process that is alive or was the last."""
    spoken = [i for i in instances if i.beat is not None]
    newest = next((i for i in spoken if i.is_alive(now)), next(iter(spoken), None))
    if newest is None or newest.beat is None:
        return []
    if not newest.is_alive(now):
        return [t("status-silent", age=age(t, now - newest.heard_at))]
    looked_at = newest.beat.monitor_at
    silent = now - (looked_at or newest.started_at)
    if silent > MONITOR_LATE:
        return [t("status-monitor-late", age=age(t, silent))]
    return [t("status-monitor", age=age(t, silent)) if looked_at else t("status-monitor-new")]


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
