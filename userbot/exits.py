"""Where a line's traffic leaves, as Telegram sees it."""

from loguru import logger
from telethon.errors import RPCError, TypeNotFoundError
from telethon.tl import functions

from storage.exits import ExitSeen
from userbot.errors import CallTimedOut
from userbot.line import Line
from userbot.terms import Terms

LIMIT_S = 10.0
_COUNTRY_LENGTH = 2


async def note_exit(line: Line, proxy_id: int, terms: Terms) -> None:
    """Ask Telegram, and keep it where it is news. No answer says nothing of the line."""
    try:
        nearest = await line.call(functions.help.GetNearestDcRequest(), limit_s=LIMIT_S)
    except (RPCError, TypeNotFoundError, CallTimedOut) as exc:
        logger.bind(event="exit.unknown").debug("the exit country was not told: {}", exc)
        return
    country = str(nearest.country).lower()
    if len(country) != _COUNTRY_LENGTH or terms.exits.get(proxy_id) == country:
        return
    terms.exits[proxy_id] = country
    await terms.database.writer.post(ExitSeen(proxy_id, country))
