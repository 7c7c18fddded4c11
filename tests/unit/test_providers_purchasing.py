"""Purchases: whatever crashes or gets lost, none is made twice, and none is forgotten."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from storage.proxies import Endpoint
from userbot.providers.protocol import Leased
from userbot.providers.purchasing import (
    GRACE_S,
    LATE_S,
    START_S,
    Bought,
    NotBought,
    Purchase,
    State,
    TooEarly,
    Verdict,
    settle,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(seconds=GRACE_S)


def at(leased_id: str, country: str = "be") -> Leased:
    return Leased(leased_id, country, Endpoint("http", "proxy.example", 44445, leased_id))


def row(
    number: int,
    country: str = "be",
    *,
    before: Collection[str] = (),
    requested_at: datetime = LONG_AGO,
    state: State = State.OPEN,
) -> Purchase:
    return Purchase(number, country, requested_at, frozenset(before), state)


def settled(
    rows: list[Purchase], held: list[Leased], owned: Collection[str] = ()
) -> dict[int, Verdict]:
    verdicts = settle(rows, held, owned=owned, listed_at=NOW)
    assert len({each.id for each in verdicts}) == len(verdicts)
    return {each.id: each for each in verdicts}


def test_what_came_after_the_request_is_what_was_bought() -> None:
    held = [at("a"), at("b")]
    assert settled([row(1, before="a")], held) == {1: Bought(1, at("b"))}


def test_what_was_there_before_and_what_others_have_is_not() -> None:
    assert settled([row(1, before="a")], [at("a")]) == {1: NotBought(1)}
    assert settled([row(1)], [at("a")], owned={"a"}) == {1: NotBought(1)}


def test_nothing_is_said_while_the_request_may_still_have_its_effect() -> None:
    young = row(1, requested_at=LONG_AGO + timedelta(seconds=1))
    early = {1: TooEarly(1, NOW + timedelta(seconds=1))}
    assert settled([young], []) == settled([young], [at("a")]) == early


def test_what_a_running_purchase_may_be_about_to_get_is_left_to_it() -> None:
    running = row(2, before="a", requested_at=NOW - timedelta(seconds=1))
    verdicts = settled([row(1), running], [at("b")])
    assert verdicts[1] == TooEarly(1, NOW + timedelta(seconds=GRACE_S - 1))
    assert settled([row(1), running], [at("a"), at("b")])[1] == Bought(1, at("a"))


def test_no_address_goes_to_two_rows_and_none_is_left_where_it_fits() -> None:
    """The older row must leave `b`, which is the only one that fits the younger."""
    rows = [row(1, requested_at=LONG_AGO - timedelta(seconds=9)), row(2, before="a")]
    for held in ([at("a"), at("b")], [at("b"), at("a")]):
        assert settled(rows, held) == {1: Bought(1, at("a")), 2: Bought(2, at("b"))}
    assert settled(rows, [at("b")]) == {1: Bought(1, at("b")), 2: NotBought(2)}


def test_the_right_country_goes_first_and_a_wrong_one_is_no_reason_to_buy_again() -> None:
    rows = [row(1, "be"), row(2, "fr")]
    held = [at("a", "fr"), at("b", "nl")]
    assert settled(rows, held) == {1: Bought(1, at("b", "nl")), 2: Bought(2, at("a", "fr"))}


def test_what_was_given_up_is_still_found_but_takes_nothing_from_the_pending() -> None:
    given_up = row(1, requested_at=LONG_AGO - timedelta(hours=1), state=State.ABANDONED)
    assert settled([given_up], [at("a")]) == {1: Bought(1, at("a"))}
    assert settled([given_up, row(2)], [at("a")]) == {1: NotBought(1), 2: Bought(2, at("a"))}
    assert settled([given_up], [at("a", "nl")]) == {1: NotBought(1)}


def test_rows_that_are_settled_for_good_get_no_verdict() -> None:
    old = NOW - timedelta(seconds=LATE_S)
    rows = [
        row(1, state=State.BOUGHT),
        row(2, state=State.REFUSED),
        row(3, state=State.ABANDONED, requested_at=old),
    ]
    assert settled(rows, [at("a")]) == {}


@pytest.mark.parametrize("state", State)
def test_a_request_is_made_at_once_or_never(state: State) -> None:
    made = row(1, requested_at=NOW - timedelta(seconds=START_S), state=state)
    assert not made.may_request(NOW)
    assert made.may_request(NOW - timedelta(seconds=1)) is (state is State.OPEN)


OWN = at("own")
"""What the operator bought by hand, before there was a Mooring."""


@dataclass
class Request:
    """One `lease()` under way: when its time is over, and whether it has an effect within it."""

    row_id: int
    leased: Leased
    ends_at: datetime
    has_effect: bool
    is_done: bool = False
    """Whether the provider has dealt with it."""


class Buying(RuleBasedStateMachine):
    """Several instances buy; they crash anywhere, replies are lost or late, listings are old."""

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.rows: dict[int, Purchase] = {}
        self.ids: dict[int, str] = {}
        """By row: the address that it owns."""
        self.needs: dict[int, int] = {}
        """By account: its latest row."""
        self.held = [OWN]
        self.paid: dict[int, int] = {}
        """By account: how often the provider was paid."""
        self.listing: tuple[datetime, tuple[Leased, ...]] = (NOW, ())

    @rule(
        target=requests,
        account=st.integers(0, 2),
        country=st.sampled_from(["be", "fr"]),
        listed_as=st.sampled_from(["be", "fr"]),
        waits_s=st.sampled_from([0, 0, 0, int(START_S) - 1, int(START_S)]),
        takes_s=st.sampled_from([1, int(GRACE_S - START_S)]),
        has_effect=st.booleans(),
        is_crashing=st.booleans(),
    )
    def buy(
        self,
        account: int,
        country: str,
        listed_as: str,
        waits_s: int,
        takes_s: int,
        *,
        has_effect: bool,
        is_crashing: bool,
    ) -> object:
        """List, write the row, ask; it may end after each step."""
        last = self.needs.get(account)
        if last and self.rows[last].state not in {State.REFUSED, State.ABANDONED}:
            return multiple()
        number = self.needs[account] = len(self.rows) + 1
        before = frozenset(leased.id for leased in self.held)
        row = self.rows[number] = Purchase(number, country, self.now, before)
        self.now += timedelta(seconds=waits_s)
        if not row.may_request(self.now):
            assert waits_s >= START_S
            return multiple()
        if is_crashing and not has_effect:
            return multiple()
        ends_at = self.now + timedelta(seconds=takes_s)
        return Request(number, at(f"ip{number}", listed_as), ends_at, has_effect)

    @rule(request=requests)
    def take_effect(self, request: Request) -> None:
        """At the provider, whoever still listens, and within the call's time."""
        if request.is_done or self.now > request.ends_at:
            return
        request.is_done = True
        if request.has_effect:
            account = next(a for a, row in self.needs.items() if row == request.row_id)
            self.paid[account] = self.paid.get(account, 0) + 1
            self.held.append(request.leased)

    @rule(request=consumes(requests))
    def answer(self, request: Request) -> None:
        """An answer that comes; one that is lost is never heard of."""
        if self.now > request.ends_at and not request.is_done:
            return
        self.take_effect(request)
        row = self.rows[request.row_id]
        if not row.is_in_time(self.now):
            return
        if request.has_effect:
            self._bought(row, request.leased.id)
        elif row.state is State.OPEN:
            self.rows[row.id] = replace(row, state=State.REFUSED)

    @rule(seconds=st.sampled_from([1, int(START_S), int(GRACE_S - START_S), int(GRACE_S)]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def list(self) -> None:
        self.listing = (self.now, tuple(self.held))

    @rule(is_fresh=st.booleans())
    def settle(self, *, is_fresh: bool) -> None:
        """By the latest listing, however old it is."""
        if is_fresh:
            self.list()
        listed_at, held = self.listing
        owned = set(self.ids.values())
        for verdict in settle(self.rows.values(), held, owned=owned, listed_at=listed_at):
            row = self.rows[verdict.id]
            if isinstance(verdict, Bought):
                self._bought(row, verdict.leased.id)
            elif isinstance(verdict, NotBought):
                self.rows[row.id] = replace(row, state=State.ABANDONED)

    def _bought(self, row: Purchase, leased_id: str) -> None:
        assert self.ids.get(row.id, leased_id) == leased_id, "one row has two addresses"
        owners = [number for number, owned in self.ids.items() if owned == leased_id]
        assert owners in ([], [row.id]), "one address has two rows"
        self.ids[row.id] = leased_id
        self.rows[row.id] = replace(row, state=State.BOUGHT)

    @invariant()
    def what_is_paid_is_what_is_held(self) -> None:
        assert sum(self.paid.values()) == len(self.held) - 1
        assert set(self.ids.values()) <= {leased.id for leased in self.held}

    @invariant()
    def no_more_is_bought_than_is_needed(self) -> None:
        """Two lost replies may change places between accounts; they never become three."""
        assert sum(self.paid.values()) <= len(self.needs)

    def teardown(self) -> None:
        """In the end every address has a row: the money that is spent is what is owned."""
        self.now += timedelta(seconds=GRACE_S)
        self.settle(is_fresh=True)
        assert set(self.ids.values()) == {leased.id for leased in self.held} - {OWN.id}
        assert not any(row.state is State.OPEN for row in self.rows.values())


def test_an_answer_that_comes_after_a_standstill_says_nothing() -> None:
    made = row(1, requested_at=NOW - timedelta(seconds=GRACE_S))
    assert not made.is_in_time(NOW)
    assert made.is_in_time(NOW - timedelta(seconds=1))


TestBuying = Buying.TestCase
TestBuying.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
