"""Acts on accounts."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


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
    SETTINGS = "settings"
    EXPORT = "export"


class OnAccount(CallbackData, prefix="a"):
    """An act on one account."""

    act: AccountAct
    id: int
