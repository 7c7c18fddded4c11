"""Refusals, with Telegram's own codes and texts.

Source of the texts: `Client.cpp` of tdlib/telegram-bot-api and the TDLib files it calls.
"""

from collections.abc import Mapping

CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


class Refusal(Exception):
    """The request is answered with `ok: false`. The description carries Telegram's prefix."""

    def __init__(
        self, code: int, description: str, parameters: Mapping[str, int] | None = None
    ) -> None:
        """`parameters` are what a program needs to go on (core.telegram.org/bots/api#responseparameters)."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})


def bad_request(reason: str) -> Refusal:
    """400 with Telegram's prefix; `reason` begins in lower case unless it is a constant's name."""
    return Refusal(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refusal:
    return Refusal(403, f"Forbidden: {reason}")
