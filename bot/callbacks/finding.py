"""The list of accounts, narrowed; and acts on all that it shows.

What does not fit into a button stands in it as a key of `storage.searches.key_of`.
"""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id, Page


class Which(StrEnum):
    """How the accounts of a list are."""

    ALL = "all"
    CONNECTED = "on"
    TROUBLE = "bad"
    STOPPED = "off"


class By(StrEnum):
    """What a list is narrowed by besides."""

    NOTHING = "-"
    PROXY = "p"
    COUNTRY = "c"
    TAG = "t"
    SEARCH = "s"


class OnList(CallbackData, prefix="f"):
    """A page of the accounts."""

    which: Which = Which.ALL
    by: By = By.NOTHING
    key: str = ""
    """The proxy's id, the country's code, or the key of the tag or of what was searched for."""
    page: Page = 0


class OnNarrow(CallbackData, prefix="n"):
    """A choice of what to narrow the list by."""

    by: By
    which: Which = Which.ALL
    page: Page = 0


class GroupAct(StrEnum):
    RECONNECT = "redo"
    START = "run"
    START_SURE = "sure"
    """Also those whose sessions may be in use elsewhere: an operator says that they are not."""
    STOP = "stop"
    TAG = "tag"
    MOVE = "move"


class GroupStep(StrEnum):
    CHOOSE = "in"
    """What shall they do?"""
    WHERE = "to"
    """To which proxy? `to` is the page."""
    ASK = "ask"
    NOW = "now"


class OnGroup(CallbackData, prefix="g"):
    """A step of an act on all accounts of a list."""

    step: GroupStep
    act: GroupAct = GroupAct.RECONNECT
    which: Which = Which.ALL
    by: By = By.NOTHING
    key: str = ""
    same: str = ""
    """Stands for the accounts that were asked about: others are not acted on by that press."""
    to: Id = 0
    """The proxy that they move to; 0 is the least loaded."""


class OnRound(CallbackData, prefix="r"):
    """How far an order for many is; the rest leads back to their list."""

    id: Id
    which: Which = Which.ALL
    by: By = By.NOTHING
    key: str = ""
