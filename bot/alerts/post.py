"""Puts alerts into the admin chat: sends, edits, replies.

Trouble
├── Held        the Bot API wants us to wait, so many seconds
├── Away        the Bot API can't be reached, or has a fault of its own
├── Refused     it does not take this: the chat is closed to us, or the message is bad
└── Nobody      there is no admin chat yet
"""

from typing import TypeAlias

from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import Message
from loguru import logger

from bot.admin_chat import AdminChat
from bot.errors import BOT_API_ERRORS, may_have_arrived
from bot.views.view import View

Place: TypeAlias = tuple[int, int]
"""A chat and a message in it."""
_REFUSALS = (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)


class Trouble(Exception):
    """It was not said; `may_have_arrived` where that is not certain."""

    may_have_arrived = False


class Held(Trouble):
    """Too many calls: none for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:g} s")
        self.seconds = seconds


class Away(Trouble):
    """The Bot API can't be reached, or has a fault: try again soon."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.may_have_arrived = may_have_arrived(error)


class Refused(Trouble):
    """The chat or the message is not taken: try again later."""


class Nobody(Trouble):
    """There is no admin chat, and no owner."""


class Post:
    """The admin chat as alerts use it. All methods raise `Trouble`."""

    def __init__(self, bot: Bot, admin_chat: AdminChat) -> None:
        self._bot = bot
        self._admin_chat = admin_chat

    async def put(self, place: Place | None, view: View) -> Place:
        """Show it in that message, or in a new one; returns where it stands.

        A message that is gone, or in a chat that is, is sent anew: its news must not be lost.
        """
        if place is not None and await self._edited(place, view):
            return place
        sent = await self._sent(view, None)
        return sent.chat.id, sent.message_id

    async def reply(self, place: Place, view: View) -> None:
        """Answer that message, aloud; where its chat is no longer ours, without it."""
        chat_id, message_id = place
        is_there = await self._admin_chat.where() == chat_id
        await self._sent(view, message_id if is_there else None)

    async def _edited(self, place: Place, view: View) -> bool:
        chat_id, message_id = place
        try:
            await self._bot.edit_message_text(
                view.text, chat_id=chat_id, message_id=message_id, reply_markup=view.keyboard
            )
        except TelegramRetryAfter as exc:
            raise Held(exc.retry_after) from exc
        except (TelegramMigrateToChat, *_REFUSALS) as exc:
            if "not modified" in exc.message:
                return True
            logger.bind(event="alert.moved").warning("an alert is sent anew: {}", exc.message)
            return False
        except BOT_API_ERRORS as exc:
            raise Away(exc) from exc
        return True

    async def _sent(self, view: View, reply_to: int | None) -> Message:
        try:
            sent = await self._admin_chat.send(view, reply_to=reply_to)
        except TelegramRetryAfter as exc:
            raise Held(exc.retry_after) from exc
        except _REFUSALS as exc:
            raise Refused(exc.message) from exc
        except BOT_API_ERRORS as exc:
            raise Away(exc) from exc
        if sent is None:
            raise Nobody
        return sent
