"""What inline buttons carry: an action and an id, so that a press works after any restart."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class Room(StrEnum):
    """Where a menu button leads."""

    HOME = "home"
    STATUS = "status"
    ACCOUNTS = "accounts"
    PROXIES = "proxies"
    SICK_PROXIES = "sick"
    CHECK_PROXIES = "check"
    COSTS = "costs"
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
    OPEN = "open"
    """Its card as a message of its own: the one that was pressed stays."""
    CHECK = "check"
    CHANGE = "change"
    FORCE = "force"
    """Change it, although the new address does not work."""
    MOVE = "move"
    PRICE = "price"
    COUNTRY = "country"
    KIND = "kind"
    STATIC = "static"
    ROTATING = "rotating"
    SOCKS5 = "socks5"
    HTTP = "http"
    """These two say what it is where no check found that out."""
    REMOVE = "remove"
    RELEASE = "release"
    """These two ask first; the next two are the second press."""
    REMOVE_NOW = "remove_now"
    RELEASE_NOW = "release_now"
    USE = "use"
    """Give it to new accounts again."""
    KEEP = "keep"
    """Do not give a leased one back."""


class OnProxy(CallbackData, prefix="p"):
    """An act on one proxy."""

    act: ProxyAct
    id: int


class Moving(StrEnum):
    """Whom a move is of."""

    ALL = "all"
    """Every account of a proxy."""
    ONE = "one"


class MoveStep(StrEnum):
    CHOOSE = "choose"
    ASK = "ask"
    NOW = "now"


class OnMove(CallbackData, prefix="m"):
    """A step of moving accounts to another proxy."""

    step: MoveStep
    who: Moving
    id: int
    """The proxy whose accounts move, or the account."""
    to: int = 0
    """Where to; 0 is the least loaded of the others."""
    page: int = 0


class LeaseAct(StrEnum):
    ASK = "ask"
    """In which country?"""
    BUY = "buy"


class OnLease(CallbackData, prefix="l"):
    """A step of leasing a proxy."""

    act: LeaseAct
    id: int = 0
    """The proxy that was lost and is to be replaced; 0: one more."""
    country: str = ""


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
