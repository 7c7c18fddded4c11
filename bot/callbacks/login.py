"""Acts on logins that are under way, the keys of a code, and what an operator sets of an account."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id


class Key(CallbackData, prefix="k"):
    """A key of the keypad on which a login code is typed: a digit, `back`, or `end`."""

    key: str
    id: Id


class LoginAct(StrEnum):
    RESEND = "resend"
    CANCEL = "cancel"
    AGAIN = "again"
    QR = "qr"
    """By a picture; `id` 0 is a new account."""
    DISCARD = "discard"
    """End the second login of an account that is here already."""
    IMPORT = "import"
    """A session made elsewhere; `id` is 0."""
    START = "start"
    """It is the only copy of the session: let the account run."""
    KEEP = "keep"
    """Leave what was imported stopped."""


class OnLogin(CallbackData, prefix="l"):
    """An act on a login that is under way."""

    act: LoginAct
    id: Id


class Trait(StrEnum):
    """What an operator sets of an account."""

    LABEL = "label"
    TAGS = "tags"
    COUNTRY = "country"
    IMPORTANCE = "importance"
    ALWAYS_ONLINE = "always"
    ONE_TIME = "one_time"


class OnTrait(CallbackData, prefix="t"):
    """Ask for what it is to be, or set it to `to`; `-` is nothing."""

    trait: Trait
    id: Id
    to: str = ""
