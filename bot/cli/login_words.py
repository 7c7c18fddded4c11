"""What a login says in a terminal: the chat's words, without its buttons and its HTML. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from bot.cli.tables import printable
from bot.doctor.machine import span
from bot.texts import Texts

_TAG = re.compile(r"</?[a-z][^>]*>")
_OURS = {
    "code_invalid": "That was not the code.",
    "password_invalid": "That was not the password.",
    "password_changed": "The password was changed just now.",
    "code_expired": "That code has expired.",
    "interrupted": "This login was interrupted, as by a restart.",
    "already_enrolled": "Not logged in: the number is enrolled already, as #{account}.",
    "no_proxy": "Not logged in: no proxy works and has room for one more account. Add one first: "
    "mooring proxies add LINE",
    "same_user": "Not logged in: that number is of the same Telegram account as #{account}.",
}
"""Where the chat's words speak of its buttons."""


_WAYS = {
    "word": "Telegram sent a word by SMS.",
    "phrase": "Telegram sent some words by SMS; type them with the spaces between.",
}
"""Where the chat's keys take digits only."""


def where(sent: Mapping[str, Any]) -> str:
    """Which way the code went."""
    via = str(sent.get("via", "other"))
    words = _WAYS.get(via) or _said(f"login-via-{via}", sent) or "Telegram sent a code."
    place = str(sent.get("url") or "") if via == "fragment" else ""
    length = f"It has {sent['length']} digits." if sent.get("length") else ""
    return plain(" ".join(filter(None, (words, place, length))))


def too_early_s(sent: Mapping[str, Any], now: datetime) -> int:
    """How many seconds it takes until the code may be sent another way; 0: it may."""
    try:
        may_at = datetime.fromisoformat(str(sent["resend_at"]))
    except (KeyError, ValueError):
        return 0
    return max(0, math.ceil((may_at - now).total_seconds()))


def hint(asked: Mapping[str, Any]) -> str:
    """The password's hint, where there is one."""
    return f" (hint: {plain(str(asked['hint']))})" if asked.get("hint") else ""


def error(outcome: Mapping[str, Any]) -> str:
    """Why a step failed."""
    kind = str(outcome["error"])
    if ours := _OURS.get(kind):
        return ours.format(account=outcome.get("account"))
    said = _said(f"login-error-{kind}", outcome)
    return said or f"Not logged in: the Mooring that runs says {kind}."


def plain(text: str) -> str:
    """One line without tags, escapes, and what would move the cursor."""
    return printable(" ".join(unescape(_TAG.sub("", text)).split()))


def _said(key: str, facts: Mapping[str, Any]) -> str:
    """The chat's message; empty where it has none that these facts fill."""
    given = {name: value for name, value in facts.items() if isinstance(value, str | int | float)}
    named = f"#{facts['account']}" if facts.get("account") else "it"
    defaults: dict[str, Any] = {"where": "", "url": "", "words": "", "length": 0}
    shown = (
        defaults
        | given
        | {
            "account": named,
            "age": span(timedelta(seconds=int(facts.get("seconds") or 0))),
        }
    )
    try:
        return plain(Texts()(key, **shown))
    except Exception:  # noqa: BLE001 - Fluent raises many; another text is better than none
        return ""
