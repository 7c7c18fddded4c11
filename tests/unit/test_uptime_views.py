"""Uptimes in words and as what is drawn: the figures agree, and strangers' names stay text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.callbacks import Days, OnUptime
from bot.chronicle import Fared, Uptime, availability
from bot.texts import Texts
from bot.views import uptime as views
from storage.history import Interval, Phase, Span
from storage.proxy_checks import Check, Record
from tests.unit.ann import ANN
from tests.unit.test_views import NASTY, data, labels

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
DAY = Span(NOW - timedelta(days=1), NOW)
HOUR = 3600.0


def fared(number: int = 7, down_h: float = 6.0) -> Fared:
    turn = NOW - timedelta(hours=down_h)
    intervals = [
        Interval(Phase.CONNECTED, Span(DAY.begin, turn)),
        Interval(Phase.DOWN, Span(turn, NOW)),
    ]
    seconds = {Phase.CONNECTED: (24 - down_h) * HOUR, Phase.DOWN: down_h * HOUR}
    return Fared(number, intervals, seconds)


SEEN = Uptime(
    span=DAY,
    accounts=300,
    seconds={Phase.CONNECTED: 997 * HOUR, Phase.RETRYING: 2 * HOUR, Phase.DOWN: HOUR},
    rows=[(ANN, fared()), (replace(ANN, id=9, name="Bob"), fared(9, 3.0))],
    per_hour=[0] * 10 + [6] + [1] * 13,
    off_s=2.5 * HOUR,
    proxies=[
        ("203.0.113.9:1080", Record(10, 0, None)),
        ("203.0.113.7:1080", Record(100, 97, 120)),
        ("203.0.113.8:1080", Record(100, 100, 30)),
    ],
)
ALONE = replace(
    SEEN,
    accounts=1,
    rows=SEEN.rows[:1],
    seconds=fared().seconds,
    per_hour=[0] * 24,
    off_s=0.0,
    proxies=SEEN.proxies[1:2],
)


def test_the_caption_holds_the_main_figures(t: Texts) -> None:
    view = views.caption(t, SEEN, OnUptime(), UTC)
    assert view.text.splitlines() == [
        "<b>Uptime, last 24 hours</b>, 300 accounts",
        "Connected: 99.7 % of the time",
        "Worst: #7 Ann ••00, 75 %",
        "All accounts together were retrying for 2 h 0 min and down for 1 h 0 min.",
        "Reconnects: 19; the most in one hour: 6, from 1 Mar 22:30 (UTC)",
        "One proxy answered no check.",
        "Slowest proxy: 203.0.113.7:1080, 120 ms on average",
        "Not known: 2 h 30 min, in which Mooring did not run. That time is not counted.",
        "The picture shows the 2 worst; 298 other accounts are not in it.",
    ]
    assert labels(view) == [["· 24 h", "7 d"], ["#7", "#9"], ["‹ Back"]]  # noqa: RUF001 - the text has it
    assert data(view)[1:3] == ["up:0:7", "up:7:1"]


def test_one_account_has_its_own(t: Texts) -> None:
    checks = [Check(1, NOW - timedelta(hours=h), "" if h else "TIMED_OUT", 40) for h in (2, 1, 0)]
    one = replace(ALONE, checks=checks)
    asked = OnUptime(account=7, days=Days.DAY)
    view = views.caption(t, one, asked, UTC)
    assert view.text.splitlines() == [
        "<b>#7 Ann ••00</b>, last 24 hours",
        "Connected: 75 % of the time",
        "It was retrying for 0 s and down for 6 h 0 min.",
        "No reconnects",
        "Slowest proxy: 203.0.113.7:1080, 120 ms on average",
    ]
    assert labels(view)[1] == ["📈 All accounts", "‹ Account"]  # noqa: RUF001 - the text has it
    drawn = views.picture(t, one, asked, UTC)
    assert drawn.curve is not None
    assert [value for _, value in drawn.curve.points] == [40, 40, None]


def test_the_picture_says_the_same_without_html(t: Texts) -> None:
    nasty = replace(SEEN, rows=[(replace(ANN, name=f"{NASTY}$x$"), fared())])
    drawn = views.picture(t, nasty, OnUptime(), UTC)
    assert (drawn.title, drawn.subtitle) == (
        "Uptime, last 24 hours",
        "Connected: 99.7 % of the time",
    )
    (row,) = drawn.rows
    assert (row.label, row.share) == (f"#7 {NASTY}$x$ ••00", "75 %")
    assert row.runs == [("connected", 0, 0.75), ("down", 0.75, 1)]
    assert drawn.legend == [("connected", "connected"), ("down", "down")]
    assert [bar.words for bar in drawn.bars] == ["no answer", "120 ms · 3 % failed", "30 ms"]


def test_of_what_falls_into_one_column_the_worst_is_shown(t: Texts) -> None:
    flapping = [
        Interval(phase, Span(DAY.begin + timedelta(seconds=s), DAY.begin + timedelta(seconds=s + 1)))
        for s in range(0, 86_400, 2)
        for phase in (Phase.CONNECTED, Phase.RETRYING)
    ]  # fmt: skip
    busy = Fared(7, flapping, {Phase.CONNECTED: 1, Phase.RETRYING: 1})
    (row,) = views.picture(t, replace(SEEN, rows=[(ANN, busy)]), OnUptime(), UTC).rows
    assert row.runs == [("retrying", 0, 1)]
    instant = DAY.begin + timedelta(hours=12)
    short = [
        Interval(Phase.CONNECTED, Span(DAY.begin, instant)),
        Interval(Phase.DOWN, Span(instant, instant + timedelta(seconds=1))),
        Interval(Phase.CONNECTED, Span(instant + timedelta(seconds=1), NOW)),
    ]
    (row,) = views.picture(
        t, replace(SEEN, rows=[(ANN, Fared(7, short, {}))]), OnUptime(), UTC
    ).rows
    assert [phase for phase, _, _ in row.runs] == ["connected", "down", "connected"]


@pytest.mark.parametrize(
    ("seconds", "share", "words"),
    [
        ({}, None, "–"),  # noqa: RUF001 - the text has it
        ({Phase.STOPPED: HOUR, Phase.UNKNOWN: HOUR}, None, "–"),  # noqa: RUF001 - the same
        ({Phase.CONNECTED: HOUR, Phase.UNKNOWN: HOUR}, 1.0, "100 %"),
        ({Phase.CONNECTED: 99999, Phase.RETRYING: 1}, 0.99999, "99.9 %"),
        ({Phase.DOWN: HOUR}, 0.0, "0 %"),
    ],
)
def test_only_a_whole_share_is_called_100(
    t: Texts, seconds: dict[Phase, float], share: float | None, words: str
) -> None:
    assert availability(seconds) == share
    shown = views.caption(t, replace(SEEN, seconds=seconds), OnUptime(), UTC).text
    assert f"Connected: {words} of the time" in shown


def test_marks_are_round_times_of_the_operators_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = views.ticks(DAY, Days.DAY, berlin)
    assert [words for _, words in day] == ["16:00", "20:00", "00:00", "04:00", "08:00", "12:00"]
    week = views.ticks(Span(NOW - timedelta(days=7), NOW), Days.WEEK, berlin)
    assert [words for _, words in week][:2] == ["24 Feb", "25 Feb"]
    assert all(0 <= place <= 1 for place, _ in [*day, *week])


def test_the_caption_of_the_longest_names_fits_below_a_picture(t: Texts) -> None:
    long = replace(ANN, name="N" * 255)
    seen = replace(SEEN, rows=[(long, fared(number)) for number in range(12)])
    view = views.caption(t, seen, OnUptime(), UTC)
    assert len(view.text) <= 1024
    assert "nothing to draw" in views.nothing(t).text
