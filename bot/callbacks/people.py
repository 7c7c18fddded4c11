"""Acts on the people who may use the bot."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks.numbers import Id
from storage.operators import Role


class PersonAct(StrEnum):
    SHOW = "show"
    ROLE = "role"
    PUT_OUT = "out"
    """Asks first; the next one is the second press."""
    PUT_OUT_NOW = "out_now"


class OnPerson(CallbackData, prefix="o"):
    """An act on one person; `role` where they get another one."""

    act: PersonAct
    id: Id
    role: Role = Role.VIEWER


class Invite(CallbackData, prefix="oi"):
    """Make a link that lets one person in."""

    role: Role
