"""The menu and the status of everything: totals, and trouble first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.callbacks import (
    AlertAct,
    DraftAct,
    Go,
    OnAlert,
    OnDraft,
    OnEvents,
    OnSent,
    OnUptime,
    Room,
)
from bot.desk import TROUBLE, Backups, Situation, Totals
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views import instances
from bot.views.view import Button, View, age, back, lines, rows
from storage.liveness import Instance
from userbot.states import State

MONITOR_LATE = timedelta(seconds=150)
"""It looks every minute, and a process speaks every 15 s."""


def summary(t: Texts, states: Mapping[str, int]) -> Html:
    """How many are connected, of those that finished their login."""
    total = sum(states.values()) - states.get(State.NEW, 0)
    if not total:
        return t("summary-none")
    return t("summary", online=states.get(State.ONLINE, 0), total=total)


def recovering(t: Texts, so_far: tuple[int, int] | None) -> list[Html]:
    """How far a start has come with bringing accounts back; nothing where none is at it."""
    return [t("recovering", back=so_far[0], total=so_far[1])] if so_far else []


def home(t: Texts, totals: Totals, *, paused: Html | None = None) -> View:
    """The menu; `paused` is the line that says so where all sending is held."""
    keyboard = rows(
        [(t("button-status"), Go(room=Room.STATUS)), (t("button-send"), Go(room=Room.SEND))],
        [
            (t("button-accounts"), Go(room=Room.ACCOUNTS)),
            (t("button-proxies"), Go(room=Room.PROXIES)),
        ],
        [(t("button-sent"), OnSent()), (t("status-button-events"), OnEvents())],
        [
            (t("button-settings"), Go(room=Room.SETTINGS)),
            (t("button-help"), Go(room=Room.HELP)),
        ],
    )
    return View(t("home", summary=_summary(t, totals, paused)), keyboard)


def help_(t: Texts, *, is_paused: bool) -> View:
    """What there is, and buttons to what no other view leads to."""
    key, act = (
        ("button-resume", DraftAct.RESUME) if is_paused else ("button-pause", DraftAct.PAUSE)
    )
    return View(
        t("help"),
        rows(
            [(t("button-draft"), Go(room=Room.DRAFT)), (t(key), OnDraft(act=act))],
            [
                (t("button-fallback"), Go(room=Room.FALLBACK)),
                (t("button-alerts"), OnAlert(act=AlertAct.SWITCHES)),
            ],
            [(t("button-zone"), Go(room=Room.ZONE))],
            [back(t)],
        ),
    )


def status(
    t: Texts,
    seen: Situation,
    *,
    attempts: int,
    paused: Html | None = None,
    freshness: Html | None = None,
) -> View:
    """Totals, accounts in trouble with their reasons, whether all is watched, the backup's age.

    `freshness` says until when it refreshes itself, or of when it is.
    """
    now = seen.now
    text = t("status", summary=_summary(t, seen.totals, paused), proxies=seen.proxies)
    trouble = _trouble(t, seen, attempts)
    if seen.sick_proxies:
        trouble = [t("status-sick-proxies", count=seen.sick_proxies), *trouble]
    elif seen.totals.states and not (trouble or seen.has_conflict):
        trouble = [t("status-well")]
    if seen.has_conflict:
        trouble = [t("status-conflict"), *trouble]
    watched = [
        *instances.counted(t, seen.members),
        *_monitor(t, seen.instances, now),
        *_backups(t, seen.backups, now),
    ]
    text = lines([text, *trouble, *watched, *([freshness] if freshness else [])])
    legend: Button = (t("status-button-legend"), Go(room=Room.LEGEND))
    keyboard = rows(
        [(t("button-refresh"), Go(room=Room.STATUS)), legend],
        [
            (t("button-accounts"), Go(room=Room.ACCOUNTS)),
            (t("button-proxies"), Go(room=Room.PROXIES)),
        ],
        [(t("status-button-uptime"), OnUptime()), (t("status-button-events"), OnEvents())],
        [(t("button-instances"), Go(room=Room.INSTANCES))] if len(seen.members) > 1 else [],
        [back(t)],
    )
    return View(text, keyboard)


def legend(t: Texts) -> View:
    """What each light means."""
    return View(t("legend"), rows([back(t, Room.STATUS)]))


def _summary(t: Texts, totals: Totals, paused: Html | None) -> Html:
    held = [paused] if paused else []
    return lines([summary(t, totals.states), *recovering(t, totals.recovering), *held])


def _trouble(t: Texts, seen: Situation, attempts: int) -> list[Html]:
    if not seen.trouble:
        return []
    shown = [
        t(
            "status-line",
            light=account_views.light(a),
            account=account_views.name(a),
            state=account_views.state_in_words(t, a, seen.now, attempts),
        )
        for a in seen.trouble
    ]
    more = sum(seen.totals.states.get(state, 0) for state in TROUBLE) - len(shown)
    if more > 0:
        shown.append(t("status-more", count=more))
    return [t("status-trouble"), *shown]


def _monitor(t: Texts, seen: Sequence[Instance], now: datetime) -> list[Html]:
    """Whether the accounts are watched: by all that are alive, else by the last that was."""
    spoken = [i for i in seen if i.beat is not None]
    alive = [i for i in spoken if i.is_alive(now)]
    if not alive:
        return [t("status-silent", age=age(t, now - i.heard_at)) for i in spoken[:1]]
    latest = min(alive, key=_looked_at)
    silent = now - _looked_at(latest)
    if silent > MONITOR_LATE:
        return [t("status-monitor-late", age=age(t, silent))]
    has_looked = latest.beat is not None and latest.beat.monitor_at is not None
    return [t("status-monitor", age=age(t, silent)) if has_looked else t("status-monitor-new")]


def _looked_at(instance: Instance) -> datetime:
    """When its monitor looked last; where it has not yet, when it started."""
    return (instance.beat and instance.beat.monitor_at) or instance.started_at


def _backups(t: Texts, backups: Backups | None, now: datetime) -> list[Html]:
    if backups is None:
        return []
    if backups.unread:
        shown = [t("status-backups-unread", why=backups.unread)]
    elif backups.newest_at is None:
        shown = [t("status-no-backup")]
    else:
        shown = [t("status-backup", age=age(t, now - backups.newest_at))]
    if backups.failure:
        shown.append(t("status-backup-failed", why=backups.failure))
    return shown
