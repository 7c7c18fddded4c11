"""Proxies as operators see them: lists, cards, questions, and what they cost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.callbacks import Go, MoveStep, Moving, OnMove, OnProxy, ProxyAct, Room
from bot.costs import Costs, Group
from bot.prices import BadCost, CostFlaw, parse_cost
from bot.proxy_adding import Added, New
from bot.proxy_desk import Dossier, Return
from bot.texts import Texts
from bot.views import costs as cost_views
from bot.views import login, overview
from bot.views.proxies import acts, adding, card, leasing, listing, moving, words
from bot.views.proxies.moving import Move
from storage.proxies import Cost, Endpoint, Health, Kind, Lease, Proxy
from storage.proxy_checks import Record
from storage.recovery_rates import Rates
from tests.unit.ann import ANN, NOW
from tests.unit.situations import situation
from tests.unit.test_views import NASTY, Shown, data, labels
from userbot.proxies import parse_many
from userbot.proxies.causes import Cause
from userbot.proxies.flaws import Flaw
from userbot.proxies.lines import Bad

WELL = Proxy(
    id=7,
    endpoint=Endpoint("socks5", "203.0.113.7", 1080, "moor", "s3cret"),
    added_at=NOW - timedelta(days=9),
    retired_at=None,
    accounts=2,
    country="de",
    first_exit="de",
    exit_country="de",
    health=Health(NOW - timedelta(seconds=40), "", 38),
    cost=Cost(1250, NOW + timedelta(days=30)),
    bytes_up=1_234_567,
    bytes_down=999,
)
SICK = replace(WELL, health=Health(NOW, Cause.REFUSED, None))
NEW = replace(WELL, health=None)
UNKNOWN = replace(SICK, is_guess=True, accounts=0)
TWIN = replace(WELL, is_guess=True, accounts=0)
LEASED = replace(WELL, kind=Kind.LEASED, lease=Lease("brightdata", "1.2.3.4"))
RELEASING = replace(
    LEASED, lease=Lease("brightdata", "1.2.3.4", release_at=NOW + timedelta(minutes=43))
)
GONE = replace(LEASED, lease=Lease("brightdata", "1.2.3.4", released_at=NOW), retired_at=NOW)
RETIRED = replace(WELL, retired_at=NOW)
EVERY = (WELL, SICK, NEW, UNKNOWN, TWIN, LEASED, RELEASING, GONE, RETIRED)


def dossier(proxy: Proxy, *, day: Record | None = None, week: Record | None = None) -> Dossier:
    return Dossier(proxy, [ANN][: proxy.accounts], day, week, NOW)


def acts_of(proxy: Proxy, t: Texts) -> set[str]:
    shown = data(card.card(t, dossier(proxy), capacity=5))
    return {OnProxy.unpack(d).act for d in shown if d.startswith("p:")}


def test_a_card_reads_so(t: Texts) -> None:
    seen = dossier(WELL, day=Record(144, 143, 41), week=Record(1000, 1000, 45))
    assert card.card(t, seen, capacity=5).text == (
        "🟢 <b>203.0.113.7:1080</b>\n"
        "SOCKS5, static, login moor\n"
        "It works: 38 ms, checked 40 s ago.\n"
        "Checks that went well: 99.3 % in 24 h, 100 % in 7 days; 41 ms on average\n"
        "Country: DE, Telegram sees it in DE\n"
        "2/5 accounts: #7 Ann ••00 and 1 more\n"
        "Traffic: 1.2 MB up, 999 B down\n"
        "Price: 12.50 a month, paid until 2026-03-31\n"
        "Here since 2026-02-20"
    )
    assert labels(card.card(t, seen, capacity=5)) == [
        ["🔄 Check", "✏️ Change address"],
        ["🚚 Move all 2 accounts…"],
        ["💶 Price", "🌍 Country"],
        ["Static or rotating", "✖️ Remove…"],
        ["‹ Proxies"],  # noqa: RUF001 - the text has it
    ]


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        (SICK, ["🔴", "It does not work: the proxy refuses connections", "It is kept"]),
        (NEW, ["🟡", "Not checked yet"]),
        (UNKNOWN, ["🔴", "protocol not known yet", "Neither as SOCKS5 nor as HTTP"]),
        (TWIN, ["🔴", "the same proxy as another entry"]),
        (RELEASING, ["⏳", "It goes back to its provider in 43 min 0 s"]),
        (GONE, ["⚪", "The provider has it back"]),
        (RETIRED, ["⚪", "those that have it keep it"]),
        (replace(WELL, kind=Kind.ROTATING), ["rotating: the exit address may change"]),
        (replace(WELL, exit_country="fr"), ["⚠️ Telegram sees it in FR now, at first it was DE"]),
        (replace(WELL, accounts=5), ["⚠️ 5/5 accounts: "]),
        (replace(WELL, cost=Cost()), ["Price: not given"]),
        (replace(WELL, health=Health(NOW, "unheard of", None)), ["does not work: unheard of."]),
    ],
)
def test_a_card_says_what_matters(t: Texts, proxy: Proxy, told: list[str]) -> None:
    text = card.card(t, dossier(proxy), capacity=5).text
    for part in told:
        assert part in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    ("proxy", "more", "fewer"),
    [
        (WELL, {"remove", "kind"}, {"socks5", "release", "keep", "use"}),
        (UNKNOWN, {"socks5", "http"}, set()),
        (TWIN, {"remove"}, {"socks5"}),
        (LEASED, {"release", "remove"}, {"kind", "keep"}),
        (RELEASING, {"keep"}, {"release", "remove", "kind"}),
        (GONE, {"price"}, {"use", "check", "change", "release", "keep"}),
        (RETIRED, {"use"}, {"remove"}),
    ],
)
def test_a_card_offers_what_can_be_done(
    t: Texts, proxy: Proxy, more: set[str], fewer: set[str]
) -> None:
    offered = acts_of(proxy, t)
    assert more <= offered
    assert not fewer & offered


def test_the_list_tells_each_proxys_standing_and_leads_to_its_card(t: Texts) -> None:
    found = [replace(p, id=n) for n, p in enumerate((WELL, SICK, NEW, RETIRED), start=1)]
    view = listing.listing(t, found, capacity=2)
    assert view.text.splitlines() == [
        "<b>Proxies</b>: 4, 1 in trouble",
        "🟢 203.0.113.7:1080 – static DE, ⚠️ 2/2 accounts, 38 ms",  # noqa: RUF001 - the text has it
        f"🔴 203.0.113.7:1080 – static DE, ⚠️ 2/2 accounts, {Cause.REFUSED.words}",  # noqa: RUF001 - the text has it
        "🟡 203.0.113.7:1080 – static DE, ⚠️ 2/2 accounts, not checked yet",  # noqa: RUF001 - the text has it
        "⚪ 203.0.113.7:1080 – no new accounts; static DE, ⚠️ 2/2 accounts, 38 ms",  # noqa: RUF001 - the text has it
    ]
    opened = [OnProxy.unpack(d).id for d in data(view) if d.startswith("p:")]
    assert opened == [1, 2, 3, 4]
    rooms = {Go.unpack(d).room for d in data(view) if d.startswith("go:")}
    assert rooms == {Room.ADD_PROXY, Room.CHECK_PROXIES, Room.SICK_PROXIES, Room.COSTS, Room.HOME}
    sick = listing.listing(t, found, capacity=2, room=Room.SICK_PROXIES)
    assert [OnProxy.unpack(d).id for d in data(sick) if d.startswith("p:")] == [2]
    assert Go(room=Room.PROXIES).pack() in data(sick)


@pytest.mark.parametrize("page", [-1, 0, 1, 99])
def test_the_list_has_pages_with_edges(t: Texts, page: int) -> None:
    found = [replace(WELL, id=n) for n in range(1, 12)]
    view = listing.listing(t, found, capacity=5, page=page)
    opened = [OnProxy.unpack(d).id for d in data(view) if d.startswith("p:")]
    assert opened == (list(range(1, 9)) if page < 1 else [9, 10, 11])


def test_long_host_names_are_cut_so_that_a_page_fits_into_a_message(t: Texts) -> None:
    host = f"{'h' * 63}.{'o' * 63}.{'s' * 63}.{'t' * 50}"
    long = replace(SICK, endpoint=Endpoint("socks5", host, 10800), accounts=5)
    found = [replace(long, health=Health(NOW, Cause.SECRET_REFUSED, None), id=n) for n in range(9)]
    view = listing.listing(t, found, capacity=5)
    assert len(view.text) <= 4096
    assert f"{'h' * 40}…" in view.text
    assert "t:10800" in view.text


@pytest.mark.parametrize(
    ("sick", "words"),
    [
        (0, "All is well."),
        (1, "🔴 One proxy is in trouble."),
        (2, "🔴 2 proxies are in trouble."),
    ],
)
def test_the_status_tells_of_proxies_in_trouble(t: Texts, sick: int, words: str) -> None:
    text = overview.status(t, situation([ANN], now=NOW, sick_proxies=sick), attempts=10).text
    assert words in text
    assert ("All is well" in text) == ("trouble" not in text)


def test_every_button_about_proxies_fits_into_what_telegram_carries() -> None:
    largest = 10**18
    for act in ProxyAct:
        assert len(OnProxy(act=act, id=largest).pack().encode()) <= 64
    for step in MoveStep:
        packed = OnMove(step=step, who=Moving.ALL, id=10**15, to=10**15, page=10**6).pack()
        assert len(packed.encode()) <= 64


def added(text: str, found: list[Proxy]) -> Added:
    parsing = parse_many(text)
    new = [
        New(good.line, proxy.id, good.parsed.endpoint)
        for good, proxy in zip(parsing.good, found, strict=False)
    ]
    return Added(new, parsing.good[len(new) :], parsing.bad, parsing.duplicates)


def test_an_answer_follows_the_checks(t: Texts) -> None:
    text = "203.0.113.7:1080\n203.0.113.8:1080\nwrong\n203.0.113.7:1080\n203.0.113.9:1080"
    found = [replace(NEW, id=1), replace(NEW, id=2)]
    kept = added(text, found)
    assert adding.answer(t, kept, found).text.splitlines() == [
        "Added 2 proxies.",
        "Checked 0 of 2: 0 work",
        "Line 3: the port is missing.",
        "Line 5: 203.0.113.9:1080 is there already; nothing was changed.",
        "Line 4 names the proxy of line 1 again.",
    ]
    half = [replace(WELL, id=1), replace(NEW, id=2)]
    assert "Checked 1 of 2: 1 works" in adding.answer(t, kept, half).text
    assert not adding.is_checked(kept, half)
    late = adding.answer(t, kept, half, is_late=True).text
    assert "I am still checking the others" in late
    done = [replace(WELL, id=1), replace(SICK, id=2)]
    assert adding.is_checked(kept, done)
    text = adding.answer(t, kept, done).text
    assert "Checked all 2: 1 works" in text
    assert "🔴 203.0.113.7:1080 – the proxy refuses connections" in text  # noqa: RUF001 - the text has it


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        (NEW, "Checking it …"),
        (WELL, "It works: 38 ms."),
        (SICK, "It does not work: the proxy refuses connections"),
        (UNKNOWN, "Neither as SOCKS5 nor as HTTP did it answer"),
        (TWIN, "the same proxy as another entry"),
    ],
)
def test_the_answer_to_one_line_says_what_its_check_found(
    t: Texts, proxy: Proxy, told: str
) -> None:
    view = adding.answer(t, added("203.0.113.7:1080", [proxy]), [proxy])
    assert view.text.startswith("Added 203.0.113.7:1080.\n")
    assert told in view.text
    assert OnProxy(act=ProxyAct.SHOW, id=7).pack() in data(view)
    # Where it says “press it below”, it is below.
    asked = "press it below" in view.text
    assert (labels(view)[0] == ["It is SOCKS5", "It is HTTP"]) == asked


def test_ten_thousand_bad_lines_are_counted_and_fit_into_a_message(t: Texts) -> None:
    bad = [Bad(n, Flaw.FORM) for n in range(1, 10_000)]
    text = "\n".join(f"proxy-{n}.a-rather-long-host-name.example.com:1080" for n in range(3000))
    found = [replace(SICK, id=n) for n in range(1, 1500)]
    kept = replace(added(text, found), bad=bad)
    for view in (
        adding.answer(t, kept, found, is_late=True, is_message_kept=True),
        adding.only_bad(t, replace(kept, new=(), known=()), is_message_kept=True),
    ):
        assert len(view.text) <= 4096
        assert "more." in view.text


def test_what_is_asked_before_a_proxy_goes_says_what_happens_to_its_accounts(t: Texts) -> None:
    assert "No account has it" in acts.remove(t, UNKNOWN).text
    assert "2 accounts have it and keep it" in acts.remove(t, WELL).text
    needed = acts.release(t, LEASED, 2)
    assert "would lose their address. Move them first" in needed.text
    assert ProxyAct.RELEASE_NOW not in {d.split(":")[1] for d in data(needed)}
    free = acts.release(t, LEASED, 0)
    assert "the address is lost" in free.text
    assert OnProxy(act=ProxyAct.RELEASE_NOW, id=7).pack() in data(free)


def test_a_refused_address_can_be_taken_all_the_same(t: Texts) -> None:
    view = acts.does_not_work(t, WELL, "203.0.113.9:1080", Cause.LOGIN_REJECTED.words)
    assert "the proxy rejected the user name or the password" in view.text
    assert "Its 2 accounts stay where they are" in view.text
    wanted = {ProxyAct.FORCE, ProxyAct.CHANGE, ProxyAct.SHOW}
    assert {OnProxy.unpack(d).act for d in data(view)} == wanted


def test_accounts_that_come_back_are_counted_and_the_others_named(t: Texts) -> None:
    button = card.to_card(t, 7)
    told = t("saved")
    view = acts.returning(t, told, Return(9, 12), 0, button)
    assert view.text == "Saved.\n9 of 12 connected"
    late = acts.returning(t, told, Return(9, 12), 1, button, is_late=True)
    assert "One more does not connect by itself" in late.text
    assert "The others go on trying" in late.text
    assert acts.returning(t, told, Return(0, 0), 0, button).text == "Saved."


def test_a_move_warns_of_the_country_of_trouble_and_of_the_load(t: Texts) -> None:
    move = Move(Moving.ALL, 7, "203.0.113.7:1080", 2, WELL)
    other = replace(SICK, id=8, country="us", accounts=4)
    text = moving.ask(t, move, other, capacity=5).text
    assert "Move all 2 accounts of 203.0.113.7:1080" in text
    assert "It leaves DE and comes from US then" in text
    assert "That one is in trouble: the proxy refuses" in text
    assert "carries 6 then; 5 is what it should" in text
    plain = moving.ask(t, move, replace(WELL, id=9, accounts=0), capacity=5).text
    assert "⚠️" not in plain
    assert "the least loaded of the others" in moving.ask(t, move, None, capacity=5).text


def test_where_to_move_is_paged_with_the_sick_ones_last(t: Texts) -> None:
    move = Move(Moving.ONE, 3, "#3 Ann", 1, WELL)
    found = [replace(SICK, id=1, accounts=0), *(replace(WELL, id=n) for n in range(2, 12))]
    first = moving.choose(t, move, found, capacity=5, page=0)
    pressed = [OnMove.unpack(d) for d in data(first) if d.startswith("m:")]
    assert [p.to for p in pressed] == [0, *range(2, 10), 0]
    assert pressed[-1].page == 1
    last = moving.choose(t, move, found, capacity=5, page=9)
    assert [OnMove.unpack(d).to for d in data(last) if d.startswith("m:")] == [0, 10, 11, 1, 0]
    nowhere = moving.choose(t, move, [], capacity=5, page=0)
    assert Go(room=Room.ADD_PROXY).pack() in data(nowhere)


def test_a_hostile_name_stays_text_wherever_a_proxy_is_shown(t: Texts) -> None:
    nasty = replace(WELL, endpoint=Endpoint("socks5", NASTY, 1, NASTY * 50, "x"))
    move = Move(Moving.ALL, 7, nasty.endpoint.name, 1, nasty)
    kept = Added((New(1, 7, nasty.endpoint),), (), (), ())
    sick = replace(nasty, health=Health(NOW, NASTY, None))
    for view in (
        card.card(t, dossier(sick), capacity=5),
        listing.listing(t, [sick], capacity=5),
        acts.remove(t, nasty),
        acts.ask(t, nasty, ProxyAct.CHANGE),
        acts.does_not_work(t, nasty, nasty.endpoint.name, NASTY),
        moving.choose(t, move, [sick], capacity=5, page=0),
        moving.ask(t, move, sick, capacity=5),
        adding.answer(t, kept, [sick]),
        login.connecting(t, nasty, accounts=9, capacity=5),
        login.done(t, ANN, NASTY, nasty, capacity=1),
    ):
        shown = Shown(view.text)
        assert set(shown.tags) <= {"b", "i", "code"}
        assert NASTY in shown.text
        assert "&amp;amp;" not in view.text


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (10**7, "10.0 MB"), (10**16, "10000.0 TB")],
)
def test_bytes_are_told_in_the_unit_that_fits(count: int, told: str) -> None:
    assert words.size(count) == told


@pytest.mark.parametrize("proxy", EVERY)
def test_each_standing_has_a_light_and_words(t: Texts, proxy: Proxy) -> None:
    assert words.light(proxy) in {"🟢", "🟡", "🔴", "⚪", "⏳"}
    assert words.health(t, proxy)


@pytest.mark.parametrize(
    ("text", "cents", "until"),
    [
        ("12.50", 1250, None),
        (" 12,5 ", 1250, None),
        ("0", 0, None),
        ("12.50 2026-12-31", 1250, date(2026, 12, 31)),
        ("12.50 2026-03-01", 1250, date(2026, 3, 1)),
        ("-", None, None),
    ],
)
def test_a_price_and_a_day_are_read(text: str, cents: int | None, until: date | None) -> None:
    cost = parse_cost(text, NOW.date())
    assert cost.price_cents == cents
    assert (cost.paid_until.date() if cost.paid_until else None) == until


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", CostFlaw.FORM),
        ("- -", CostFlaw.AMOUNT),
        ("12.50 a month", CostFlaw.FORM),
        ("-5", CostFlaw.AMOUNT),
        ("1.234", CostFlaw.AMOUNT),
        ("nan", CostFlaw.AMOUNT),
        ("1e99", CostFlaw.AMOUNT),
        ("🙂", CostFlaw.AMOUNT),
        ("5 31.12.2026", CostFlaw.DATE),
        ("5 2026-02-30", CostFlaw.DATE),
        ("5 2026-02-28", CostFlaw.PAST),
    ],
)
def test_what_is_no_price_says_what_is_wrong(t: Texts, text: str, flaw: CostFlaw) -> None:
    with pytest.raises(BadCost) as caught:
        parse_cost(text, NOW.date())
    assert caught.value.flaw is flaw
    assert acts.bad_cost(t, flaw)


SPENT = Costs(
    active=2,
    idle=1,
    releasing=1,
    monthly_cents=3650,
    unpriced=1,
    by_country=[Group("de", 3, 2500), Group("", 1, 1150)],
    by_provider=[Group("", 3, 2500), Group("brightdata", 1, 1150)],
    bought=3,
    bought_cents=1080,
    today_cents=360,
    limit_cents=2000,
    rates=Rates(
        accounts=40,
        back=39,
        seconds=2.44,
        leased=20,
        reactivated=19,
        fallbacks=1,
        spent_cents=1080,
        saved_cents=5700,
    ),
)


@pytest.mark.req("S1.9")
def test_the_costs_read_so(t: Texts) -> None:
    view = cost_views.costs(t, SPENT)
    assert view.text == (
        "<b>Costs</b> of 4 proxies\n"
        "A month: 36.50; one has no price\n"
        "With accounts: 2 · idle: 1 · going back: 1\n"
        "<b>By country</b>\nDE – 3, 25.00 a month\nnot given – 1, 11.50 a month\n"  # noqa: RUF001 - the text has it
        "<b>By provider</b>\nyour own – 3, 25.00 a month\nbrightdata – 1, 11.50 a month\n"  # noqa: RUF001 - the text has it
        "Bought this month: 3 for 10.80\n"
        "Spent today: 3.60 of 20.00\n"
        "Starts this month: 39 of 40 accounts back, on average in 2.4 s\n"
        "Leased proxies: used again 95 %, in another country 5 %; 0.28 for each account that came "
        "back, 57.00 saved by using them again"
    )
    bare = cost_views.costs(t, replace(SPENT, rates=replace(SPENT.rates, leased=0))).text
    assert "Leased" not in bare
    fresh = cost_views.costs(t, replace(SPENT, rates=replace(SPENT.rates, accounts=0))).text
    assert "Starts this month" not in fresh
    unlimited = cost_views.costs(t, replace(SPENT, limit_cents=None)).text
    assert "DAILY_SPEND_LIMIT is not set, so nothing is bought" in unlimited
    many = [Group(f"{n}", n, n) for n in range(500)]
    full = replace(SPENT, by_country=many, by_provider=many)
    assert len(cost_views.costs(t, full).text) <= 4096


@pytest.mark.req("S1.6")
@pytest.mark.parametrize("error", leasing.IN_DOUBT)
@pytest.mark.parametrize("lost", [0, 7])
def test_while_a_purchase_may_have_been_made_nothing_invites_to_another(
    t: Texts, error: str, lost: int
) -> None:
    for view in (leasing.failed(t, lost, {"error": error}), leasing.late(t)):
        assert "may have been bought" in view.text
        assert data(view) == [Go(room=Room.PROXIES).pack()]


def test_a_word_that_is_no_country_is_answered_with_what_the_dialog_takes(t: Texts) -> None:
    again = leasing.no_country(t, 0)
    assert "<code>-</code>" not in again.text
    assert labels(again) == [["✖️ Cancel"]]
    # Nothing waits for letters any more: they would find nobody.
    assert "Send" not in leasing.failed(t, 0, {"error": "no_such_country"}).text
