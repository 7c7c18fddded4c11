"""Acts on accounts and on logins."""

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


class OnAccount(CallbackData, prefix="a"):
    """An act on one account."""

    act: AccountAct
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
