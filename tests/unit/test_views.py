"""What operators see: names and texts of strangers stay text, and pages have edges."""

import re
from dataclasses import replace
from datetime import UTC, timedelta
from html.parser import HTMLParser
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from bot.callbacks import AccountAct, Go, OnAccount, Room
from bot.lately import Lately
from bot.texts import Texts
from bot.views import (
    account_settings,
    accounts,
    deliveries,
    importing,
    leaving,
    login,
    login_errors,
    messages,
    overview,
    why,
)
from bot.views.proxies import listing as proxies
from bot.views.view import View, age, due
from storage.account import Freeze
from storage.accounts import Account, Desired
from storage.delivery import Delivery, DeliveryState, Fallback, Media
from storage.journal import Counts, Entry, Tally
from storage.liveness import Beat, Instance, LineFacts
from storage.proxies import Endpoint, Proxy
from tests.unit.ann import ANN, NOW
from tests.unit.situations import situation, totals
from userbot.facts import Facts
from userbot.states import State

WORDS = Texts()
NASTY = "<b>&"
Field: TypeAlias = Any
"""Whatever a field holds."""
DRAFT = Delivery(
    id=3,
    account_id=7,
    state=DeliveryState.DRAFT,
    target="@bob",
    peer=None,
    text="hello",
    entities=(),
    media=Media.NONE,
    reply_to=None,
    is_silent=False,
    head_id=None,
    random_id=1,
    fallback=Fallback.AUTOMATIC,
    attempts=0,
    faults=0,
    not_before=None,
    handed_at=None,
    message_id=None,
    link="",
    error="",
    detour="",
    steps=(),
    created_at=NOW,
    approved_at=None,
    finished_at=None,
    edited_at=None,
    deleted_at=None,
    ordered_by=1,
    origin="",
    act="",
    acted_by=None,
    card_chat_id=None,
    card_message_id=None,
    version=0,
)


def account(number: int = 7, state: str = "ONLINE", **seen: Field) -> Account:
    return replace(ANN, id=number, observed=replace(ANN.observed, state=state, **seen))


def facts() -> Facts:
    """Ann's, from a process that is alive."""
    line = LineFacts(NOW - timedelta(seconds=4), 38)
    tally = Tally(reconnects=Counts(1, 3, 9), failures=Counts(0, 1, 8))
    return Facts(ANN, tally, line, NOW, is_current=True)


def labels(view: View) -> list[list[str]]:
    assert view.keyboard is not None
    return [[button.text for button in row] for row in view.keyboard.inline_keyboard]


def data(view: View) -> list[str]:
    assert view.keyboard is not None
    return [b.callback_data or "" for row in view.keyboard.inline_keyboard for b in row]


