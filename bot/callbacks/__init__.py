"""What inline buttons carry: an action and an id, so that a press works after any restart."""

from bot.callbacks.accounts import AccountAct, Key, LoginAct, OnAccount, OnLogin
from bot.callbacks.deliveries import DeliveryAct, DraftAct, OnDelivery, OnDraft, OnSent, SentBy
from bot.callbacks.menu import Go, Room
from bot.callbacks.proxies import LeaseAct, MoveStep, Moving, OnLease, OnMove, OnProxy, ProxyAct

__all__ = [
    "AccountAct",
    "DeliveryAct",
    "DraftAct",
    "Go",
    "Key",
    "LeaseAct",
    "LoginAct",
    "MoveStep",
    "Moving",
    "OnAccount",
    "OnDelivery",
    "OnDraft",
    "OnLease",
    "OnLogin",
    "OnMove",
    "OnProxy",
    "OnSent",
    "ProxyAct",
    "Room",
    "SentBy",
]
