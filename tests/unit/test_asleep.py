"""An account that connects when it is needed is told from one that an operator stopped."""

from dataclasses import replace

import pytest

from bot.texts import Texts
from bot.views import accounts, why
from storage.accounts import Account, Desired
from tests.unit.ann import NOW
from tests.unit.test_views import account, facts, labels
from userbot import elsewhere, plan
from userbot.elsewhere import Elsewhere

ASLEEP = account(7, "STOPPED", reason=plan.ASLEEP)
STOPPED = replace(account(7, "STOPPED"), desired=Desired.STOP)
STOPPED_ASLEEP = replace(ASLEEP, desired=Desired.STOP)
"""Its row keeps the reason."""
TO_START = account(7, "STOPPED")
"""Start was pressed a moment ago."""


def card(t: Texts, shown: Account) -> tuple[str, list[str]]:
    view = accounts.card(t, shown, now=NOW, attempts=10)
    return view.text, [label for row in labels(view) for label in row]


def test_what_is_asleep_says_when_it_connects_and_sends(t: Texts) -> None:
    text, buttons = card(t, ASLEEP)
    assert "asleep: connects by itself when something is to be sent" in text
    assert "stopped" not in text
    assert {"🔌 Connect now", "✉️ Send", "⏹ Stop (stays logged in)"} <= set(buttons)
    assert "nothing to do" in why.why(
        t, replace(facts(), account=ASLEEP), [], now=NOW, attempts=10
    ).text  # fmt: skip


@pytest.mark.parametrize("shown", [STOPPED, STOPPED_ASLEEP, TO_START])
def test_what_is_stopped_says_nothing_of_sleep(t: Texts, shown: Account) -> None:
    text, buttons = card(t, shown)
    assert "stopped, stays logged in" in text
    assert "needed" not in text
    assert "▶️ Start" in buttons
    assert "✉️ Send" not in buttons


@pytest.mark.parametrize("why_elsewhere", list(Elsewhere))
def test_what_is_stopped_for_its_session_says_why(t: Texts, why_elsewhere: Elsewhere) -> None:
    reason = elsewhere.REASONS[why_elsewhere]
    seen = replace(STOPPED.observed, reason=reason)
    text, _ = card(t, replace(STOPPED, elsewhere=why_elsewhere, observed=seen))
    assert f"Because {reason}." in text


def test_the_reason_of_the_time_before_a_stop_is_not_shown(t: Texts) -> None:
    seen = replace(STOPPED.observed, reason="the proxy does not answer")
    assert "Because" not in card(t, replace(STOPPED, observed=seen))[0]
