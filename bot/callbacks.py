"""What inline buttons carry: an action and an id, so that a press works after any restart."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class Room(StrEnum):
    """Where a menu button leads."""

    HOME = "home"
    STATUS = "status"
    ACCOUNTS = "accounts"
    PROXIES = "proxies"
    SEND = "send"
    ADD_PROXY = "add_proxy"
    ADD_ACCOUNT = "add_account"
    CANCEL = "cancel"


class Go(CallbackData, prefix="go"):
    """Open a room; `page` where it is a list."""

    room: Room
    page: int = 0


class AccountAct(StrEnum):
    SHOW = "show"
    RECONNECT = "reconnect"
    START = "start"
    SEND = "send"
    LOGIN = "login"
    PHONE = "phone"
    MORE = "more"
    WHY = "why"
    STOP = "stop"
    FORGET = "forget"
    LOG_OUT = "log_out"
    """These three ask first; the next three are the second press."""
    STOP_NOW = "stop_now"
    FORGET_NOW = "forget_now"
    LOG_OUT_NOW = "log_out_now"
    RESTORE = "restore"


class OnAccount(CallbackData, prefix="a"):
    """An act on one account."""

    act: AccountAct
    id: int


class ProxyAct(StrEnum):
    SHOW = "show"
    REMOVE = "remove"


class OnProxy(CallbackData, prefix="p"):
    """An act on one proxy."""

    act: ProxyAct
    id: int


class DeliveryAct(StrEnum):
    AS_ACCOUNT = "account"
    AS_BOT = "bot"
    DISCARD = "discard"
    ARRIVED = "arrived"
    AGAIN = "again"


class OnDelivery(CallbackData, prefix="d"):
    """An act on one delivery."""

    act: DeliveryAct
    id: int


class Key(CallbackData, prefix="k"):
    """A key of the keypad on which a login code is typed: a digit, or `back`."""

    key: str
    id: int


class LoginAct(StrEnum):
    RESEND = "resend"
    CANCEL = "cancel"
    AGAIN = "again"


class OnLogin(CallbackData, prefix="l"):
    """An act on a login that is under way."""

    act: LoginAct
    id: int
