"""Acts on the instances that share the accounts."""

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field


class InstanceAct(StrEnum):
    ASK = "ask"
    """What would happen."""
    DRAIN = "drain"
    """Do it; where accounts would go offline that asks once more."""
    DRAIN_ALL_THE_SAME = "offline"
    """The second press."""


class OnInstance(CallbackData, prefix="i"):
    """An act on one instance."""

    act: InstanceAct
    id: Annotated[str, Field(max_length=32, pattern="^[0-9a-f]+$")]
