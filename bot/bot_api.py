"""What a command asks the Bot API once: whose token it is, whether a webhook is set, the time."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User

from bot.control import make_bot
from bot.errors import BOT_API_ERRORS, PROXY_ERRORS

LIMIT_S = 10


class BotApiAway(Exception):
    """The Bot API can't be reached, or does not do its work; the text says how that showed."""


class TokenRejected(Exception):
    """The Bot API answers, and knows no bot with this token."""


@asynccontextmanager
async def client(token: str, *, api_url: str | None, proxy: str | None) -> AsyncIterator[Bot]:
    """A bot for some questions."""
    bot = make_bot(token, api_url=api_url, proxy=proxy)
    try:
        yield bot
    finally:
        await bot.session.close()


async def who_is(bot: Bot) -> User:
    """The bot itself. Raises `TokenRejected` and `BotApiAway`."""
    try:
        return await bot.get_me(request_timeout=LIMIT_S)
    except (TelegramUnauthorizedError, TelegramNotFound) as exc:
        raise TokenRejected("the Bot API does not know this token") from exc
    except BOT_API_ERRORS as exc:
        raise BotApiAway(_in_words(exc)) from exc


async def webhook_of(bot: Bot) -> str:
    """The host that updates are sent to; empty where there is no webhook. Raises `BotApiAway`."""
    try:
        found = await bot.get_webhook_info(request_timeout=LIMIT_S)
    except BOT_API_ERRORS as exc:
        raise BotApiAway(_in_words(exc)) from exc
    return urlsplit(found.url).hostname or found.url


async def ahead_s(bot: Bot) -> float | None:
    """By how much this machine's clock is ahead of the server's; None where it tells no time.

    Raises `BotApiAway`.
    """
    if not isinstance(bot.session, AiohttpSession):
        return None
    address = urlsplit(bot.session.api.api_url(bot.token, "getMe"))
    http = await bot.session.create_session()
    asked_at = time.time()
    try:
        # Without the token: what answers here needs none to tell the time.
        async with http.get(
            f"{address.scheme}://{address.netloc}/",
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(LIMIT_S),
        ) as response:
            told = response.headers.get("Date")
    except (aiohttp.ClientError, OSError, *PROXY_ERRORS) as exc:
        raise BotApiAway(_in_words(exc)) from exc
    if told is None:
        return None
    try:
        theirs = parsedate_to_datetime(told)
    except ValueError:
        return None
    # Its second began up to one ago, while the answer was on its way.
    now = datetime.fromtimestamp((asked_at + time.time()) / 2, UTC)
    return (now - theirs.astimezone(UTC)).total_seconds() - 0.5


def _in_words(error: Exception) -> str:
    """Never what the error says of addresses: the token is in those."""
    if isinstance(error, PROXY_ERRORS):
        return "BOT_PROXY does not let us through"
    if isinstance(error, TimeoutError):
        return f"no answer within {LIMIT_S} s"
    cause = error.__cause__ or error.__context__
    if isinstance(cause, aiohttp.ClientConnectorError):
        return f"{cause.host} can't be reached"
    return type(error).__name__ if "/bot" in str(error) else str(error)[:200]