class Shown(HTMLParser):
    """What Telegram would show of HTML, and the tags in it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(source)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_accounts_card_reads_so(t: Texts) -> None:
    view = accounts.card(t, ANN, now=NOW, attempts=10)
    assert view.text == (
        "🟢 <b>#7 Ann ••00</b>\nconnected for 5 min 0 s\nProxy: 203.0.113.7:1080\nNumber: ••00"
        "\nAlso: @ann"
    )
    assert labels(view) == [
        ["🔌 Reconnect", "✉️ Send"],
        ["❔ Why", "💬 Last messages"],
        ["⏹ Stop (stays logged in)"],
        ["🌐 Proxy", "🚚 Move to another…"],
        ["⚙️ Settings", "📈 Uptime"],
        ["🔄 Refresh", "Show number"],
        ["More…", "‹ Back"],  # noqa: RUF001 - the text has it
    ]


@pytest.mark.req("S0.7")
def test_a_card_tells_the_last_answer_the_latency_and_how_the_day_went(t: Texts) -> None:
    text = accounts.card(t, ANN, now=NOW, attempts=10, facts=facts()).text
    assert text == (
        "🟢 <b>#7 Ann ••00</b>\nconnected for 5 min 0 s\n"
        "Last answer 4 s ago; the last ping took 38 ms.\n"
        "Proxy: 203.0.113.7:1080\nIn 24 h: connected 3 times, failed once\nNumber: ••00\nAlso: @ann"
    )


def test_a_card_of_a_process_that_fell_silent_says_how_old_it_is(t: Texts) -> None:
    then = NOW - timedelta(minutes=3)
    dead = replace(facts(), as_of=then, is_current=False)
    text = accounts.card(t, ANN, now=NOW, attempts=10, facts=dead).text
    assert "fell silent 3 min 0 s ago; this is from then" in text
    assert "Last answer" not in text
    wanted_so = replace(dead, account=replace(account(7, "STOPPED"), desired=Desired.STOP))
    assert "silent" not in accounts.card(t, ANN, now=NOW, attempts=10, facts=wanted_so).text


def test_a_line_that_is_down_has_no_last_answer(t: Texts) -> None:
    down = replace(facts(), account=account(7, "RETRYING"))
    text = accounts.card(t, down.account, now=NOW, attempts=10, facts=down).text
    assert "Last answer" not in text


def test_a_frozen_account_says_so_wherever_its_state_is_told(t: Texts) -> None:
    frozen = account(7, is_frozen=True)
    words = "frozen by Telegram: it stays connected and can’t write"  # noqa: RUF001 - the text has it
    view = accounts.card(t, frozen, now=NOW, attempts=10)
    assert f"connected for 5 min 0 s, {words}" in view.text


def test_a_freeze_tells_since_when_until_when_and_where_to_appeal(t: Texts) -> None:
    freeze = Freeze(NOW - timedelta(days=3, hours=2), NOW + timedelta(days=87), "https://t.me/x")
    frozen = replace(account(7, is_frozen=True), freeze=freeze)
    text = accounts.card(t, frozen, now=NOW, attempts=10).text
    assert text.splitlines()[-2:] == [
        (
            "❄️ Frozen by Telegram since 2026-02-26 (3 d 2 h ago); "
            "it deletes the account on 2026-05-27 (in 87 d 0 h) unless an appeal is granted."
        ),
        "To appeal, open this in the account’s own app: https://t.me/x",  # noqa: RUF001 - the text has it
    ]
    partly = replace(frozen, freeze=Freeze(until=NOW + timedelta(days=87)))
    assert (
        "Telegram; it deletes the account on 2026-05-27"
        in accounts.card(t, partly, now=NOW, attempts=10).text
    )
    thawed = replace(frozen, observed=ANN.observed)
    assert "❄️" not in accounts.card(t, thawed, now=NOW, attempts=10).text


def test_a_card_tells_the_country_the_uptime_and_the_last_events(t: Texts) -> None:
    there = replace(ANN, proxy_country="nl")
    happened = [
        entry("state.online", proxy="203.0.113.7:1080", latency_ms=38),
        entry("state.retrying", NASTY, **{"from": "ONLINE"}),
    ]
    seen = Lately(0.9999, 0.5, happened)
    later = NOW + timedelta(minutes=2)
    text = accounts.card(t, there, now=later, attempts=10, lately=seen).text
    assert "Proxy: 203.0.113.7:1080 · NL\n" in text
    assert text.splitlines()[-5:] == [
        "Connected 99.9 % of the last 24 h, 50 % of 7 days",
        "",
        "<b>Lately</b>",
        "2 min 0 s ago: connected",
        "2 min 0 s ago: the line dropped: &lt;b&gt;&amp;",
    ]


def test_last_messages_read_so(t: Texts) -> None:
    def message(**changed: Field) -> dict[str, Any]:
        plain = {"chat": "Bob", "from": "", "out": False, "text": "hello", "media": ""}
        return {**plain, "at": NOW.isoformat(), **changed}

    told = [
        message(),
        message(out=True, text="", media="photo"),
        message(chat=NASTY, **{"from": NASTY}, text=NASTY, media="file"),
        message(chat="", text=""),
    ]
    view = messages.shown(t, ANN, {"messages": told}, UTC)
    assert view.text.splitlines() == [
        "💬 <b>Last messages of #7 Ann ••00</b>",
        "⬅️ <b>Bob</b> <i>1 Mar 12:00</i>",
        "hello",
        "➡️ <b>Bob</b> <i>1 Mar 12:00</i>",
        "🖼 photo",
        "⬅️ <b>&lt;b&gt;&amp;</b>, &lt;b&gt;&amp; <i>1 Mar 12:00</i>",
        "📎 file &lt;b&gt;&amp;",
        "⬅️ <b>somebody</b> <i>1 Mar 12:00</i>",
        "(no text)",
    ]
    assert labels(view) == [["🔄 Refresh", "‹ Account"]]  # noqa: RUF001 - the text has it
    long = [message(chat="&" * 64, text="&" * 101, **{"from": "&" * 64})] * 10
    assert len(Shown(messages.shown(t, ANN, {"messages": long}, UTC).text).text) <= 4096


@pytest.mark.parametrize(
    ("outcome", "words", "mends"),
    [
        ({"error": "not_connected"}, "it is not connected (trying again in 15 s)", True),
        ({"error": "flood", "seconds": 90}, "wait 1 min 30 s before", False),
        ({"error": "lost"}, "Press Refresh", True),
        ({"error": "refused", "words": NASTY}, "Telegram refuses: &lt;b&gt;&amp;.", False),
        ({"error": "erased"}, "Something went wrong", False),
        (None, "No answer within", False),
    ],
)
def test_where_nothing_was_read_the_reason_is_told_and_a_line_can_be_mended(
    t: Texts, outcome: dict[str, Any] | None, words: str, *, mends: bool
) -> None:
    view = messages.failed(t, ANN, outcome, "trying again in 15 s")
    assert words in view.text
    below = ["🔄 Refresh", "‹ Account"]  # noqa: RUF001 - the text has it
    assert labels(view) == ([["🔌 Reconnect"], below] if mends else [below])
    parked = messages.failed(t, account(7, "STOPPED"), outcome, "stopped")
    assert labels(parked) == [below]


def test_an_account_that_waits_for_the_operator_says_so_and_offers_to_connect(t: Texts) -> None:
    waits = account(7, "FAILED", attempt=1, reason="it broke")
    view = accounts.card(t, waits, now=NOW, attempts=10)
    assert "down for 5 min 0 s, waiting for you" in view.text
    assert labels(view)[0] == ["🔌 Connect now", "✉️ Send"]
    again = accounts.card(
        t, account(7, "FAILED", retry_at=NOW + timedelta(minutes=30)), now=NOW, attempts=10
    )
    assert labels(again)[0][0] == "🔌 Reconnect"


@pytest.mark.parametrize(
    ("act", "words", "second"),
    [
        (AccountAct.STOP, "stays logged in, and Start brings it back", "stop_now"),
        (AccountAct.FORGET, "For 30 days its session is kept here, sealed", "forget_now"),
        (AccountAct.LOG_OUT, "nobody can undo that", "log_out_now"),
    ],
)
def test_what_ends_something_asks_first_and_says_what_can_be_undone(
    t: Texts, act: AccountAct, words: str, second: str
) -> None:
    view = leaving.ask(t, ANN, act)
    assert words in view.text
    assert "may never be able to log in again" in view.text
    assert [OnAccount.unpack(d).act for d in data(view)] == [second, "show"]
    assert "never" not in leaving.ask(t, replace(ANN, one_time_phone=False), act).text


def test_the_rarer_acts_are_behind_more(t: Texts) -> None:
    view = leaving.more(t, ANN)
    assert labels(view) == [
        ["📜 Events", "🔕 Mute…"],
        ["📤 Export…", "Forget here…"],
        ["Log out…"],
        ["‹ Account"],  # noqa: RUF001 - the text has it
    ]


def entry(kind: str, cause: str = "", actor: str = "mooring", **data: Field) -> Entry:
    return Entry(NOW, kind, 7, actor, cause, data)


def test_why_tells_what_happened_in_plain_words_and_what_comes_next(t: Texts) -> None:
    seen = account(
        7, "RETRYING", attempt=3, reason="it broke", retry_at=NOW + timedelta(seconds=15)
    )
    happened = [
        entry("state.retrying", "it broke", **{"from": "CONNECTING"}),
        entry("state.connecting"),
        entry("state.retrying", "cut", proxy="203.0.113.7:1080", latency_ms=38, **{"from": "ONLINE"}),
        entry("state.online"),
        entry("reconnect.forced", actor="operator 123"),
        entry("something.new"),
    ]  # fmt: skip
    down = replace(facts(), account=seen)
    text = why.why(t, down, happened, now=NOW, attempts=10).text
    assert "Because it broke." in text
    assert "Proxy: 203.0.113.7:1080" in text
    assert "<b>Next:</b> attempt 3 of 10, in 15 s." in text
    assert text.splitlines()[-5:] == [
        "1 Mar 12:00:00 an attempt failed: it broke",
        "1 Mar 12:00:00 the line dropped: cut (203.0.113.7:1080, 38 ms)",
        "1 Mar 12:00:00 connected",
        "1 Mar 12:00:00 reconnect ordered, by operator 123",
        "1 Mar 12:00:00 something.new",
    ]


@pytest.mark.parametrize("state", State)
def test_why_knows_a_next_step_for_each_state(t: Texts, state: State) -> None:
    some = replace(facts(), account=account(7, state, retry_at=NOW + timedelta(minutes=5)))
    text = why.why(t, some, [], now=NOW, attempts=10).text
    assert re.search("<b>Next:</b> .+\\.", text)
    assert "Nothing yet." in text


def test_why_of_a_long_story_fits_into_a_message(t: Texts) -> None:
    story = [entry("state.failed", NASTY * 200, proxy="x" * 60, latency_ms=10**6)] * 100
    view = why.why(t, facts(), story, now=NOW, attempts=10)
    assert len(Shown(view.text).text) <= 4096
    assert view.text.count("gave up for now") == 20
    assert set(Shown(view.text).tags) == {"b"}


def test_a_number_is_whole_only_where_it_was_asked_for(t: Texts) -> None:
    whole = accounts.card(t, ANN, now=NOW, attempts=10, show_phone=True)
    assert "Number: +442079460000" in whole.text
    assert "Show number" not in [label for row in labels(whole) for label in row]
    views = [
        accounts.card(t, ANN, now=NOW, attempts=10),
        overview.status(t, situation([account(7, "BANNED")], now=NOW), attempts=10),
        overview.home(t, totals([ANN])),
    ]
    for view in views:
        assert "2079460000" not in view.text


@pytest.mark.parametrize(
    ("state", "seen", "words"),
    [
        ("NEW", {}, "login not finished"),
        ("CONNECTING", {}, "connecting"),
        ("ONLINE", {}, "connected for 5 min 0 s"),
        ("RETRYING", {"attempt": 0}, "trying again at once"),
        (
            "RETRYING",
            {"attempt": 3, "retry_at": NOW + timedelta(seconds=15)},
            "trying again in 15 s (attempt 3 of 10)",
        ),
        ("WAITING", {"retry_at": NOW + timedelta(hours=2)}, "Telegram asks to wait, in 2 h 0 min"),
        ("NEEDS_LOGIN", {}, "needs a login"),
        ("BANNED", {}, "banned or deleted by Telegram"),
        ("FAILED", {"retry_at": NOW}, "gave up for now, tries again now"),
        ("STOPPED", {}, "stopped, stays logged in"),
    ],
)
def test_each_state_has_its_words(t: Texts, state: str, seen: dict[str, Any], words: str) -> None:
    assert accounts.state_in_words(t, account(7, state, **seen), NOW, 10) == words


@pytest.mark.parametrize("state", State)
def test_each_state_has_a_card_with_the_buttons_that_help(t: Texts, state: State) -> None:
    view = accounts.card(t, account(7, state, reason="it broke"), now=NOW, attempts=10)
    acts = {d.split(":")[1] for d in data(view) if d.startswith("a:")}
    acts -= {"show", "phone", "more", "settings", "why"}
    wanted = {
        State.NEW: {"login"},
        State.NEEDS_LOGIN: {"login"},
        State.STOPPED: {"start"},
        State.BANNED: set(),
    }
    assert acts == wanted.get(state, {"reconnect", "send", "stop", "last"})
    assert ("Because it broke." in view.text) == (
        state not in {State.ONLINE, State.NEW, State.STOPPED}
    )


def ran(**changed: Field) -> Instance:
    beat = Beat("a", NOW - timedelta(seconds=5), NOW - timedelta(seconds=20))
    alive = Instance("a", "here", 7, NOW - timedelta(hours=1), None, beat)
    return replace(alive, **changed)


@pytest.mark.req("S0.7")
@pytest.mark.parametrize(
    ("instances", "words"),
    [
        ([ran()], "Monitoring looked 20 s ago."),
        ([ran(beat=Beat("a", NOW), started_at=NOW)], "it looks within a minute"),
        ([ran(beat=Beat("a", NOW))], "Monitoring has not looked for 1 h 0 min."),
        (
            [ran(beat=Beat("a", NOW, NOW - timedelta(minutes=4)))],
            "Monitoring has not looked for 4 min 0 s.",
        ),
        ([ran(beat=Beat("a", NOW - timedelta(minutes=3)))], "fell silent 3 min 0 s ago"),
        ([ran(beat=Beat("b", NOW - timedelta(minutes=3))), ran()], "Monitoring looked 20 s ago."),
    ],
)
def test_the_status_tells_whether_the_accounts_are_watched(
    t: Texts, instances: list[Instance], words: str
) -> None:
    seen = situation(now=NOW, instances=instances)
    assert words in overview.status(t, seen, attempts=10).text


def test_a_process_that_has_not_spoken_yet_says_nothing_of_the_watch(t: Texts) -> None:
    for instances in ([], [ran(beat=None)]):
        text = overview.status(t, situation(now=NOW, instances=instances), attempts=10).text
        assert "onitor" not in text
        assert "silent" not in text


def test_a_stranger_can_not_write_html_into_an_operators_chat(t: Texts) -> None:
    nasty = replace(
        account(7, "FAILED", reason=NASTY), name=f"{NASTY}<a href='x'>", proxy_name=NASTY
    )
    sent = replace(DRAFT, text=f"{NASTY}</b>", target=NASTY, error=NASTY, detour=NASTY)
    named = accounts.name(nasty)
    dialog = {"length": 5, "phone": NASTY, "via": "sms"}
    views = [
        accounts.card(t, nasty, now=NOW, attempts=10),
        overview.status(t, situation([nasty], now=NOW), attempts=10),
        *(deliveries.card(t, replace(sent, state=s), named) for s in DeliveryState),
        login.keypad(t, 7, dialog, 2, NOW),
        login.ask_password(t, 7, {"phone": NASTY, "hint": NASTY}),
        login.done(t, nasty, named, None, capacity=5),
        login_errors.error(t, {"error": "refused", "words": NASTY}, named),
        account_settings.shown(t, replace(nasty, label=NASTY), named),
        importing.imported(t, 7, named, NASTY),
        proxies.listing(t, [Proxy(1, Endpoint("socks5", NASTY, 1), NOW, None, 0)], capacity=5),
    ]
    for view in views:
        shown = Shown(view.text)
        assert set(shown.tags) <= {"b", "i", "code"}
        assert NASTY in shown.text, view.text
        assert not re.search(r"&amp;(lt|gt|amp);", view.text), "escaped twice"


@given(text=st.text(max_size=3000), error=st.text(max_size=50))
def test_a_deliverys_card_shows_any_text_as_it_is(text: str, error: str) -> None:
    view = deliveries.card(WORDS, replace(DRAFT, text=text, error=error), "#7 Ann ••00")
    expected = text if len(text) <= 1000 else text[:1000] + "…"
    assert set(re.findall(r"<[^>]*>", view.text)) == {"<b>", "</b>"}
    assert expected in Shown(view.text).text.replace("\r", "\n") or "\r" in text
    assert len(Shown(view.text).text.encode("utf-16-le")) // 2 <= 4096


def test_a_fleet_of_thousands_fits_into_a_message(t: Texts) -> None:
    down = [
        replace(account(number, "RETRYING", attempt=9, retry_at=NOW), name="N" * 64)
        for number in range(10**6, 10**6 + 3000)
    ]
    for view in (
        overview.status(t, situation(down, now=NOW), attempts=10),
        overview.home(t, totals(down)),
    ):
        assert len(view.text) <= 4096
        assert sum(len(row) for row in labels(view)) <= 100
    status = overview.status(t, situation(down, now=NOW), attempts=10)
    assert "… and 2,990 more" in status.text


def test_a_thousand_proxies_fit_into_a_message(t: Texts) -> None:
    found = [
        Proxy(n, Endpoint("socks5", f"203.0.113.{n % 256}", 10000 + n), NOW, None, n)
        for n in range(1000)
    ]
    assert len(proxies.listing(t, found, capacity=5).text) <= 4096


def test_nothing_yet_has_words_and_a_way_on(t: Texts) -> None:
    none = proxies.listing(t, [], capacity=5)
    assert "None yet" in none.text
    assert Go(room=Room.ADD_PROXY).pack() in data(none)
    assert "No account yet" in overview.home(t, totals([])).text


def test_the_summary_counts_only_finished_logins(t: Texts) -> None:
    found = [account(1), account(2, "NEW"), account(3, "STOPPED"), account(4, "FAILED")]
    assert overview.summary(t, totals(found).states) == "1 of 3 connected"


@pytest.mark.parametrize("typed", range(6))
def test_the_keypad_shows_how_much_was_typed_and_never_what(t: Texts, typed: int) -> None:
    at = (NOW + timedelta(seconds=112)).isoformat()
    dialog = {"length": 5, "phone": "••00", "via": "app", "next": "sms", "resend_at": at}
    view = login.keypad(t, 7, dialog, typed, NOW)
    assert f"<code>{' '.join('●' * typed + '○' * (5 - typed))}</code>" in view.text
    assert [label for row in labels(view)[:4] for label in row] == [
        *"123456789", "✖️ Cancel", "0", "⌫",
    ]  # fmt: skip
    assert labels(view)[4:] == [["📨 Send it by SMS (in 1 min 52 s)"], ["📷 QR code instead"]]
    later = login.keypad(t, 7, dialog, typed, NOW + timedelta(seconds=113))
    assert labels(later)[4] == ["📨 Send it by SMS"]


@given(seconds=st.floats(-10, 10**9))
def test_an_age_has_its_two_largest_units(seconds: float) -> None:
    shown = age(WORDS, timedelta(seconds=seconds))
    assert re.fullmatch(r"[\d,]+ d \d+ h|\d+ h \d+ min|\d+ min \d+ s|\d+ s", shown)


def test_what_is_due_is_due_now_or_in_a_time(t: Texts) -> None:
    assert due(t, None, NOW) == due(t, NOW, NOW) == due(t, NOW - timedelta(1), NOW) == "now"
    assert due(t, NOW + timedelta(seconds=90), NOW) == "in 1 min 30 s"
