"""What an operator sets for themselves."""

from aiogram.filters.callback_data import CallbackData


class OnZone(CallbackData, prefix="z"):
    """Have times shown in that zone; an empty name is the one of the settings."""

    name: str = ""
