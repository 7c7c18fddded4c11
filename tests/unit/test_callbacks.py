"""What buttons carry fits the Bot API and survives the way there and back."""

import pytest
from aiogram.filters.callback_data import CallbackData

from bot.callbacks import (
    AccountAct,
    AlertAct,
    Below,
    By,
    Days,
    DeliveryAct,
    DraftAct,
    EventGroup,
    Go,
    GroupAct,
    GroupStep,
    InstanceAct,
    Key,
    LoginAct,
    MoveStep,
    Moving,
    OnAccount,
    OnAlert,
    OnCalled,
    OnDelivery,
    OnDraft,
    OnEvents,
    OnGroup,
    OnInstance,
    OnList,
    OnLogin,
    OnMove,
    OnMute,
    OnNarrow,
    OnProxy,
    OnRound,
    OnSent,
    OnSwitch,
    OnTrait,
    OnUptime,
    OnZone,
    ProxyAct,
    Room,
    SentBy,
    Trait,
    Way,
    Which,
    below,
)
from bot.callbacks.alerts import UNTIL_UNMUTED
from bot.sent_filter import Sent
from bot.views import settings
from storage.alert_switches import AlertKind

LARGEST = 2**63 - 1
"""SQLite's largest row id."""
LARGEST_PAGE = 2**31 - 1

ALL: list[CallbackData] = [
    *(Go(room=room, page=page) for room in Room for page in (0, LARGEST_PAGE)),
    *(OnAccount(act=act, id=LARGEST) for act in AccountAct),
    *(OnDelivery(act=act, id=LARGEST) for act in DeliveryAct),
    *(OnDraft(act=act, id=LARGEST) for act in DraftAct),
    *(
        OnSent(by=by, which=which, account=LARGEST, like=LARGEST, page=9999)
        for by in SentBy
        for which in Sent
    ),
    *(OnLogin(act=act, id=LARGEST) for act in LoginAct),
    *(
        OnEvents(group=group, account=LARGEST, way=way, edge=LARGEST)
        for group in EventGroup
        for way in Way
    ),
    *(OnUptime(account=LARGEST, days=days) for days in Days),
    *(Key(key=key, id=LARGEST) for key in [*"0123456789", "back", "end"]),
    *(OnTrait(trait=trait, id=LARGEST, to="yes") for trait in Trait),
    *(OnAlert(act=act, id=LARGEST) for act in AlertAct),
    *(OnMute(id=LARGEST, hours=hours) for hours in (0, 168, UNTIL_UNMUTED)),
    OnCalled(key="0a1b2c3d4e", page=LARGEST_PAGE),
    *(OnInstance(act=act, id="0123456789abcdef") for act in InstanceAct),
    *(OnZone(name=name) for name in ("", *settings.ZONES)),
    *(OnSwitch(kind=kind, is_on=is_on) for kind in AlertKind for is_on in (True, False)),
    *(below(OnProxy(act=act, id=LARGEST)) for act in ProxyAct),
    *(below(OnAlert(act=act, id=LARGEST)) for act in AlertAct),
    below(OnMove(step=MoveStep.CHOOSE, who=Moving.ALL, id=LARGEST)),
    below(OnMute(id=LARGEST, hours=168)),
    *(OnNarrow(by=by, which=Which.CONNECTED, page=9999) for by in By),
    *(OnList(which=which, by=By.PROXY, key=str(LARGEST), page=9999) for which in Which),
    *(OnList(by=by, key="0a1b2c3d4e") for by in By),
    OnRound(id=LARGEST, which=Which.TROUBLE, by=By.PROXY, key=str(LARGEST)),
    *(
        OnGroup(
            step=step,
            act=act,
            which=Which.TROUBLE,
            by=By.PROXY,
            key=str(LARGEST),
            same="0a1b2c",
            # Only who moves has somewhere to move to.
            to=LARGEST if act is GroupAct.MOVE else 0,
        )
        for step in GroupStep
        for act in GroupAct
    ),
]


@pytest.mark.parametrize("callback", ALL, ids=lambda c: c.pack())
def test_each_callback_fits_into_64_bytes_and_comes_back_as_it_was(callback: CallbackData) -> None:
    packed = callback.pack()
    assert len(packed.encode()) <= 64
    assert type(callback).unpack(packed) == callback


def test_no_two_kinds_of_callbacks_are_taken_for_each_other() -> None:
    prefixes = [kind.__prefix__ for kind in {type(callback) for callback in ALL} | {OnMove}]
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
        ("ev:proxy:7:n:9", OnEvents(group=EventGroup.PROXIES, account=7, way=Way.NEWER, edge=9)),
        ("up:7:1", OnUptime(account=7)),
        ("l:again:7", OnLogin(act=LoginAct.AGAIN, id=7)),
        ("t:country:7:de", OnTrait(trait=Trait.COUNTRY, id=7, to="de")),
        ("t:label:7:", OnTrait(trait=Trait.LABEL, id=7)),
        ("al:reconnect:7", OnAlert(act=AlertAct.RECONNECT_ALL, id=7)),
        ("mu:7:8", OnMute(id=7, hours=8)),
        ("sw:offline:0", OnSwitch(kind=AlertKind.OFFLINE, is_on=False)),
        ("wc:0a1b2c3d4e:1", OnCalled(key="0a1b2c3d4e", page=1)),
        ("z:Europe/Berlin", OnZone(name="Europe/Berlin")),
        ("b^a:show:7", Below(press="a:show:7")),
        ("f:bad:p:7:1", OnList(which=Which.TROUBLE, by=By.PROXY, key="7", page=1)),
        ("f:all:-::0", OnList()),
        ("n:t:all:0", OnNarrow(by=By.TAG)),
        (
            "g:ask:stop:all:c:de::0",
            OnGroup(step=GroupStep.ASK, act=GroupAct.STOP, by=By.COUNTRY, key="de"),
        ),
        ("r:7:all:-:", OnRound(id=7)),
        ("i:ask:0a1b2c3d", OnInstance(act=InstanceAct.ASK, id="0a1b2c3d")),
    ],
)
def test_buttons_of_older_messages_still_work(packed: str, callback: CallbackData) -> None:
    """The form is in messages that operators have; it never changes."""
    assert callback.pack() == packed
    assert type(callback).unpack(packed) == callback
