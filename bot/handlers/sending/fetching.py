"""Fetching what an operator attached from the Bot API, to be kept until it has gone out."""

from io import BytesIO

from aiogram import Bot
from aiohttp import ClientError
from loguru import logger

from bot.errors import BOT_API_ERRORS
from bot.handlers.sending.plan import Content
from bot.program_drafts import MAX_BYTES
from storage.attachments import File

LIMIT_S = 300
"""For one file: 20 MB over a slow proxy take minutes."""


async def fetch(bot: Bot, content: Content) -> list[File] | None:
    """The files, in their order; None where Telegram does not give all of them."""
    found = []
    for file in content.files:
        data = await download(bot, file.file_id)
        if data is None:
            return None
        found.append(File(file.kind, data, file.name, file.mime_type, file.duration_s))
    return found


async def download(bot: Bot, file_id: str) -> bytes | None:
    """The bytes; None where Telegram does not give them, or more than can be sent."""
    into = BytesIO()
    try:
        await bot.download(file_id, destination=into, timeout=LIMIT_S)
    except (*BOT_API_ERRORS, ClientError, TimeoutError) as exc:
        logger.bind(event="fetch.failed").warning("a file was not fetched: {}", exc)
        return None
    data = into.getvalue()
    # Telegram need not say how large a file is.
    return data if 0 < len(data) <= MAX_BYTES else None
