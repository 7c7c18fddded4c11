"""What alerts say, and what is pressed on them."""

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.texts import Texts
from bot.times import clock, zone_of
from bot.views import about, muting, outages
from bot.views import alerts as views
from bot.views.alerts import Setting
from bot.views.outages import Outage
from bot.views.view import View
from storage.alert_switches import AlertKind
from storage.incidents import NETWORK, TELEGRAM, Ending, Incident
from storage.mutes import FOREVER
from storage.proxies import Endpoint, Health, Proxy
from tests.unit.ann import ANN
from tests.unit.test_alert_causes import BLOCKED, DROPPED, NOW, REJECTED, SILENT, alert
from userbot.proxies.causes import Cause

WORDS = Texts()
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
ON = Setting(WORDS, NOW, UTC, 10)
PROXY = Proxy(7, Endpoint("socks5", "10.0.0.1", 1080), NOW, None, 12)


def labels(view: View) -> list[str]:
    assert view.keyboard is not None
    return [button.text for row in view.keyboard.inline_keyboard for button in row]


def presses(view: View) -> list[str]:
    assert view.keyboard is not None
    return [button.callback_data or "" for row in view.keyboard.inline_keyboard for button in row]


def incident(
    number: int, cause: str = REJECTED, *, kind: str = "offline", ending: Ending | None = None
) -> Incident:
    return alert(number, cause, kind=kind, lasted_s=60, ending=ending).incident


def outage(*members: Incident, key: str = "proxy 7", proxy: Proxy | None = PROXY) -> Outage:
    return Outage(key, proxy if key == "proxy 7" else None, members)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("offline", ["🔌 Reconnect", "👤 Account", "🔕 Mute 8 h"]),
        ("failed", ["🔌 Reconnect", "👤 Account", "🔕 Mute 8 h"]),
        ("needs_login", ["🔑 Log in", "👤 Account"]),
        ("banned", ["👤 Account"]),
    ],
)
def test_every_alert_carries_what_mends_it_and_all_but_the_login_open_below(
    kind: str, shown: list[str]
) -> None:
    view = views.opened(ON, incident(7, kind=kind), ANN)
    assert labels(view) == shown
    below = [press for press in presses(view) if not press.startswith("a:login")]
    assert all(press.startswith("b^") for press in below)


def test_the_end_of_an_alert_has_no_buttons_and_says_how_long_it_was() -> None:
    view = views.over(ON, incident(7, "a <b>cause", ending=Ending.RECOVERED), ANN)
    assert view == View(
        "🟢 <b>#7 Ann ••00</b> is back: down 11:59 UTC → back 12:00 UTC, 1 min 0 s.\n"
        "It was: a &lt;b&gt;cause."
    )


def test_times_are_in_the_operators_zone_with_their_day_where_it_is_another() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert clock(NOW, NOW, berlin) == "13:00 CET"
    assert clock(NOW - timedelta(hours=14), NOW, berlin) == "2026-02-28 23:00 CET"
    assert clock(NOW, NOW, UTC) == "12:00 UTC"
    assert clock(NOW, NOW, ZoneInfo("America/Sao_Paulo")) == "09:00 UTC-03", "it has no letters"
    assert clock(NOW, NOW, zone_of("UTC+5:30")) == "17:30 UTC+5:30"


@pytest.mark.parametrize(
    ("found", "text", "shown"),
    [
        (
            outage(*(incident(n) for n in range(12))),
            (
                "🔴 Proxy <b>10.0.0.1:1080</b> rejects its password; "
                "12 accounts wait since 11:59 UTC.\n#0, #1, #2, #3, #4 and 7 more"
            ),
            [
                "✏️ Change password",
                "🔄 Check",
                "🚚 Move all 12 accounts…",
                "🔌 Reconnect all 12",
            ],
        ),
        (
            outage(incident(1, SILENT), incident(2, DROPPED), key=NETWORK),
            (
                f"🔴 No proxy can be reached from here: this machine{APOSTROPHE}s network is "
                "down, as it seems; 2 accounts wait since 11:59 UTC.\n#1, #2"
            ),
            ["🔌 Reconnect all 2", "🔄 Check all"],
        ),
        (
            outage(incident(1, BLOCKED), key=TELEGRAM),
            (
                f"🔴 Telegram can{APOSTROPHE}t be reached: {BLOCKED}; "
                "1 account waits since 11:59 UTC.\n#1"
            ),
            ["🔌 Reconnect it", "🔄 Check all"],
        ),
    ],
)
def test_an_outage_says_what_is_wrong_how_many_wait_and_what_helps(
    found: Outage, text: str, shown: list[str]
) -> None:
    view = outages.opened(ON, found, {})
    assert (view.text, labels(view)) == (text, shown)
    assert all(press.startswith("b^") for press in presses(view))


