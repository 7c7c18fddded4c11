"""Why an account is as it is: what happened to it, in plain words, and what comes next."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from bot.callbacks import AccountAct, OnAccount
from bot.texts import Html, Texts
from bot.times import moment, name_of
from bot.views import accounts as account_views
from bot.views import happened
from bot.views.leaving import to_card
from bot.views.view import Button, View, due, lines, rows
from storage.journal import Entry
from userbot.facts import Facts
from userbot.states import State

MOST = 20

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
    t: Texts,
    facts: Facts,
    entries: Sequence[Entry],
    *,
    now: datetime,
    attempts: int,
    zone: tzinfo = UTC,
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
        zone=name_of(zone),
    )
    told = [_line(t, entry, zone) for entry in entries if happened.is_told(entry)][:MOST]
    refresh: Button = (t("button-refresh"), OnAccount(act=AccountAct.WHY, id=account.id))
    keyboard = rows([refresh], [to_card(t, account.id)])
    return View(lines([head, *(told or [t("why-nothing")])]), keyboard)


def _next(t: Texts, facts: Facts, now: datetime, attempts: int) -> Html:
    seen = facts.account.observed
    key = _NEXT[facts.state]
    if account_views.waits_for_operator(facts.account):
        key = "next-FAILED-for-good"
    if account_views.is_asleep(facts.account):
        key = "next-asleep"
    return t(key, attempt=seen.attempt, attempts=attempts, due=due(t, seen.retry_at, now))


def _line(t: Texts, entry: Entry, zone: tzinfo) -> Html:
    return t(
        "why-line",
        at=moment(entry.at, zone, seconds=True),
        what=happened.what(t, entry),
        cause=happened.cause(t, entry),
        by="" if entry.actor == "mooring" else t("why-by", who=entry.actor),
    )
