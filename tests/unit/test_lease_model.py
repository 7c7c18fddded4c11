"""The model of the lease protocol (docs/lease_model): it holds, and each rule is needed."""

from dataclasses import replace

import pytest

from docs.lease_model.protocol import Seconds
from docs.lease_model.search import in_words, look_through
from docs.lease_model.variants import (
    SAFE,
    SAFE_AFTER_FAILOVER,
    SAFE_UNHEARD,
    SMALL,
    WEAKENED,
    Variant,
)

STEPS = {
    "renew and ask for a claim",
    "ask for a claim",
    "claim is done",
    "claim is done, answer lost",
    "ask for a renewal",
    "renewal is done",
    "hear of the renewal",
    "dial",
    "ping",
    "ping arrives",
    "stop",
    "stop between gate and write",
    "stop between gate and first write",
    "resume",
    "fence",
    "die",
    "close and hand over",
    "release is done",
    "tick",
}
"""A step that never was possible would show nothing."""
STEPS_UNHEARD = STEPS | {"drop", "drop, unheard", "fence, unheard", "die, unheard"}
STEPS_AFTER_FAILOVER = STEPS | {
    "renewal is done, to be lost",
    "claim is done, to be lost",
    "claim is done, answer lost, to be lost",
    "release is done, to be lost",
    "fail over",
    "ask again for what it held",
}


@pytest.mark.req("S1.8")
@pytest.mark.parametrize("variant", SAFE, ids=lambda variant: variant.name)
def test_a_key_is_never_on_two_lines_whatever_happens_in_whatever_order(variant: Variant) -> None:
    found = look_through(variant.protocol)
    assert found.trace is None
    assert {what for what, _who in found.taken} == STEPS


@pytest.mark.req("S1.8")
def test_a_key_is_never_on_two_lines_although_the_end_of_one_may_go_unheard() -> None:
    found = look_through(SAFE_UNHEARD.protocol)
    assert found.trace is None
    assert {what for what, _who in found.taken} == STEPS_UNHEARD


@pytest.mark.req("S1.8")
def test_a_key_is_never_on_two_lines_after_a_failover_that_lost_a_commit() -> None:
    found = look_through(SAFE_AFTER_FAILOVER.protocol)
    assert found.trace is None
    assert {what for what, _who in found.taken} == STEPS_AFTER_FAILOVER


@pytest.mark.parametrize("variant", WEAKENED, ids=lambda variant: variant.name)
def test_without_this_rule_a_key_comes_onto_two_lines(variant: Variant) -> None:
    found = look_through(variant.protocol)
    assert found.trace is not None
    assert "the data centre has two lines open" in [*in_words(variant, found.trace)][-1]


@pytest.mark.parametrize(("delay", "way"), [(2, 0), (2, 1), (3, 1)])
def test_the_wait_that_is_needed_is_the_one_that_the_inequality_names(
    delay: int, way: int
) -> None:
    enough = SMALL.deadline + way + delay
    numbers = replace(SMALL, delay=delay, way=way)
    assert look_through(replace(numbers, free=enough)).trace is None
    assert look_through(replace(numbers, free=enough - 1)).trace is not None


def test_a_wait_of_15_s_is_at_least_7_s_short_and_30_s_leaves_8_s() -> None:
    assert Seconds(wait=15, way=0, drift=0).missing == 7
    assert Seconds(wait=30, way=0, drift=0).missing == -8
    assert Seconds(wait=30, way=5, drift=1).missing == 0