def test_what_a_check_of_the_proxy_found_says_more_than_dropped_lines() -> None:
    members = (incident(1, DROPPED), incident(2, DROPPED), incident(3, SILENT))
    assert outage(*members).words() == SILENT
    sick = replace(PROXY, health=Health(NOW, Cause.REFUSED.value, None))
    assert outage(*members, proxy=sick).words() == Cause.REFUSED.words
    stale = Health(NOW - timedelta(hours=1), Cause.REFUSED.value, None)
    assert outage(*members, proxy=replace(PROXY, health=stale)).words() == SILENT
    unknown = replace(PROXY, health=Health(NOW, "of another version", None))
    assert outage(*members, proxy=unknown).words() == SILENT


def test_an_account_that_fell_again_is_counted_once() -> None:
    again = replace(incident(9), account_id=1)
    found = outage(incident(1, ending=Ending.RECOVERED), incident(2), again)
    assert (len(found.waiting), found.back, len(found.latest)) == (2, 0, 2)


def test_the_end_of_an_outage_counts_who_came_back_and_who_did_not() -> None:
    over = outage(
        *(incident(n, ending=Ending.RECOVERED) for n in (1, 2)),
        incident(3, ending=Ending.STOPPED),
        incident(4, ending=Ending.TURNED),
    )
    assert outages.over(ON, over).text.splitlines()[1] == (
        "2 of 4 are back; 1 stopped by an operator; 1 needs an operator now, see its own alert."
    )
    nobody = outage(incident(1, ending=Ending.STOPPED))
    assert outages.over(ON, nobody).text.startswith("⚪")


def test_a_proxy_that_is_gone_is_named_as_it_was_stored_and_can_still_be_waited_for() -> None:
    view = outages.opened(ON, outage(incident(1), proxy=None), {})
    assert "Proxy <b>proxy 7</b> rejects its password" in view.text
    assert labels(view) == ["🔌 Reconnect it", "🔄 Check all"]


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_of_a_proxy_has_words_in_an_outage(cause: Cause) -> None:
    text = outages.opened(ON, outage(incident(1, cause.words)), {}).text
    is_named = cause is not Cause.UNSUPPORTED
    assert ("carries no connection" not in text) is is_named


def test_only_what_can_be_switched_has_a_switch() -> None:
    view = muting.switches(WORDS, {AlertKind.SPENDING})
    assert "🔒 Account banned: always, because nobody but you can mend it" in view.text
    assert "🔕 Spending limit: off" in view.text
    switchable = [kind for kind in AlertKind if not kind.is_fixed]
    assert len(labels(view)) == len(switchable) + 1
    assert "🔔 Spending limit" in labels(view)
    assert labels(view)[-1].endswith("Back")


def test_the_mute_of_an_account_says_until_when_and_that_an_important_one_breaks_through() -> None:
    def shown(*, hours: int | None = None, importance: int = 0) -> View:
        until = None if hours is None else FOREVER if hours < 0 else NOW + timedelta(hours=hours)
        account = replace(ANN, importance=importance)
        return muting.muting(WORDS, account, until, now=NOW, zone=UTC)

    assert "is not muted" in shown().text
    assert "🔔 Unmute" not in labels(shown())
    assert "is muted until 20:00 UTC" in shown(hours=8).text
    assert "until you end it" in shown(hours=-1).text
    assert "🔔 Unmute" in labels(shown(hours=8))
    assert "important account" in shown(importance=1).text
    assert labels(shown())[:4] == [
        "🔕 Mute 1 h",
        "🔕 Mute 8 h",
        "🔕 Mute 7 days",
        "🔕 Mute until I end it",
    ]


def test_an_alert_about_no_account_leads_below() -> None:
    found = replace(incident(1), account_id=None, kind="spending", subject="spending")
    assert presses(about.opened(WORDS, found, "spending")) == ["b^go:proxies:0"]
    lost = replace(found, kind="lease_lost", subject="proxy 7")
    assert presses(about.opened(WORDS, lost, "x")) == ["p:open:7"]
