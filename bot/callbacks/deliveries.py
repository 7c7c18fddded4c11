"""Acts on deliveries, their list, and steps of writing one."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id, Page
from bot.sent_filter import Sent


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
    id: Id


class SentBy(StrEnum):
    """What a list of deliveries is narrowed by: that is to be chosen."""

    NOTHING = "-"
    ACCOUNT = "a"
    TARGET = "t"


class OnSent(CallbackData, prefix="s"):
    """A page of the deliveries, the newest first; or a choice of what to narrow them by."""

    by: SentBy = SentBy.NOTHING
    which: Sent = Sent.ALL
    account: Id = 0
    """Only of this account; 0: of all."""
    like: Id = 0
    """Only those to the same target as this delivery: a target may be too long for a button."""
    page: Page = 0


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
    id: Id = 0


class OnCalled(CallbackData, prefix="wc"):
    """Choose who sends, of the accounts that a search found; `key` is that of its text."""

    key: str
    page: Page = 0
