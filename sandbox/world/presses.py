"""Presses of inline buttons on their way from a user to a bot and back."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.world.messages import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said to a press: a toast, or a box to dismiss."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(slots=True)
class Press:
    """One press of a callback button. `message` is the bot's copy, or the one that all share."""

    id: str
    user_id: int
    bot_id: int
    message: Message
    data: str
    answered: "asyncio.Future[Answer]" = field(repr=False)


class Presses:
    """Presses that wait for their answer, and who hears of new ones."""

    def __init__(self) -> None:
        self._open: dict[str, Press] = {}
        self._listeners: dict[int, Callable[[Press], None]] = {}

    def listen(self, bot_id: int, listener: Callable[[Press], None]) -> None:
        """One listener a bot: its Bot API queue. It hears at once of what is open already."""
        self._listeners[bot_id] = listener
        for press in tuple(self._open.values()):
            if press.bot_id == bot_id:
                listener(press)

    def press(self, user_id: int, message: Message, data: str) -> Press:
        """Hand a press to the bot that sent `message` (the bot's copy)."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        press = Press(str(secrets.randbits(62)), user_id, message.sender_id, message, data, future)
        self._open[press.id] = press
        if listener := self._listeners.get(press.bot_id):
            listener(press)
        return press

    def answer(self, bot_id: int, press_id: str, answer: Answer) -> bool:
        """Answer a press once; False where it is unknown, another bot's, or answered before."""
        press = self._open.get(press_id)
        if press is None or press.bot_id != bot_id:
            return False
        del self._open[press_id]
        if not press.answered.done():
            press.answered.set_result(answer)
        return True
