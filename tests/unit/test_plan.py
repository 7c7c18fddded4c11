"""Which accounts a start brings back, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.accounts import Account, Desired, Observed
from userbot.plan import PRIORITY_COUNTRIES, Rules, country_of, make_plan, recovery_order
from userbot.states import State

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NUMBERS = {
    "+442079460000": "GB",
    "+12025550123": "US",
    "+14165550123": "CA",
    "+4930123456": "DE",
    "+33142685300": "FR",
    "+380441234567": "UA",
    "+8801712345678": "BD",
    "+99966000001": None,
    "+15550001": None,
    "": None,
}


def account(number: int, **changes: object) -> Account:
    made = Account(
        id=number,
        phone="+442079460000",
        user_id=None,
        username=None,
        name="",
        desired=Desired.RUN,
        elsewhere=None,
        observed=Observed(State.ONLINE, "", 0, None, NOW),
        proxy_id=1,
        proxy_name="",
        always_online=True,
        one_time_phone=True,
        last_online_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of the test's choice


def seen_as(state: State, number: int = 1, **changes: object) -> Account:
    return account(number, observed=Observed(state, "", 0, None, NOW), **changes)


accounts_ = st.lists(
    st.builds(
        account,
        st.integers(1, 10**9),
        phone=st.sampled_from(sorted(NUMBERS)),
        importance=st.integers(-3, 3),
        last_online_at=st.none() | st.integers(0, 10**6).map(lambda s: NOW - timedelta(seconds=s)),
    ),
    unique_by=lambda a: a.id,
    max_size=30,
)
countries_ = st.lists(st.sampled_from(["us", "gb", "de", "fr", "ca", "ua"]), unique=True)


@pytest.mark.parametrize(("phone", "country"), NUMBERS.items())
def test_a_number_has_the_country_that_issued_it(phone: str, country: str | None) -> None:
    assert country_of(phone) == country


@given(accounts_, countries_, st.randoms(use_true_random=False))
def test_the_order_is_whole_and_does_not_depend_on_how_the_accounts_came(
    found: list[Account], countries: list[str], random: Random
) -> None:
    ordered = recovery_order(found, countries)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert recovery_order(shuffled, countries) == ordered
    assert sorted(a.id for a in ordered) == sorted(a.id for a in found)


@pytest.mark.req("S1.3")
@given(accounts_, countries_)
def test_importance_comes_before_country_and_country_before_activity(
    found: list[Account], countries: list[str]
) -> None:
    for one, other in pairwise(recovery_order(found, countries)):
        assert one.importance >= other.importance
        if one.importance != other.importance:
            continue
        ranks = [_rank(a, countries) for a in (one, other)]
        assert ranks[0] <= ranks[1]
        if ranks[0] != ranks[1]:
            continue
        if one.last_online_at is None:
            assert other.last_online_at is None
        elif other.last_online_at is not None:
            assert one.last_online_at >= other.last_online_at
        if one.last_online_at == other.last_online_at:
            assert one.id < other.id


def _rank(account: Account, countries: list[str]) -> int:
    country = NUMBERS[account.phone]
    if country is None:
        return 100
    return countries.index(country.lower()) if country.lower() in countries else 50


@pytest.mark.req("S1.3")
def test_by_default_the_united_states_come_first_and_a_number_of_no_country_last() -> None:
    found = [account(i, phone=phone) for i, phone in enumerate(NUMBERS, start=1)]
    countries = [NUMBERS[a.phone] for a in recovery_order(found, PRIORITY_COUNTRIES)]
    assert countries == ["US", "GB", "DE", "FR", "CA", "UA", "BD", None, None, None]


def test_an_account_that_must_always_be_online_comes_back_however_long_ago_it_was() -> None:
    plan = make_plan([account(1, last_online_at=None)], Rules(), NOW)
    assert [a.id for a in plan.returning] == [1]


@pytest.mark.parametrize(
    ("ago", "returning"),
    [(timedelta(hours=24), [1]), (timedelta(hours=24, seconds=1), []), (None, [])],
)
def test_an_account_that_need_not_comes_back_only_if_it_was_active_lately(
    ago: timedelta | None, returning: list[int]
) -> None:
    last = None if ago is None else NOW - ago
    plan = make_plan([account(1, always_online=False, last_online_at=last)], Rules(), NOW)
    assert [a.id for a in plan.returning] == returning
    assert [a.id for a in plan.asleep] == ([] if returning else [1])


@pytest.mark.parametrize("state", [State.NEW, State.NEEDS_LOGIN, State.BANNED])
def test_what_only_an_operator_can_bring_on_is_not_dialled(state: State) -> None:
    plan = make_plan([seen_as(state)], Rules(), NOW)
    assert (list(plan.returning), [a.id for a in plan.parked]) == ([], [1])


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], "there is no account"),
        ([account(1, desired=Desired.STOP, observed=Observed("STOPPED", "", 0, None, NOW))], "1 stopped"),
        (
            [
                seen_as(State.NEEDS_LOGIN, 1),
                seen_as(State.BANNED, 2),
                seen_as(State.NEW, 3, desired=Desired.STOP),
                account(4, always_online=False, last_online_at=None),
            ],
            "1 in need of a login, 1 banned, 1 not logged in yet, 1 not used lately",
        ),
        ([account(1)], ""),
    ],
)  # fmt: skip
def test_a_plan_that_brings_nothing_back_says_why(found: list[Account], why: str) -> None:
    assert make_plan(found, Rules(), NOW).why_none == why
