"""Acts on alerts: what is told at all, and what many accounts wait for."""

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from bot.callbacks.numbers import Id
from storage.alert_switches import AlertKind


class Below(CallbackData, prefix="b", sep="^"):
    """Another button's press, answered in a message of its own: the one with it stays as it is."""

    press: str


def below(press: CallbackData) -> Below:
    """That button, for a message that must not become something else."""
    return Below(press=press.pack())


class AlertAct(StrEnum):
    RECONNECT_ALL = "reconnect"
    """Every account that waits for the same as this incident's."""
    MUTES = "mutes"
    """How long to hear nothing of the account."""
    SWITCHES = "switches"
    """Which kinds of alerts are told."""


class OnAlert(CallbackData, prefix="al"):
    """An act on an incident (reconnect), an account (mutes), or none."""

    act: AlertAct
    id: Id = 0


UNTIL_UNMUTED = -1
"""In the place of hours: until somebody ends it."""
LONGEST_MUTE_H = 24 * 366


class OnMute(CallbackData, prefix="mu"):
    """Mute an account for so many hours; 0 ends it."""

    id: Id
    hours: Annotated[int, Field(ge=UNTIL_UNMUTED, le=LONGEST_MUTE_H)]


class OnSwitch(CallbackData, prefix="sw"):
    """Switch a kind of alerts on or off."""

    kind: AlertKind
    is_on: bool
