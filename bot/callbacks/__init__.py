"""What inline buttons carry: an action and an id, so that a press works after any restart."""

from bot.callbacks.accounts import AccountAct, OnAccount
from bot.callbacks.alerts import AlertAct, Below, OnAlert, OnMute, OnSwitch, below
from bot.callbacks.deliveries import (
    DeliveryAct,
    DraftAct,
    OnCalled,
    OnDelivery,
    OnDraft,
    OnSent,
    SentBy,
)
from bot.callbacks.finding import (
    By,
    GroupAct,
    GroupStep,
    OnGroup,
    OnList,
    OnNarrow,
    OnRound,
    Which,
)
from bot.callbacks.history import Days, EventGroup, OnEvents, OnUptime, Way
from bot.callbacks.instances import InstanceAct, OnInstance
from bot.callbacks.login import Key, LoginAct, OnLogin, OnTrait, Trait
from bot.callbacks.menu import Go, Room
from bot.callbacks.people import Invite, OnPerson, PersonAct
from bot.callbacks.proxies import LeaseAct, MoveStep, Moving, OnLease, OnMove, OnProxy, ProxyAct
from bot.callbacks.settings import OnZone

__all__ = [
    "AccountAct",
    "AlertAct",
    "Below",
    "By",
    "Days",
    "DeliveryAct",
    "DraftAct",
    "EventGroup",
    "Go",
    "GroupAct",
    "GroupStep",
    "InstanceAct",
    "Invite",
    "Key",
    "LeaseAct",
    "LoginAct",
    "MoveStep",
    "Moving",
    "OnAccount",
    "OnAlert",
    "OnCalled",
    "OnDelivery",
    "OnDraft",
    "OnEvents",
    "OnGroup",
    "OnInstance",
    "OnLease",
    "OnList",
    "OnLogin",
    "OnMove",
    "OnMute",
    "OnNarrow",
    "OnPerson",
    "OnProxy",
    "OnRound",
    "OnSent",
    "OnSwitch",
    "OnTrait",
    "OnUptime",
    "OnZone",
    "PersonAct",
    "ProxyAct",
    "Room",
    "SentBy",
    "Trait",
    "Way",
    "Which",
    "below",
]
