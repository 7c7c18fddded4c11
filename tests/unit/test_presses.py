"""What presses do to a delivery and the parts of its text, and what a list is asked for."""

from dataclasses import replace
from typing import Any

import pytest

from bot.callbacks import DeliveryAct as Act
from bot.presses import turns
from bot.sent_filter import BadFilter, Filter, Sent, parse
from storage.delivery import Delivery, DeliveryState, Fallback
from tests.unit.ann import NOW
from tests.unit.test_views import DRAFT

S = DeliveryState


def parts_of(*states: DeliveryState, **changes: Any) -> list[Delivery]:  # noqa: ANN401 - columns
    return [
        replace(DRAFT, id=3 + n, head_id=3 if n else None, state=state, **changes)
        for n, state in enumerate(states)
    ]


def moved(act: Act, parts: list[Delivery]) -> dict[int, DeliveryState]:
    return {turn.part.id: turn.to for turn in turns(act, parts, NOW)}


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("state", list(S))
def test_a_press_moves_a_delivery_only_from_where_its_card_offers_it(
    act: Act, state: DeliveryState
) -> None:
    offered = {
        (Act.AS_ACCOUNT, S.DRAFT): S.PENDING,
        (Act.AS_ACCOUNT, S.FAILED): S.PENDING,
        (Act.AS_BOT, S.DRAFT): S.BOT_PENDING,
        (Act.AS_BOT, S.FAILED): S.BOT_PENDING,
        (Act.DISCARD, S.DRAFT): S.CANCELLED,
        (Act.CANCEL, S.PENDING): S.CANCELLED,
        (Act.CANCEL, S.BOT_PENDING): S.CANCELLED,
        (Act.ARRIVED, S.UNKNOWN): S.SENT_BY_BOT,
        (Act.AGAIN, S.UNKNOWN): S.BOT_PENDING,
    }
    to = offered.get((act, state))
    assert moved(act, parts_of(state)) == ({3: to} if to else {})


@pytest.mark.parametrize(
    ("act", "state", "to"),
    [
        (Act.AS_ACCOUNT, S.FAILED, S.SENDING),
        (Act.AS_ACCOUNT, S.DRAFT, S.SENDING),
        (Act.AS_BOT, S.FAILED, None),
        (Act.AS_BOT, S.DRAFT, None),
        (Act.ARRIVED, S.UNKNOWN, S.SENT),
        (Act.AGAIN, S.UNKNOWN, S.SENDING),
    ],
)
def test_what_the_account_may_have_sent_is_settled_by_it_and_never_sent_by_the_bot(
    act: Act, state: DeliveryState, to: DeliveryState | None
) -> None:
    assert moved(act, parts_of(state, attempts=1)) == ({3: to} if to else {})


def test_who_is_asked_sends_it_as_the_bot_or_lets_it_wait() -> None:
    asked = parts_of(S.PENDING, S.PENDING, fallback=Fallback.ASK, detour="away")
    assert moved(Act.AS_BOT, asked) == {3: S.BOT_PENDING, 4: S.BOT_PENDING}
    assert all("detour" not in turn.values for turn in turns(Act.AS_BOT, asked, NOW))
    for turn in turns(Act.WAIT, asked, NOW):
        assert (turn.to, turn.values["fallback"], turn.values["detour"]) == (
            S.PENDING, Fallback.NEVER, "",
        )  # fmt: skip
    assert len(turns(Act.WAIT, asked, NOW)) == 2


def test_parts_go_together() -> None:
    assert moved(Act.AS_ACCOUNT, parts_of(S.DRAFT, S.DRAFT)) == {3: S.PENDING, 4: S.PENDING}
    half = parts_of(S.SENT, S.FAILED, S.PENDING)
    assert moved(Act.AS_ACCOUNT, half) == {4: S.PENDING}
    assert moved(Act.AS_BOT, half) == {4: S.BOT_PENDING, 5: S.BOT_PENDING}
    assert moved(Act.CANCEL, half) == {5: S.CANCELLED}


def test_a_time_that_was_ordered_stays_and_a_retry_goes_at_once() -> None:
    (approved,) = turns(Act.AS_ACCOUNT, parts_of(S.DRAFT), NOW)
    (again,) = turns(Act.AS_ACCOUNT, parts_of(S.FAILED), NOW)
    assert "not_before" not in approved.values
    assert again.values["not_before"] is None
    assert approved.values["approved_at"] == again.values["approved_at"] == NOW


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Filter()),
        ("failed", Filter(Sent.FAILED)),
        ("FAILED  #7", Filter(Sent.FAILED, 7)),
        ("cancelled", Filter(Sent.CANCELLED)),
        ("Discarded", Filter(Sent.CANCELLED)),
        ("@Bobby", Filter(target="@Bobby")),
        ("https://t.me/bobby waiting", Filter(Sent.WAITING, target="@bobby")),
        ("-100123", Filter(target="-100123")),
        ("+44 20", None),
        ("yesterday", None),
        ("#seven", None),
        ("#" + "9" * 30, None),
    ],
)
def test_a_list_is_asked_for_in_words(text: str, asked: Filter | None) -> None:
    if asked is None:
        with pytest.raises(BadFilter):
            parse(text)
    else:
        assert parse(text) == asked
