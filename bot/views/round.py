"""How far an order for many accounts is, and at its end what went wrong where, and why."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bot.callbacks import OnList, OnRound
from bot.texts import Html, Texts
from bot.views.group import to_list, who
from bot.views.view import View, lines, rows
from storage.rounds import Round
from userbot.states import State

REASONS = 6
"""So many reasons are told; the accounts of the others are counted."""
LONGEST_REASON = 150
_ERRORS = {
    "flood": "flood",
    "parked": "parked",
    "unknown_account": "gone",
    "forgotten": "gone",
    "not_closed": "not_closed",
    "interrupted": "interrupted",
    "overtaken": "overtaken",
    "needs_force": "needs_force",
}


def progress(t: Texts, done: Round, asked: OnList, *, is_late: bool = False) -> View:
    """How many are done; once all are, how it ended. `is_late`: nobody watches any more."""
    failed = _failed(t, done)
    count = sum(len(numbers) for numbers in failed.values())
    total = len(done.parts)
    if done.is_over:
        head = t(f"round-over-{done.kind}", well=total - count, total=total)
    else:
        head = t(f"round-{done.kind}", done=done.done, total=total)
    parts = [head, *_reasons(t, failed)]
    if is_late and not done.is_over:
        parts.append(t("round-late"))
    again = OnRound(id=done.id, which=asked.which, by=asked.by, key=asked.key)
    refresh = [] if done.is_over else [(t("button-refresh"), again)]
    return View(lines(parts), rows(refresh, [to_list(t, asked)]))


def _reasons(t: Texts, failed: Mapping[str, list[int]]) -> list[Html]:
    """The most frequent first."""
    listed = sorted(failed.items(), key=lambda each: -len(each[1]))
    shown = [
        t("round-failed", count=len(numbers), reason=Html(reason), who=who(t, numbers))
        for reason, numbers in listed[:REASONS]
    ]
    rest = sum(len(numbers) for _, numbers in listed[REASONS:])
    return [*shown, *([t("round-more", count=rest)] if rest else [])]


def _failed(t: Texts, done: Round) -> dict[str, list[int]]:
    """The accounts for which it failed, by the reason in words."""
    failed: defaultdict[str, list[int]] = defaultdict(list)
    for part in done.parts:
        if part.outcome is not None and (why := _why(t, done.kind, part.outcome)):
            failed[why].append(part.account_id)
    return dict(failed)


def _why(t: Texts, kind: str, outcome: Mapping[str, Any]) -> str:
    """Why it did not end as it should; empty where it did."""
    if error := outcome.get("error"):
        if error == "parked" and outcome.get("why"):
            is_gone = outcome["why"] == "forgotten"
            return t("round-why-gone") if is_gone else t("round-why-unconfirmed")
        return t(f"round-why-{_ERRORS.get(str(error), 'internal')}")
    if kind != "reconnect" or outcome.get("state") == State.ONLINE:
        return ""
    reason = str(outcome.get("reason") or "")[:LONGEST_REASON]
    return t("round-why-down", reason=reason) if reason else t("round-why-later")
