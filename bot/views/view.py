"""What is shown in a chat, and the buttons under it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import Go, Room
from bot.texts import Html, Texts

Button = tuple[str, CallbackData]
LinkButton = tuple[str, str]
"""A label, and the address that a press opens."""


@dataclass(frozen=True, slots=True)
class View:
    """A message: HTML text and rows of inline buttons."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None


def rows(*lines: Sequence[Button | LinkButton]) -> InlineKeyboardMarkup:
    """A keyboard of these rows; empty ones are left out."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[_button(text, press) for text, press in line] for line in lines if line]
    )


def _button(text: str, press: CallbackData | str) -> InlineKeyboardButton:
    if isinstance(press, str):
        return InlineKeyboardButton(text=text, url=press)
    return InlineKeyboardButton(text=text, callback_data=press.pack())


def back(t: Texts, room: Room = Room.HOME) -> Button:
    return (t("button-back"), Go(room=room))


def in_columns(buttons: Iterable[Button], width: int) -> list[list[Button]]:
    """Buttons in rows of `width`."""
    listed = list(buttons)
    return [listed[i : i + width] for i in range(0, len(listed), width)]


def age(t: Texts, span: timedelta) -> Html:
    """A duration in its two largest units."""
    seconds = max(0, round(span.total_seconds()))
    return t(
        "age",
        days=seconds // 86400,
        hours=seconds % 86400 // 3600,
        minutes=seconds % 3600 // 60,
        seconds=seconds % 60,
    )


def percent(t: Texts, share: float | None) -> Html:
    """A share of the time. Never 100 where something is missing."""
    if share is None:
        return t("uptime-unknown")
    shown = math.floor(share * 1000) / 10
    return t("uptime-percent", share=f"{shown:g}")


def due(t: Texts, at: datetime | None, now: datetime) -> Html:
    """When something is due: now, or in how long."""
    if at is None or at <= now:
        return t("due-now")
    return t("due-in", age=age(t, at - now))


def lines(parts: Iterable[str]) -> Html:
    """Rendered lines, one below the other."""
    return Html("\n".join(parts))
