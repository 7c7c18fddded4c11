"""Refusals, with Telegram's own codes and texts.

Source of the texts: `Client.cpp` of tdlib/telegram-bot-api and the TDLib files it calls.
"""


class Refusal(Exception):
    """The request is answered with `ok: false`. The description carries Telegram's prefix."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def bad_request(reason: str) -> Refusal:
    """400 with Telegram's prefix; `reason` begins in lower case unless it is a constant's name."""
    return Refusal(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refusal:
    return Refusal(403, f"Forbidden: {reason}")
