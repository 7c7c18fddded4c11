"""The journal as operators read it: plain words, their zone, names, no secrets."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.callbacks import EventGroup, OnEvents, Way
from bot.chronicle import Told
from bot.events_filter import KINDS, Asked, edges, parse, wanted
from bot.texts import Texts
from bot.views import events as views
from bot.views import happened
from storage.journal import Entry
from storage.journal_pages import Page
from tests.unit.ann import ANN
from tests.unit.test_views import NASTY, Field, Shown, data, labels

AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def entry(
    kind: str,
    account: int | None = None,
    cause: str = "",
    actor: str = "mooring",
    before: str = "",
    **more: Field,
) -> Entry:
    return Entry(AT, kind, account, actor, cause, {"from": before, **more})


def told(*entries: Entry, newer: bool = False, older: bool = False) -> Told:
    numbered = [(100 - place, one) for place, one in enumerate(entries)]
    return Told(Page(numbered, newer, older), {123: "Olga"}, {7: ANN}, BERLIN)


def test_events_are_told_in_plain_words_and_in_the_operators_zone(t: Texts) -> None:
    view = views.listing(
        t,
        told(
            entry("state.retrying", 7, "cut", proxy="203.0.113.7:1080", latency_ms=38, before="ONLINE"),
            entry("reconnect.forced", 7, actor="operator 123"),
            entry("account.stopped", 8, actor="command line"),
            entry("proxy.changed", actor="operator 9", to="192.0.2.1:1", before="192.0.2.2:1"),
            entry("delivery.approved", actor="operator 123", delivery=12, to="PENDING"),
            entry("delivery.drafted", actor="cron <job>", delivery=13),
            entry("stranger", actor="stranger 55"),
            entry("recovery.finished", back=9, total=10),
            entry("something.new", cause="call +442079460000"),
        ),
        OnEvents(),
    )  # fmt: skip
    assert view.text.splitlines() == [
        "<b>Events</b>, everything",
        "The newest first; times in Europe/Berlin",
        "2 Mar 00:30:00 <b>#7 Ann ••00</b>: the line dropped: cut (203.0.113.7:1080, 38 ms)",
        "2 Mar 00:30:00 <b>#7 Ann ••00</b>: reconnect ordered, by Olga",
        "2 Mar 00:30:00 <b>#8</b>: stop ordered, on the command line",
        "2 Mar 00:30:00 proxy changed (192.0.2.2:1 → 192.0.2.1:1), by 9",
        "2 Mar 00:30:00 delivery 12: approved, by Olga",
        "2 Mar 00:30:00 delivery 13: written, by the program “cron &lt;job&gt;”",
        "2 Mar 00:30:00 somebody who is no operator wrote to the bot, by a stranger: 55",
        "2 Mar 00:30:00 recovery over: 9 of 10 back",
        "2 Mar 00:30:00 something.new: call ••00",
    ]


def test_pages_are_turned_at_their_edges(t: Texts) -> None:
    here = OnEvents(group=EventGroup.PROXIES, account=7, way=Way.OLDER, edge=101)
    view = views.listing(t, told(entry("proxy.moved", 7), newer=True, older=True), here)
    assert "of #7 Ann ••00, proxies" in view.text
    assert labels(view)[0] == ["⏮ Newest", "‹ Newer", "Older ›"]  # noqa: RUF001 - the text has it
    assert data(view)[:3] == ["ev:proxy:7:o:0", "ev:proxy:7:n:100", "ev:proxy:7:o:100"]
    assert labels(view)[-1] == ["👤 All accounts", "‹ Account", "‹ Back"]  # noqa: RUF001 - the same
    alone = views.listing(t, told(), OnEvents())
    assert "There are none." in alone.text
    assert labels(alone)[0] == ["🔄 Refresh"]
    assert "· everything" in labels(alone)[1]


def test_a_page_beyond_the_end_leads_back(t: Texts) -> None:
    beyond = views.listing(t, told(newer=True), OnEvents(edge=5))
    assert data(beyond)[:2] == ["ev:all:0:o:0", "ev:all:0:n:4"]


def test_a_page_of_the_longest_entries_fits_into_a_message(t: Texts) -> None:
    long = replace(ANN, name="N" * 255)
    nasty = entry("proxy.moved", 7, NASTY * 200, actor=NASTY * 60, proxy=NASTY * 60)
    view = views.listing(t, replace(told(*[nasty] * 10), accounts={7: long}), OnEvents())
    assert len(Shown(view.text).text) <= 4096
    assert set(Shown(view.text).tags) == {"b"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Asked()),
        ("proxies", Asked(EventGroup.PROXIES)),
        ("17", Asked(who="17")),
        ("#17 LOGIN", Asked(EventGroup.LOGIN, "#17")),
        ("bla", Asked(who="bla")),
        ("storage 17", Asked(EventGroup.STORAGE, "17")),
    ],
)
def test_the_words_behind_the_command(text: str, asked: Asked) -> None:
    assert parse(text) == asked


def test_an_edge_has_a_side() -> None:
    assert edges(OnEvents(edge=5)) == (5, 0)
    assert edges(OnEvents(edge=5, way=Way.NEWER)) == (0, 5)
    assert wanted(OnEvents(account=7)).account_id == 7
    assert wanted(OnEvents()).account_id is None


def test_each_kind_that_has_words_is_in_a_group() -> None:
    begins = tuple(begin for kinds in KINDS.values() for begin in kinds)
    assert [kind for kind in happened._WORDS if not kind.startswith(begins)] == []
