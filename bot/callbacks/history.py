"""What was: pages of the journal, and pictures of uptimes."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id


class EventGroup(StrEnum):
    """What a page of the journal is narrowed to."""

    ALL = "all"
    CONNECTION = "line"
    LOGIN = "login"
    PROXIES = "proxy"
    SENDING = "send"
    OPERATORS = "people"
    STORAGE = "store"


class Way(StrEnum):
    OLDER = "o"
    NEWER = "n"


class OnEvents(CallbackData, prefix="ev"):
    """A page of the journal."""

    group: EventGroup = EventGroup.ALL
    account: Id = 0
    """Only of this account; 0: of all."""
    way: Way = Way.OLDER
    edge: Id = 0
    """The entry next to which it begins; 0: at the newest."""


class Days(StrEnum):
    DAY = "1"
    WEEK = "7"


class OnUptime(CallbackData, prefix="up"):
    """A picture of the last days: of all accounts (0), or of one."""

    account: Id = 0
    days: Days = Days.DAY
