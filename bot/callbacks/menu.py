"""Rooms that menu buttons lead to."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Page


class Room(StrEnum):
    """Where a menu button leads."""

    HOME = "home"
    STATUS = "status"
    LEGEND = "legend"
    ACCOUNTS = "accounts"
    PROXIES = "proxies"
    SICK_PROXIES = "sick"
    CHECK_PROXIES = "check"
    COSTS = "costs"
    SEND = "send"
    ADD_PROXY = "add_proxy"
    ADD_ACCOUNT = "add_account"
    CANCEL = "cancel"
    PEOPLE = "people"
    SETTINGS = "settings"
    INSTANCES = "instances"
    FALLBACK = "fallback"
    ZONE = "zone"
    HELP = "help"
    DRAFT = "draft"


class Go(CallbackData, prefix="go"):
    """Open a room; `page` where it is a list."""

    room: Room
    page: Page = 0
