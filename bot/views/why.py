"""Why an account is as it is: what happened to it, in plain words, and what comes next."""

from collections.abc import Sequence
from datetime import datetime

from bot.callbacks import AccountAct, OnAccount
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.leaving import to_card
from bot.views.view import Button, View, due, lines, rows
from storage.journal import Entry
from userbot.facts import Facts
from userbot.states import State

MOST = 20
LONGEST_CAUSE = 90
LONGEST_WAY = 50

_WORDS = {
    "state.online": "why-online",
    "state.waiting": "why-waiting",
    "state.needs_login": "why-needs-login",
    "state.banned": "why-banned",
    "state.failed": "why-failed",
    "state.stopped": "why-stopped",
    "account.started": "why-ordered-start",
    "account.stopped": "why-ordered-stop",
    "account.forgotten": "why-forgotten",
    "account.restored": "why-restored",
    "account.log_out": "why-log-out",
    "account.logged_out": "why-logged-out",
    "account.imported": "why-imported",
    "account.exported": "why-exported",
    "enrolment.begun": "why-login-begun",
    "enrolment.done": "why-login-done",
    "reconnect.forced": "why-ordered-reconnect",
    "monitor.mended": "why-mended",
    "proxy.moved": "why-proxy-moved",
}
_RETRYING = {"ONLINE": "why-dropped", "CONNECTING": "why-attempt-failed"}
"""What a new pause means, by the state before."""
_NEXT = {
    State.NEW: "next-NEW",
    State.CONNECTING: "next-CONNECTING",
    State.ONLINE: "next-ONLINE",
    State.RETRYING: "next-RETRYING",
    State.WAITING: "next-WAITING",
    State.NEEDS_LOGIN: "next-NEEDS_LOGIN",
    State.BANNED: "next-BANNED",
    State.FAILED: "next-FAILED",
    State.STOPPED: "next-STOPPED",
}


def why(
    t: Texts, facts: Facts, happened: Sequence[Entry], *, now: datetime, attempts: int
) -> View:
    """The account now, its next step, and the last 20 things that happened to it."""
    account = facts.account
    head = t(
        "why",
        light=account_views.light(account),
        account=account_views.name(account),
        state=account_views.state_in_words(t, account, now, attempts),
        reason=account_views.reason_in_words(t, account),
        line=account_views.line_in_words(t, facts, now),
        proxy=account.proxy_name or t("account-no-proxy"),
        next=_next(t, facts, now, attempts),
    )
    told = [_line(t, entry) for entry in happened if _is_told(entry)][:MOST]
    refresh: Button = (t("button-refresh"), OnAccount(act=AccountAct.WHY, id=account.id))
    keyboard = rows([refresh], [to_card(t, account.id)])
    return View(lines([head, *(told or [t("why-nothing")])]), keyboard)


def _next(t: Texts, facts: Facts, now: datetime, attempts: int) -> Html:
    seen = facts.account.observed
    key = _NEXT[facts.state]
    if account_views.waits_for_operator(facts.account):
        key = "next-FAILED-for-good"
    return t(key, attempt=seen.attempt, attempts=attempts, due=due(t, seen.retry_at, now))


def _is_told(entry: Entry) -> bool:
    """That an attempt began says nothing that its end does not."""
    return entry.kind != "state.connecting"


def _line(t: Texts, entry: Entry) -> Html:
    return t(
        "why-line",
        at=f"{entry.at:%d.%m. %H:%M:%S}",
        what=_what(t, entry),
        cause=_cause(t, entry),
        by="" if entry.actor == "mooring" else t("why-by", who=entry.actor),
    )


def _what(t: Texts, entry: Entry) -> Html | str:
    if entry.kind == "state.retrying":
        return t(_RETRYING.get(str(entry.data.get("from")), "why-again"))
    key = _WORDS.get(entry.kind)
    return t(key) if key else entry.kind


def _cause(t: Texts, entry: Entry) -> Html:
    """Why, and over what, as far as the journal has it."""
    words = _cut(entry.cause, LONGEST_CAUSE)
    latency = entry.data.get("latency_ms")
    over = [str(entry.data.get("proxy") or ""), f"{latency} ms" if latency else ""]
    via = _cut(", ".join(part for part in over if part), LONGEST_WAY)
    told = t("why-cause", cause=words) if words else ""
    return Html(told + (t("why-via", via=via) if via else ""))


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[:longest] + "…"
