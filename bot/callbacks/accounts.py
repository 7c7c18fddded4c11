"""Acts on accounts."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id


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
    """These three ask first; the next three are the second press.

    To forget an account whose number is good for one login only takes its typed label instead.
    """
    STOP_NOW = "stop_now"
    FORGET_NOW = "forget_now"
    LOG_OUT_NOW = "log_out_now"
    RESTORE = "restore"
    SETTINGS = "settings"
    EXPORT = "export"
    LAST = "last"


class OnAccount(CallbackData, prefix="a"):
    """An act on one account."""

    act: AccountAct
    id: Id
