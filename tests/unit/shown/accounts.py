"""An account alone: its card, its settings, and how it leaves."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from bot.callbacks import AccountAct, Trait
from bot.lately import Lately
from bot.views import account_settings, accounts, exporting, importing, leaving, messages, why
from bot.views.view import View, rows
from storage.account import Desired, Freeze
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.test_views import account, entry, facts
from userbot import elsewhere, plan
from userbot.elsewhere import Elsewhere

NAME = accounts.name(ANN)
SOON = NOW + timedelta(minutes=5)
NAMED = replace(ANN, label="Berlin shop", tags=("de", "shop"), country="de", importance=5)
DOWN = account(7, "RETRYING", attempt=3, reason="the proxy does not answer", retry_at=SOON)
FROZEN = replace(
    account(7, "ONLINE", is_frozen=True),
    freeze=Freeze(NOW - timedelta(days=2), NOW + timedelta(days=5), "https://t.me/spambot"),
)
LATELY = Lately(
    0.998,
    0.95,
    [
        entry("state.online", proxy="203.0.113.7:1080", latency_ms=38),
        entry("reconnect.forced", actor="operator 123"),
    ],
)
UNCONFIRMED = View(T("start-unconfirmed"), rows([leaving.to_card(T, 7)]))
ASLEEP = account(7, "STOPPED", reason=plan.ASLEEP)
IMPORTED = replace(
    account(7, "STOPPED", reason=elsewhere.REASONS[Elsewhere.IMPORTED]),
    desired=Desired.STOP,
    elsewhere=Elsewhere.IMPORTED,
)
NOT_REACHED = account(7, "NEEDS_LOGIN", reason="the session has expired")


def message(**changed: object) -> dict[str, Any]:
    plain = {"chat": "Bob", "from": "", "out": False, "text": "hello", "media": ""}
    return {**plain, "at": NOW.isoformat(), **changed}


MESSAGES = {
    "messages": [
        message(out=True, text="On my way."),
        message(chat="Crew", **{"from": "Eve <3"}, media="photo"),
        message(text=""),
    ]
}

CASES = [
    case("connected", accounts.card, T, ANN, now=NOW, attempts=10),
    case(
        "all that can be known, with the whole number",
        accounts.card,
        T,
        replace(NAMED, proxy_country="nl"),
        now=NOW,
        attempts=10,
        show_phone=True,
        facts=facts(),
        lately=LATELY,
    ),
    case("trying again", accounts.card, T, DOWN, now=NOW, attempts=10),
    case("needs a login", accounts.card, T, NOT_REACHED, now=NOW, attempts=10),
    case("frozen", accounts.card, T, FROZEN, now=NOW, attempts=10),
    case("stopped", accounts.card, T, account(7, "STOPPED"), now=NOW, attempts=10),
    case("asleep", accounts.card, T, ASLEEP, now=NOW, attempts=10),
    case("imported, and unconfirmed", accounts.card, T, IMPORTED, now=NOW, attempts=10),
    case("banned", accounts.card, T, account(7, "BANNED"), now=NOW, attempts=10),
    case("nothing is set", account_settings.shown, T, ANN, NAME),
    case("all is set", account_settings.shown, T, NAMED, NAME, told=T("cancelled")),
    *(
        case(f"of the {trait}", account_settings.ask, T, NAMED, NAME, trait, ["de", "nl", "us"])
        for trait in (Trait.LABEL, Trait.TAGS, Trait.COUNTRY, Trait.IMPORTANCE)
    ),
    case("of an account that may never log in again", exporting.ask, T, ANN, NAME, 12),
    case("for the passphrase", exporting.again, T, 7, T("cancelled")),
    case("with its reason", exporting.refused, T, 7, "it is not stopped"),
    case("with what to do", exporting.done, T, 7, NAME),
    case("first question", importing.ask_phone, T),
    case("second question", importing.ask_session, T),
    case("with its reason", importing.refused, T, "it is no session of Telethon"),
    case("file", importing.too_big, T),
    case("is here already", importing.known, T, 7, NAME),
    case("asks whether anything else uses it", importing.imported, T, 7, NAME, "203.0.113.7:1080"),
    case("stopped", importing.kept, T, account(7, "STOPPED"), NAME),
    case("the rarer acts", leaving.more, T, ANN),
    *(
        case(f"of {act}", leaving.ask, T, ANN, act)
        for act in (AccountAct.STOP, AccountAct.FORGET, AccountAct.LOG_OUT)
    ),
    case(
        "of a number that can be used again",
        leaving.ask,
        T,
        replace(ANN, one_time_phone=False),
        AccountAct.STOP,
    ),
    *(
        case(f"{where}, {how}", leaving.ask_label, T, one, is_group=where == "in a group")
        for how, one in (("by its label", NAMED), ("by its number", ANN))
        for where in ("alone", "in a group")
    ),
    case("typed", leaving.wrong_label, T, NAMED),
    case("stopped", leaving.not_connected, T, account(7, "STOPPED"), T("state-STOPPED")),
    case("needs a login", leaving.not_connected, T, NOT_REACHED, T("state-NEEDS_LOGIN")),
    case("of what may run elsewhere", leaving.confirm_start, T, 7, UNCONFIRMED),
    case("just now", leaving.forgotten, T, 7, NAME),
    case("some time ago", leaving.was_forgotten, T, 7, NAME),
    case("at Telegram, too", leaving.logged_out, T, NAME),
    case("as long as it takes", messages.reading, T, ANN),
    case("the newest first", messages.shown, T, ANN, MESSAGES, UTC),
    case("none", messages.shown, T, ANN, {"messages": []}, UTC),
    case("nobody answered", messages.failed, T, ANN, None, "connected"),
    *(
        case(error, messages.failed, T, ANN, {"error": error, "seconds": 70, "words": "no"}, "stopped")
        for error in ("not_connected", "flood", "lost", "refused", "internal")
    ),
    case(
        "down, with what happened",
        why.why,
        T,
        replace(facts(), account=DOWN),
        [
            entry("state.retrying", "cut", proxy="203.0.113.7:1080", **{"from": "ONLINE"}),
            entry("reconnect.forced", actor="operator 123"),
        ],
        now=NOW,
        attempts=10,
    ),
    case("asleep", why.why, T, replace(facts(), account=ASLEEP), [], now=NOW, attempts=10),
    case("connected, and nothing happened", why.why, T, facts(), [], now=NOW, attempts=10),
]  # fmt: skip
