"""Uptimes: what the picture shows, and the same in words."""

import html
import math
import re
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import AccountAct, Days, OnAccount, OnUptime
from bot.charts.picture import Bar, Curve, Picture, Row, Run
from bot.chronicle import Fared, Uptime
from bot.texts import Html, Texts
from bot.times import moment, name_of, short_day
from bot.views import accounts as account_views
from bot.views.view import Button, View, age, back, in_columns, lines, percent, rows
from storage.history import Phase, Span
from storage.proxy_checks import Record

SPANS = {Days.DAY: timedelta(hours=24), Days.WEEK: timedelta(days=7)}
STEPS = 720
"""So many columns has a timeline: what changed more often than that shows its worst."""
_WORST = (Phase.DOWN, Phase.RETRYING, Phase.UNKNOWN, Phase.CONNECTED, Phase.STOPPED)
_KEYS = {
    Phase.CONNECTED: "phase-connected",
    Phase.RETRYING: "phase-retrying",
    Phase.DOWN: "phase-down",
    Phase.STOPPED: "phase-stopped",
    Phase.UNKNOWN: "phase-unknown",
}


def caption(t: Texts, seen: Uptime, asked: OnUptime, zone: tzinfo) -> View:
    """The main figures, for whoever can't see the picture, and buttons to other pictures."""
    text = lines(
        [
            _head(t, seen, asked),
            t("uptime-share", share=percent(t, seen.availability)),
            *_worst(t, seen, asked),
            *_lost(t, seen),
            _reconnects(t, seen, zone),
            *_latencies(t, seen),
            *(
                [t("uptime-off", age=age(t, timedelta(seconds=seen.off_s)))]
                if seen.off_s >= 1
                else []
            ),
            *_cut(t, seen),
        ]
    )
    return View(text, _keyboard(t, seen, asked))


def _head(t: Texts, seen: Uptime, asked: OnUptime) -> Html:
    if asked.account and seen.rows:
        return t(
            "uptime-of-one", account=account_views.name(seen.rows[0][0]), days=int(asked.days)
        )
    return t("uptime-of-all", count=seen.accounts, days=int(asked.days))


def _worst(t: Texts, seen: Uptime, asked: OnUptime) -> list[Html]:
    if asked.account or seen.accounts < 2:
        return []
    account, fared = seen.rows[0]
    if fared.availability is None or fared.availability == 1:
        return []
    share = percent(t, fared.availability)
    return [t("uptime-worst", account=account_views.name(account), share=share)]


def _lost(t: Texts, seen: Uptime) -> list[Html]:
    """How long it was retrying and down, of all accounts together."""
    spans = {p: timedelta(seconds=seen.seconds.get(p, 0)) for p in (Phase.RETRYING, Phase.DOWN)}
    if not any(span >= timedelta(seconds=1) for span in spans.values()):
        return []
    retrying, down = age(t, spans[Phase.RETRYING]), age(t, spans[Phase.DOWN])
    key = "uptime-lost" if seen.accounts > 1 else "uptime-lost-one"
    return [t(key, retrying=retrying, down=down)]


def _reconnects(t: Texts, seen: Uptime, zone: tzinfo) -> Html:
    most = max(seen.per_hour, default=0)
    if most == 0:
        return t("uptime-no-reconnects")
    begin = seen.span.begin + timedelta(hours=seen.per_hour.index(most))
    at = moment(begin, zone)
    return t("uptime-reconnects", count=sum(seen.per_hour), most=most, at=at, zone=name_of(zone))


def _latencies(t: Texts, seen: Uptime) -> list[Html]:
    named = [(name, record.latency_ms) for name, record in seen.proxies]
    silent = sum(latency is None for _, latency in named)
    told = [t("uptime-silent", count=silent)] if silent else []
    slowest = next(((name, latency) for name, latency in named if latency is not None), None)
    if slowest:
        told.append(t("uptime-latency", proxy=slowest[0], latency=slowest[1]))
    return told


def _cut(t: Texts, seen: Uptime) -> list[Html]:
    more = seen.accounts - len(seen.rows)
    return [t("uptime-cut", shown=len(seen.rows), count=more)] if more else []


