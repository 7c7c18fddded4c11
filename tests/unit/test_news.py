"""What the admin chat is told of a start."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage
from aiohttp.client_reqrep import ConnectionKey

from bot.errors import may_have_arrived
from bot.news import is_quiet, summary, was_off
from bot.texts import Texts
from storage.instances import Off
from storage.recoveries import After, Outcome, Recovered, Recovery, Totals
from tests.unit.ann import ANN

WORDS = Texts()
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DASH = "\N{EN DASH}"
CALL = SendMessage(chat_id=1, text="x")
NOWHERE = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)  # noqa: FBT003 - aiohttp's


def recovery(
    total: int, missing: int = 0, *, after: After = After.CRASH, took_s: float = 6.12
) -> Recovery:
    totals = Totals(total, back=total - missing)
    ended_at = START + timedelta(seconds=took_s)
    return Recovery(1, "here", after, START, ended_at, totals, "")


def lost(number: int, outcome: Outcome = Outcome.NOT_YET, reason: str = "") -> Recovered:
    return Recovered(number, outcome, reason, attempts=3, seconds=5.0)


def test_all_back_is_one_line_without_buttons() -> None:
    view = summary(WORDS, recovery(43, after=After.GRACEFUL), [], {})
    assert view.text == "🟢 <b>43 of 43</b> back in 6.1 s after a restart"
    assert view.keyboard is not None
    assert view.keyboard.inline_keyboard == []


def test_one_that_needs_a_login_is_named_with_its_reason() -> None:
    missing = [lost(7, Outcome.NEEDS_LOGIN, "the session was ended <there>")]
    view = summary(WORDS, recovery(43, 1), missing, {7: ANN})
    first, second = view.text.splitlines()
    assert first == "🟡 <b>42 of 43</b> back in 6.1 s after a crash; 1 needs login"
    assert second == f"#7 Ann ••00 {DASH} the session was ended &lt;there&gt;"
    assert view.keyboard is not None
    assert [b.text for row in view.keyboard.inline_keyboard for b in row] == ["👤 Accounts"]


def test_of_many_that_are_missing_five_are_named_and_the_rest_counted() -> None:
    kinds = (Outcome.NEEDS_LOGIN, Outcome.BANNED, Outcome.STOPPED)
    missing = [lost(i) for i in range(6)] + [lost(10 + i, k) for i, k in enumerate(kinds * 2)]
    text = summary(WORDS, recovery(20, 12, took_s=75), missing, {}).text
    first, *named, last = text.splitlines()
    rest = "2 need login; 2 banned; 6 not yet back; 2 stopped meanwhile"
    assert first == f"🟡 <b>8 of 20</b> back in 1 min 15 s after a crash; {rest}"
    assert named == [f"#{i} {DASH} not connected yet; I keep trying" for i in range(5)]
    assert last == "and 7 more"


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.BACK])
def test_every_outcome_has_words_of_its_own(outcome: Outcome) -> None:
    text = summary(WORDS, recovery(2, 1), [lost(1, outcome)], {}).text
    others = {
        summary(WORDS, recovery(2, 1), [lost(1, other)], {}).text
        for other in Outcome
        if other not in {outcome, Outcome.BACK}
    }
    assert text not in others


def test_only_an_orderly_restart_with_all_back_is_told_without_a_sound() -> None:
    whole = recovery(3, after=After.GRACEFUL)
    assert is_quiet(whole)
    assert not is_quiet(replace(whole, after=After.CRASH))
    assert not is_quiet(recovery(3, 1, after=After.GRACEFUL))


def refused_connection() -> TelegramNetworkError:
    error = TelegramNetworkError(CALL, "no connection")
    error.__cause__ = aiohttp.ClientConnectorError(NOWHERE, ConnectionRefusedError())
    return error


@pytest.mark.parametrize(
    ("error", "may_have"),
    [
        (TelegramServerError(CALL, "502"), True),
        (TelegramNetworkError(CALL, "the answer was lost"), True),
        (refused_connection(), False),
        (TelegramBadRequest(CALL, "chat not found"), False),
        (TelegramRetryAfter(CALL, "flood", 3), False),
    ],
)
def test_it_is_told_again_only_where_it_certainly_did_not_arrive(
    error: Exception, *, may_have: bool
) -> None:
    assert may_have_arrived(error) is may_have


@pytest.mark.parametrize(
    ("minutes", "incidents", "said"),
    [
        (29, 2, "Mooring was off 11:31 UTC → 12:00 UTC, 29 min 0 s. 2 incidents were open"),
        (29, 0, "29 min 0 s. No incident was open."),
        (0.5, 1, "30 s. 1 incident was open, its alert goes on."),
        (0.5, 0, None),
    ],
)
def test_how_long_nothing_ran_is_said_where_that_is_worth_a_line(
    minutes: float, incidents: int, said: str | None
) -> None:
    line = was_off(WORDS, Off(START - timedelta(minutes=minutes), START, incidents), UTC)
    assert (line is None) is (said is None)
    assert (said or "") in (line or "")
    text = summary(WORDS, recovery(43, after=After.GRACEFUL), [], {}, line).text
    assert text.endswith(line or "after a restart")
