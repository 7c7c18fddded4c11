"""The list of accounts, acts on all of it, and how far they are, as operators see them."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.callbacks import (
    AccountAct,
    By,
    Go,
    GroupAct,
    GroupStep,
    OnAccount,
    OnGroup,
    OnList,
    OnNarrow,
    OnRound,
    Room,
    Which,
)
from bot.finding import FIT, STATES, Group, Listed, Picked, plain
from bot.texts import Texts
from bot.views import accounts, group, listing
from bot.views import round as rounds
from bot.views.view import View
from storage.accounts import Account
from storage.finding import Candidate
from storage.labels import Tagged
from storage.proxies import Endpoint, Proxy
from storage.rounds import Part, Round
from tests.unit.ann import ANN, NOW
from userbot.states import State

COUNTS = {Which.ALL: 42, Which.CONNECTED: 30, Which.TROUBLE: 9, Which.STOPPED: 3}
TAGGED = OnList(which=Which.TROUBLE, by=By.TAG, key="0a1b2c3d4e")


def labels(view: View) -> list[list[str]]:
    assert view.keyboard is not None
    return [[button.text for button in row] for row in view.keyboard.inline_keyboard]


def data(view: View) -> list[str]:
    assert view.keyboard is not None
    return [b.callback_data or "" for row in view.keyboard.inline_keyboard for b in row]


def page(
    t: Texts, count: int, asked: OnList, *, total: int | None = None, named: str = ""
) -> View:
    first = asked.page * 8
    found = [replace(ANN, id=n) for n in range(first + 1, min(first + 8, count) + 1)]
    total = count if total is None else total
    return listing.listing(t, Listed(asked, found, total, COUNTS, named, NOW), attempts=10)


def one(t: Texts, account: Account, asked: OnList | None = None, named: str = "") -> View:
    listed = Listed(asked or OnList(), [account], 1, COUNTS, named, NOW)
    return listing.listing(t, listed, attempts=10)


def test_the_list_reads_so(t: Texts) -> None:
    tagged = replace(ANN, label="Berlin", tags=("de", "shop", "vip", "x"))
    view = one(t, tagged)
    assert view.text == (
        "<b>Accounts</b> – all: 1\n"  # noqa: RUF001 - the text has it
        "🟢 /a7 Berlin ••00 – connected for 5 min 0 s · 🏷 de shop vip +1"  # noqa: RUF001
    )
    assert labels(view) == [
        ["🟢 #7 Berlin ••00"],
        ["🟢 Connected 30", "🔴 Trouble 9", "⚪ Stopped 3"],
        ["🌐 By proxy", "🌍 By country", "🏷 By tag"],
        ["⚙️ Act on this one"],
        ["➕ Add account", "‹ Back"],  # noqa: RUF001 - the text has it
    ]


@pytest.mark.parametrize(
    ("count", "number", "shown", "paging"),
    [
        (1, 0, [1], []),
        (8, 0, [1, 2, 3, 4, 5, 6, 7, 8], []),
        (9, 0, [1, 2, 3, 4, 5, 6, 7, 8], [1]),
        (9, 1, [9], [0]),
        (17, 1, [9, 10, 11, 12, 13, 14, 15, 16], [0, 2]),
        (17, 2, [17], [1]),
    ],
)
def test_pages_have_edges_and_keep_what_narrows_them(
    t: Texts, count: int, number: int, shown: list[int], paging: list[int]
) -> None:
    view = page(t, count, TAGGED.model_copy(update={"page": number}), named="shop")
    opened = [OnAccount.unpack(d).id for d in data(view) if d.startswith("a:")]
    turned = [OnList.unpack(d) for d in data(view) if d.startswith("f:bad:t:")]
    assert opened == shown
    assert turned == [TAGGED.model_copy(update={"page": n}) for n in paging]
    assert all(f"/a{account} " in view.text for account in shown)
    assert "in trouble, tagged shop" in view.text
    if count > 8:
        assert f"page {number + 1} of {(count - 1) // 8 + 1}" in view.text


def test_an_empty_result_says_so_and_offers_the_way_back_to_all(t: Texts) -> None:
    none = page(t, 0, TAGGED, named="shop")
    assert "There are none." in none.text
    assert OnList(which=Which.TROUBLE).pack() in data(none)
    assert TAGGED.model_copy(update={"which": Which.ALL}).pack() in data(none)
    assert not any(d.startswith("g:") for d in data(none))
    nothing_yet = page(t, 0, OnList())
    assert "None yet" in nothing_yet.text
    assert Go(room=Room.ADD_ACCOUNT).pack() in data(nothing_yet)


@pytest.mark.parametrize(
    "nasty",
    ["<b>&", "<a href='x'>", "🚀" * 64, "\u202eabc", "%_\\", "{ $x }"],
)
def test_no_label_name_or_tag_is_more_than_text(t: Texts, nasty: str) -> None:
    account = replace(ANN, label=nasty, name=nasty, username=nasty)
    for view in (
        one(t, account, OnList(by=By.SEARCH, key="k"), nasty),
        accounts.card(t, account, now=NOW, attempts=10),
    ):
        assert set(re.findall(r"<(/?\w+)", view.text)) <= {"b", "/b"}
        assert nasty.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in view.text
    assert nasty in labels(one(t, account))[0][0]


def test_a_full_page_fits_into_a_message(t: Texts) -> None:
    worst = replace(
        ANN,
        id=10**6,
        label="&" * 64,
        tags=tuple("t" * 32 for _ in range(10)),
        observed=replace(ANN.observed, state="RETRYING", attempt=9, is_frozen=True),
    )
    listed = Listed(OnList(), [worst] * 8, 3000, COUNTS, "", NOW)
    view = listing.listing(t, listed, attempts=10)
    assert len(html.unescape(view.text)) <= 4096
    assert sum(len(row) for row in labels(view)) <= 100


def test_what_was_typed_shows_no_phone_number(t: Texts) -> None:
    asked = OnList(by=By.SEARCH, key="k")
    assert "found for “+•••••••••00”" in one(t, ANN, asked, "+44207946000").text
    assert "“ann 12”" in one(t, ANN, asked, "ann 12").text
    assert "7946" not in listing.nothing_found(t, "+44 20 7946 0000")
    for view in (one(t, ANN), accounts.card(t, ANN, now=NOW, attempts=10)):
        assert "7946" not in view.text + str(labels(view))


def test_a_label_takes_the_place_of_the_name_and_the_card_tells_both(t: Texts) -> None:
    named = replace(ANN, label="Berlin", tags=("de", "shop"))
    assert accounts.name(named) == "#7 Berlin ••00"
    text = accounts.card(t, named, now=NOW, attempts=10).text
    assert "<b>#7 Berlin ••00</b>" in text
    assert text.endswith("Also: Ann · @ann\n🏷 de, shop")
    assert accounts.name(replace(ANN, name="")) == "#7 @ann ••00"
    assert "Also" not in accounts.card(t, replace(ANN, name=""), now=NOW, attempts=10).text


def test_what_a_list_can_be_narrowed_to_stands_with_its_counts_a_page_at_a_time(t: Texts) -> None:
    groups = [Group(str(n), f"<{n}>", n) for n in range(1, 46)]
    asked = OnNarrow(by=By.PROXY, which=Which.TROUBLE, page=1)
    view = listing.choose(t, groups, asked)
    assert labels(view)[0] == ["<21> (21)", "<22> (22)"]
    assert data(view)[0] == OnList(which=Which.TROUBLE, by=By.PROXY, key="21").pack()
    turned = [OnNarrow.unpack(d).page for d in data(view) if d.startswith("n:")]
    assert turned == [0, 2]
    assert len(data(listing.choose(t, groups, asked.model_copy(update={"page": 10**6})))) == 7
    for by in (By.PROXY, By.COUNTRY, By.TAG):
        empty = listing.choose(t, [], OnNarrow(by=by))
        assert data(empty) == [OnList().pack()]


def candidates(states: Sequence[str]) -> list[Candidate]:
    return [Candidate(n, state, n % 2 == 1) for n, state in enumerate(states, start=1)]


def test_each_filter_has_its_states_and_all_of_them_are_in_all() -> None:
    assert STATES[Which.TROUBLE] == {
        State.RETRYING, State.WAITING, State.FAILED, State.NEEDS_LOGIN, State.BANNED,
    }  # fmt: skip
    some = [states for states in STATES.values() if states]
    assert sum(map(len, some)) == len(frozenset().union(*some))


@pytest.mark.parametrize(
    ("act", "fit"),
    [
        (GroupAct.RECONNECT, {"CONNECTING", "ONLINE", "RETRYING", "FAILED"}),
        (GroupAct.START, {"STOPPED"}),
        (GroupAct.START_SURE, {"STOPPED"}),
        (GroupAct.STOP, {"CONNECTING", "ONLINE", "RETRYING", "WAITING", "FAILED"}),
        (GroupAct.TAG, set(State)),
        (GroupAct.MOVE, set(State) - {"NEW"}),
    ],
)
def test_an_act_is_about_those_for_whom_it_makes_a_difference(
    act: GroupAct, fit: set[str]
) -> None:
    assert FIT[act] == fit
    assert {c.state for c in Picked.of(act, candidates(list(State))).fit} == fit


def test_the_choice_offers_only_what_makes_a_difference(t: Texts) -> None:
    found = candidates(["STOPPED", "STOPPED"])
    picked = [Picked.of(act, found) for act in group.CHOICE]
    view = group.choose(t, TAGGED, "shop", picked)
    assert labels(view) == [
        ["▶️ Start 2", "🏷 Tag 2"], ["🚚 Move 2"], ["‹ Accounts"],  # noqa: RUF001 - the text has it
    ]  # fmt: skip
    assert "in trouble, tagged shop: 2" in view.text
    steps = [OnGroup.unpack(d).step for d in data(view)[:3]]
    assert steps == [GroupStep.ASK, GroupStep.ASK, GroupStep.WHERE]


def test_the_question_says_how_many_what_and_how_fast(t: Texts) -> None:
    picked = Picked.of(GroupAct.RECONNECT, candidates(["FAILED"] * 300 + ["BANNED"] * 2))
    view = group.ask(t, picked, OnList(which=Which.TROUBLE), "", per_second=2.5)
    assert "Reconnect 300 accounts?" in view.text
    assert "At most 2.5 a second dial" in view.text
    assert "takes 2 min 0 s or more" in view.text
    assert "For 2 more of this list it would change nothing" in view.text
    sure = OnGroup.unpack(data(view)[0])
    assert (sure.step, sure.same) == (GroupStep.NOW, "")
    assert group.is_same(Picked.of(GroupAct.RECONNECT, []), sure), "whoever is down by then"


def test_where_reconnecting_helps_nobody_it_says_why_and_leads_to_who_it_is(t: Texts) -> None:
    view = group.nothing_to_reconnect(t, 3, 0)
    assert "helps none of these 3: they need a login, are banned, or Telegram" in view.text
    assert data(view) == [OnList(which=Which.TROUBLE).pack()]
    well = group.nothing_to_reconnect(t, 0, 0)
    assert (well.text, labels(well)) == (
        "All accounts that should be connected are.", [["📊 Status"]],
    )  # fmt: skip
    assert "2 are just connecting" in group.nothing_to_reconnect(t, 0, 2).text


def test_a_list_that_is_empty_now_leads_to_no_acts(t: Texts) -> None:
    view = group.ask(t, Picked.of(GroupAct.STOP, []), TAGGED, "shop", per_second=50)
    assert data(view) == [TAGGED.pack()]


def test_the_question_about_one_speaks_of_one(t: Texts) -> None:
    picked = Picked.of(GroupAct.START, candidates(["STOPPED"]))
    view = group.ask(t, picked, OnList(), "", per_second=50)
    assert "Start one account?</b>\nIt connects, and stays connected from now on." in view.text


def test_a_stop_warns_of_numbers_that_may_never_log_in_again_and_is_meant_for_these_only(
    t: Texts,
) -> None:
    picked = Picked.of(GroupAct.STOP, candidates(["ONLINE"] * 5))
    view = group.ask(t, picked, OnList(), "", per_second=50)
    assert "⚠️ 3 of them" in view.text
    assert "a second" not in view.text
    sure = OnGroup.unpack(data(view)[0])
    assert group.is_same(picked, sure)
    assert not group.is_same(Picked.of(GroupAct.STOP, candidates(["ONLINE"] * 4)), sure)
    assert not group.is_same(picked, sure.model_copy(update={"same": ""}))


def test_a_start_asks_once_for_all_whose_sessions_may_be_in_use_elsewhere(t: Texts) -> None:
    found = candidates(["STOPPED"] * 3)
    marked = [replace(each, is_elsewhere=each.id < 3) for each in found]
    picked = Picked.of(GroupAct.START, marked)
    view = group.ask(t, picked, OnList(), "", per_second=50)
    assert "The sessions of 2 of them may be in use elsewhere" in view.text
    sure, others, _ = [OnGroup.unpack(d) for d in data(view)]
    assert (others.act, picked.ordered) == (GroupAct.START, [3])
    assert sure.act is GroupAct.START_SURE
    confirmed = Picked.of(sure.act, marked)
    assert confirmed.ordered == [1, 2, 3]
    assert group.is_same(confirmed, sure)
    # One that was exported since was not asked about.
    since = [replace(each, is_elsewhere=True) for each in marked]
    assert not group.is_same(Picked.of(sure.act, since), sure)
    only = group.ask(t, Picked.of(GroupAct.START, since), OnList(), "", per_second=50)
    sure, _ = [OnGroup.unpack(d) for d in data(only)]
    assert sure.act is GroupAct.START_SURE


def test_where_an_act_changes_nothing_there_is_nothing_to_confirm(t: Texts) -> None:
    picked = Picked.of(GroupAct.START, candidates(["ONLINE"] * 3))
    view = group.ask(t, picked, OnList(), "", per_second=50)
    assert "none of these 3 accounts" in view.text
    assert [OnGroup.unpack(d).step for d in data(view)] == [GroupStep.CHOOSE]


def test_a_move_warns_and_names_the_proxy(t: Texts) -> None:
    proxy = Proxy(3, Endpoint("socks5", "203.0.113.9", 1080), NOW, None, 4)
    picked = Picked.of(GroupAct.MOVE, candidates(["ONLINE"] * 3))
    where = group.where(t, picked, TAGGED, [proxy], capacity=5, page=-1)
    assert OnGroup.unpack(data(where)[1]).to == 3
    view = group.ask_move(t, picked, TAGGED, proxy, capacity=5, per_second=50)
    assert "Move 3 accounts to 203.0.113.9:1080?" in view.text
    assert "carries 7 then; 5" in view.text
    sure = OnGroup.unpack(data(view)[0])
    assert (sure.step, sure.to, sure.same) == (GroupStep.NOW, 3, picked.digest)
    nowhere = group.where(t, picked, TAGGED, [], capacity=5, page=0)
    assert Go(room=Room.ADD_PROXY).pack() in data(nowhere)


def test_a_round_tells_how_far_it_is_and_at_last_what_failed_and_why(t: Texts) -> None:
    well: dict[str, object] = {"state": "ONLINE", "reason": ""}
    parts = [
        Part(1, well),
        Part(2, {"error": "flood", "seconds": 9}),
        Part(3, {"error": "flood", "seconds": 99}),
        Part(4, {"state": "RETRYING", "reason": "<b>refused</b>"}),
        Part(5, {"error": "never heard of"}),
        Part(6, None),
    ]
    running = rounds.progress(t, Round(9, "reconnect", parts), TAGGED)
    assert "Reconnecting</b>: 5 of 6 done" in running.text
    assert [OnRound.unpack(d).id for d in data(running)[:1]] == [9]
    over = rounds.progress(t, Round(9, "reconnect", [*parts[:5], Part(6, well)]), TAGGED)
    assert over.text.splitlines() == [
        "🔌 <b>Reconnected 2 of 6</b>",
        "❌ 2: Telegram asks them to wait; they connect by themselves then – /a2 /a3",  # noqa: RUF001
        "❌ 1: not connected: &lt;b&gt;refused&lt;/b&gt; – /a4",  # noqa: RUF001
        "❌ 1: something went wrong on my side; it is in the log – /a5",  # noqa: RUF001
    ]
    assert data(over) == [TAGGED.pack()]


@pytest.mark.parametrize("kind", ["start", "stop"])
def test_a_round_of_thousands_with_reasons_of_any_length_fits_into_a_message(
    t: Texts, kind: str
) -> None:
    errors = ["flood", "parked", "unknown_account", "not_closed", "interrupted", "overtaken", "x"]
    parts = [Part(10**6 + n, {"error": errors[n % 7]}) for n in range(3000)]
    view = rounds.progress(t, Round(1, kind, parts), TAGGED, is_late=True)
    assert len(view.text) < 4096
    assert "for other reasons" in view.text
    reasons = [Part(n, {"state": "FAILED", "reason": f"{n}" * 900}) for n in range(3000)]
    assert len(rounds.progress(t, Round(1, "reconnect", reasons), TAGGED).text) < 4096


def test_what_became_of_tags_is_counted(t: Texts) -> None:
    done = [("-old", Tagged((1,), (2, 3))), ("shop", Tagged((1, 2), (3,), (4, 5)))]
    assert group.tagged(t, done, TAGGED).text.splitlines() == [
        "🏷 <b>old</b>: taken off 1; 2 did not have it",
        "🏷 <b>shop</b>: given to 2; 1 had it already; 2 bear 10 already, and more do not fit: /a4 /a5",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Ann\n Smith ", "Ann Smith"), ("", ""), ("x" * 65, ""), ("x" * 64, "x" * 64),
        ("\u202e", ""), ("\u200fann\u200e", "ann"), ("<b>", "<b>"),
    ],
)  # fmt: skip
def test_a_search_is_one_line_without_what_can_not_be_seen(text: str, words: str) -> None:
    assert plain(text) == words


def test_a_button_opens_a_card(t: Texts) -> None:
    assert data(one(t, ANN))[0] == OnAccount(act=AccountAct.SHOW, id=7).pack()