def _keyboard(t: Texts, seen: Uptime, asked: OnUptime) -> InlineKeyboardMarkup:
    def to(key: str, days: Days) -> Button:
        mark = "· " if days is asked.days else ""
        return (mark + t(key), OnUptime(account=asked.account, days=days))

    spans = [to("uptime-button-day", Days.DAY), to("uptime-button-week", Days.WEEK)]
    if asked.account:
        everyone: Button = (t("uptime-button-all"), OnUptime(days=asked.days))
        card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=asked.account))
        return rows(spans, [everyone, card], [back(t)])
    each: list[Button] = [
        (f"#{account.id}", OnUptime(account=account.id, days=asked.days))
        for account, _ in seen.rows
    ]
    return rows(spans, *in_columns(each, 5), [back(t)])


def picture(t: Texts, seen: Uptime, asked: OnUptime, zone: tzinfo) -> Picture:
    """The same to be drawn. Its words are plain text, no HTML."""
    shown = {phase for _, fared in seen.rows for phase in fared.seconds}
    return Picture(
        title=_plain(t("uptime-title", days=int(asked.days))),
        subtitle=_plain(t("uptime-share", share=percent(t, seen.availability))),
        ticks=ticks(seen.span, asked.days, zone),
        rows=[
            Row(
                account_views.name(account),
                percent(t, fared.availability),
                _runs(fared, seen.span),
            )
            for account, fared in seen.rows
        ],
        legend=[(str(p), _plain(t(key))) for p, key in _KEYS.items() if p in shown],
        counts_title=_plain(t("uptime-per-hour")),
        counts=seen.per_hour,
        bars_title=_plain(t("uptime-per-proxy")),
        bars=[_bar(t, name, record) for name, record in seen.proxies],
        curve=_curve(t, seen, asked),
    )


def _bar(t: Texts, name: str, record: Record) -> Bar:
    if record.latency_ms is None:
        return Bar(name, None, _plain(t("uptime-no-answer")))
    lost = 1 - (record.uptime or 0)
    failed = t("uptime-bar-failed", share=percent(t, lost)) if lost else ""
    words = t("uptime-bar", latency=record.latency_ms, failed=failed)
    return Bar(name, record.latency_ms, _plain(words))


def _curve(t: Texts, seen: Uptime, asked: OnUptime) -> Curve | None:
    if not asked.account or not seen.checks or not seen.proxies:
        return None
    points = [
        (_place(check.at, seen.span), None if check.fault else float(check.latency_ms or 0))
        for check in seen.checks
    ]
    return Curve(_plain(t("uptime-over", proxy=seen.proxies[0][0])), points)


def _runs(fared: Fared, span: Span) -> list[Run]:
    """Its intervals in columns; of what falls into one column the worst is shown."""
    columns: list[Phase | None] = [None] * STEPS
    for one in fared.intervals:
        first = int(_place(one.span.begin, span) * STEPS)
        last = max(first + 1, math.ceil(_place(one.span.end, span) * STEPS))
        for column in range(first, min(last, STEPS)):
            there = columns[column]
            if there is None or _WORST.index(one.phase) < _WORST.index(there):
                columns[column] = one.phase
    runs: list[Run] = []
    begin = 0
    for phase, same in groupby(columns):
        end = begin + len(list(same))
        if phase is not None:
            runs.append((str(phase), begin / STEPS, end / STEPS))
        begin = end
    return runs


def ticks(span: Span, days: Days, zone: tzinfo) -> list[tuple[float, str]]:
    """Marks at round times of the operators' clock."""
    is_day = days is Days.DAY
    at = span.begin.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    marks: list[tuple[float, str]] = []
    while at <= span.end:
        is_round = at.hour % 4 == 0 if is_day else at.hour == 0
        if at >= span.begin and is_round:
            marks.append((_place(at, span), f"{at:%H:%M}" if is_day else short_day(at, zone)))
        at = (at.astimezone(UTC) + timedelta(hours=1)).astimezone(zone)
    return marks


def _place(at: datetime, span: Span) -> float:
    return (at - span.begin).total_seconds() / span.seconds


def _plain(words: Html) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", words))


def nothing(t: Texts) -> View:
    """There is no account whose uptime could be shown."""
    return View(t("uptime-none"), rows([back(t)]))
