"""A key that Telegram does not know is dead only when that stays so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import errors as tl
from telethon.tl import functions

from userbot.errors import CallTimedOut, ConnectFailed, ConnectionLost, Relogin, Retry, Unknown
from userbot.unknown_key import UnknownKey, judge
from userbot.verdicts import Verdict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REQUEST = functions.help.GetConfigRequest()
MINUTE = 60
NOT_KNOWN = tl.AuthKeyNotFound()
BY_THE_TRANSPORT = tl.InvalidBufferError((-404).to_bytes(4, "little", signed=True))


def verdicts_after(*ends: tuple[float, BaseException]) -> list[Verdict]:
    """What is made of lines that end one after the other, each so many seconds later."""
    tally, now, verdicts = UnknownKey(), NOW, []
    for pause_s, error in ends:
        now += timedelta(seconds=pause_s)
        verdict, tally = judge(error, tally, now)
        verdicts.append(verdict)
    return verdicts


@pytest.mark.req("S4.8")
@pytest.mark.parametrize("not_known", [NOT_KNOWN, BY_THE_TRANSPORT])
def test_three_times_over_ten_minutes_ask_for_a_login(not_known: BaseException) -> None:
    ends = [(0, not_known), (5 * MINUTE, not_known), (5 * MINUTE, not_known)]
    assert verdicts_after(*ends) == [Retry(), Retry(), Relogin()]


def test_often_is_not_enough_and_neither_is_long() -> None:
    often = [(1, NOT_KNOWN)] * 500
    assert set(verdicts_after(*often)) == {Retry()}
    assert verdicts_after((0, NOT_KNOWN), (86_400, NOT_KNOWN)) == [Retry(), Retry()]


@pytest.mark.parametrize("drop", [ConnectionLost(), ConnectFailed(), CallTimedOut(), OSError()])
def test_a_drop_between_proves_nothing(drop: Exception) -> None:
    ends = [(0, NOT_KNOWN), (MINUTE, drop), (9 * MINUTE, NOT_KNOWN), (0, NOT_KNOWN)]
    assert verdicts_after(*ends)[-1] == Relogin()


@pytest.mark.parametrize(
    "answer", [tl.ServerError(REQUEST, "INTERNAL", 500), tl.FloodWaitError(REQUEST, capture=9)]
)
def test_an_answer_proves_that_the_key_is_known(answer: Exception) -> None:
    ends = [(0, NOT_KNOWN), (MINUTE, answer), (9 * MINUTE, NOT_KNOWN), (MINUTE, NOT_KNOWN)]
    assert verdicts_after(*ends)[-1] == Retry()


def test_after_the_login_it_is_counted_anew() -> None:
    ends = [(0, NOT_KNOWN), (10 * MINUTE, NOT_KNOWN), (0, NOT_KNOWN), (MINUTE, NOT_KNOWN)]
    assert verdicts_after(*ends) == [Retry(), Retry(), Relogin(), Retry()]


def test_what_telegram_says_of_the_key_needs_no_second_time() -> None:
    assert verdicts_after((0, tl.AuthKeyUnregisteredError(REQUEST))) == [Relogin()]
    assert verdicts_after((0, KeyError())) == [Unknown()]


@given(pauses=st.lists(st.floats(0, 1000), max_size=30))
def test_a_login_is_asked_for_no_sooner_than_it_may(pauses: list[float]) -> None:
    tally, now = UnknownKey(), NOW
    seen: list[datetime] = []
    for pause_s in pauses:
        now += timedelta(seconds=pause_s)
        seen.append(now)
        verdict, tally = judge(NOT_KNOWN, tally, now)
        is_dead = len(seen) >= 3 and now - seen[0] >= timedelta(minutes=10)
        assert verdict == (Relogin() if is_dead else Retry())
        if is_dead:
            seen.clear()
