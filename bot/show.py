"""Shows views in chats, and shrugs off what the Bot API says about edits that change nothing."""

import asyncio

from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.types import CallbackQuery, Message
from loguru import logger

from bot.errors import BOT_API_ERRORS
from bot.views.view import View

_REFUSALS = (TelegramBadRequest, TelegramNotFound, TelegramForbiddenError)


async def edit(bot: Bot, chat_id: int, message_id: int, view: View) -> bool:
    """Edit a message; False where that should be tried again later (429, network).

    An edit that changes nothing, and a message that is gone, are as good as done.
    """
    try:
        return await edit_or_yield(bot, chat_id, message_id, view)
    except TelegramRetryAfter as exc:
        await asyncio.sleep(exc.retry_after)
        return False


async def edit_or_yield(bot: Bot, chat_id: int, message_id: int, view: View) -> bool:
    """The same, but a 429 is raised: `TelegramRetryAfter` says when the chat has room again."""
    try:
        await bot.edit_message_text(
            view.text, chat_id=chat_id, message_id=message_id, reply_markup=view.keyboard
        )
    except TelegramRetryAfter:
        raise
    except (TelegramMigrateToChat, *_REFUSALS) as exc:
        if "not modified" not in exc.message:
            logger.bind(event="show.refused").warning("an edit was refused: {}", exc.message)
        return True
    except BOT_API_ERRORS:
        return False
    return True


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Answer a press. One that is too old to be answered is acted on all the same."""
    try:
        await query.answer(text)
    except BOT_API_ERRORS as exc:
        logger.bind(event="show.late").debug("a press could not be answered: {}", exc)


async def reply(message: Message, view: View) -> Message:
    """Send a view into the chat of `message`."""
    return await message.answer(view.text, reply_markup=view.keyboard)


async def replace(query: CallbackQuery, view: View) -> None:
    """Show a view in place of the message whose button was pressed.

    Where that is gone, or is a picture, which has no text to edit, it comes below.
    """
    if query.message is None or query.bot is None:
        return
    chat_id = query.message.chat.id
    if isinstance(query.message, Message) and query.message.text is not None:
        await edit(query.bot, chat_id, query.message.message_id, view)
    else:
        await query.bot.send_message(chat_id, view.text, reply_markup=view.keyboard)


async def put(message: Message, view: View) -> None:
    """Show a view in place of a message of ours."""
    if message.bot is not None:
        await edit(message.bot, message.chat.id, message.message_id, view)
