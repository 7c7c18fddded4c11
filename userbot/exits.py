"""Where a line's traffic leaves, as Telegram sees it."""

import asyncio

from loguru import logger
from telethon.errors import RPCError, TypeNotFoundError
from telethon.tl import functions

from storage.errors import StorageError
from storage.exits import ExitSeen
from userbot.asking import MustWait, ask
from userbot.errors import CallTimedOut, ends_line
from userbot.line import Line
from userbot.terms import Terms

METHOD = "help.getNearestDc"
ANSWER_LIMIT_S = 8.0
LIMIT_S = 10.0
"""With the look for a wait: no ping goes out meanwhile, also while the database is away."""
_COUNTRY_LENGTH = 2


async def note_exit(
    line: Line, account_id: int, proxy_id: int, terms: Terms, *, within_s: float = LIMIT_S
) -> None:
    """Ask Telegram, and keep it where it is news. No answer says nothing of the line.

    Raises what says that the session is at its end, and `ConnectionLost`.
    """
    request = functions.help.GetNearestDcRequest()
    try:
        async with asyncio.timeout(within_s):
            nearest = await ask(
                terms.database, line, account_id, METHOD, request, limit_s=ANSWER_LIMIT_S
            )
    except (
        MustWait,
        RPCError,
        TypeNotFoundError,
        CallTimedOut,
        TimeoutError,
        StorageError,
    ) as exc:
        if ends_line(exc):
            raise
        logger.bind(event="exit.unknown").debug("the exit country was not told: {}", exc)
        return
    country = str(nearest.country).lower()
    if len(country) != _COUNTRY_LENGTH or terms.exits.get(proxy_id) == country:
        return
    terms.exits[proxy_id] = country
    await terms.database.writer.post(ExitSeen(proxy_id, country))
