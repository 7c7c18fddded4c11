"""What inline buttons carry: an action and an id, so that a press works after any restart."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.sent_filter import Sent


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


class OnLease(CallbackData, prefix="le"):
    """A step of leasing a proxy."""

    act: LeaseAct
    id: int = 0
    """The proxy that was lost and is to be replaced; 0: one more."""
    country: str = ""


class DeliveryAct(StrEnum):
    AS_ACCOUNT = "account"
    AS_BOT = "bot"
    DISCARD = "discard"
    """Of a draft."""
    CANCEL = "cancel"
    """Of what was approved and has not gone out."""
    WAIT = "wait"
    """Do not ask again whether the bot shall send it."""
    ARRIVED = "arrived"
    AGAIN = "again"
    EDIT = "edit"
    """Of what was sent."""
    DELETE = "delete"
    """Asks first; the next one is the second press."""
    DELETE_NOW = "delete_now"
    DETAILS = "details"
    SHOW = "show"
    """Its card, in place of whatever is shown."""
    OPEN = "open"
    """Its card as a message of its own."""
    LAST = "last"
    """The latest messages of its chat."""


class OnDelivery(CallbackData, prefix="d"):
    """An act on one delivery."""

    act: DeliveryAct
    id: int


class SentBy(StrEnum):
    """What a list of deliveries is narrowed by: that is to be chosen."""

    NOTHING = "-"
    ACCOUNT = "a"
    TARGET = "t"


class OnSent(CallbackData, prefix="s"):
    """A page of the deliveries, the newest first; or a choice of what to narrow them by."""

    by: SentBy = SentBy.NOTHING
    which: Sent = Sent.ALL
    account: int = 0
    """Only of this account; 0: of all."""
    like: int = 0
    """Only those to the same target as this delivery: a target may be too long for a button."""
    page: int = 0


class DraftAct(StrEnum):
    SENDERS = "senders"
    """Choose who sends; `id` is the page."""
    SENDER = "sender"
    """Let the account `id` send."""
    AUTOMATIC = "automatic"
    """Let the best account send."""
    SPLIT = "split"
    """Send what was written as several messages."""
    EDIT = "edit"
    SILENT = "silent"
    LOUD = "loud"
    REPLY = "reply"
    NO_REPLY = "no_reply"
    AT = "at"
    NOW = "now"
    BY_BOT = "by_bot"
    ASK = "ask"
    WAIT = "wait"
    """These three are the fallback: of a draft, or of all new ones where `id` is 0."""
    PAUSE = "pause"
    RESUME = "resume"
    """These two hold all sending, and let it go on."""


class OnDraft(CallbackData, prefix="w"):
    """A step of writing a message, or an option of a draft."""

    act: DraftAct
    id: int = 0


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
