"""Logging an account in, step by step, and all that can come between."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot import texts
from bot.views import accounts, login, login_errors
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.test_proxy_views import WELL

NAME = accounts.name(ANN)
DIALOG: dict[str, Any] = {
    "length": 5,
    "phone": "••00",
    "via": "app",
    "next": "sms",
    "resend_at": (NOW + timedelta(seconds=112)).isoformat(),
}
VIAS: dict[str, dict[str, Any]] = {
    "sms": {"next": "call", "resend_at": None},
    "call": {"next": None},
    "flash_call": {"where": "+4420*"},
    "missed_call": {"where": "+4420"},
    "email": {"where": "a***@example.org", "reset_s": 86400},
    "fragment": {"url": "https://fragment.com"},
    "word": {},
    "phrase": {},
    "other": {"length": 0},
}
ERRORS = re.findall(
    r"^login-error-([\w-]+)",
    (Path(texts.__file__).parent / "en" / "login.ftl").read_text(),
    re.MULTILINE,
)
FULL = replace(WELL, accounts=9)

CASES = [
    case("the ways", login.ask_phone, T),
    case("with its reason", login.bad_phone, T, "it is too short"),
    case("sent again", login.no_such_phone, T),
    case("sent to the app, two typed", login.keypad, T, 7, DIALOG, 2, NOW),
    *(
        case(f"sent by {via}", login.keypad, T, 7, {**DIALOG, "via": via, **more}, 0, NOW)
        for via, more in VIAS.items()
    ),
    case(
        "with all that Telegram tells",
        login.ask_password,
        T,
        7,
        {"phone": "••00", "hint": "a <pet>", "reset_s": 3600},
    ),
    case("after a scan", login.ask_password, T, 7, {}),
    case("through a proxy", login.connecting, T, WELL, accounts=3, capacity=5),
    case("through a full one", login.connecting, T, FULL, accounts=9, capacity=5),
    case("through none", login.connecting, T, None, accounts=0, capacity=5),
    case("to scan", login.picture, T, 7),
    case("on its proxy", login.done, T, ANN, NAME, WELL, capacity=5),
    case("on a full one", login.done, T, ANN, NAME, FULL, capacity=5),
    *(
        case(
            error,
            login_errors.error,
            T,
            {"error": error, "account": 7, "spare": 8, "seconds": 90, "words": "PHONE_ODD"},
            NAME,
            proxy_id=1,
        )
        for error in ERRORS
    ),
    *(
        case(f"{error}, of no account", login_errors.error, T, {"error": error}, "")
        for error in ("gone", "internal", "no_account", "no_connection", "restart")
    ),
    case("the new one", login_errors.discarded, T),
]
