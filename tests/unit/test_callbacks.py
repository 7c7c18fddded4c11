"""What buttons carry fits the Bot API and survives the way there and back."""

import pytest
from aiogram.filters.callback_data import CallbackData

from bot.callbacks import (
    AccountAct,
    DeliveryAct,
    DraftAct,
    Go,
    Key,
    LoginAct,
    OnAccount,
    OnDelivery,
    OnDraft,
    OnLogin,
    OnSent,
    Room,
    SentBy,
)
from bot.sent_filter import Sent

LARGEST = 2**63 - 1
"""SQLite's largest row id."""

ALL: list[CallbackData] = [
    *(Go(room=room, page=page) for room in Room for page in (0, LARGEST)),
    *(OnAccount(act=act, id=LARGEST) for act in AccountAct),
    *(OnDelivery(act=act, id=LARGEST) for act in DeliveryAct),
    *(OnDraft(act=act, id=LARGEST) for act in DraftAct),
    *(
        OnSent(by=by, which=which, account=LARGEST, like=LARGEST, page=9999)
        for by in SentBy
        for which in Sent
    ),
    *(OnLogin(act=act, id=LARGEST) for act in LoginAct),
    *(Key(key=key, id=LARGEST) for key in [*"0123456789", "back"]),
]


@pytest.mark.parametrize("callback", ALL, ids=lambda c: c.pack())
def test_each_callback_fits_into_64_bytes_and_comes_back_as_it_was(callback: CallbackData) -> None:
    packed = callback.pack()
    assert len(packed.encode()) <= 64
    assert type(callback).unpack(packed) == callback


def test_no_two_kinds_of_callbacks_are_taken_for_each_other() -> None:
    prefixes = [
        kind.__prefix__ for kind in (Go, OnAccount, OnDelivery, OnDraft, OnLogin, OnSent, Key)
    ]
    assert len(set(prefixes)) == len(prefixes)


@pytest.mark.parametrize(
    ("packed", "callback"),
    [
        ("go:home:0", Go(room=Room.HOME)),
        ("a:reconnect:7", OnAccount(act=AccountAct.RECONNECT, id=7)),
        ("d:account:7", OnDelivery(act=DeliveryAct.AS_ACCOUNT, id=7)),
        ("d:discard:7", OnDelivery(act=DeliveryAct.DISCARD, id=7)),
        ("s:-:failed:7:0:1", OnSent(which=Sent.FAILED, account=7, page=1)),
        ("w:edit:7", OnDraft(act=DraftAct.EDIT, id=7)),
        ("k:back:7", Key(key="back", id=7)),
        ("l:again:7", OnLogin(act=LoginAct.AGAIN, id=7)),
    ],
)
def test_buttons_of_older_messages_still_work(packed: str, callback: CallbackData) -> None:
    """The form is in messages that operators have; it never changes."""
    assert callback.pack() == packed
    assert type(callback).unpack(packed) == callback
