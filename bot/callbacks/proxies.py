"""Acts on proxies, moves between them, and leases."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id, Page


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
    id: Id


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
    id: Id
    """The proxy whose accounts move, or the account."""
    to: Id = 0
    """Where to; 0 is the least loaded of the others."""
    page: Page = 0


class LeaseAct(StrEnum):
    ASK = "ask"
    """In which country?"""
    BUY = "buy"


class OnLease(CallbackData, prefix="le"):
    """A step of leasing a proxy."""

    act: LeaseAct
    id: Id = 0
    """The proxy that was lost and is to be replaced; 0: one more."""
    country: str = ""
