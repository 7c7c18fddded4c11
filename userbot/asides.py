"""What a line is asked beside its work."""

from datetime import datetime, timedelta

from loguru import logger

from storage.database import Database
from userbot.exits import note_exit
from userbot.freezing import note_freeze, note_thaw
from userbot.line import Line
from userbot.terms import Terms

FROZEN_ASK_EVERY = timedelta(hours=1)
"""How often Telegram is asked whether a freeze is over: an appeal takes days."""


class Asides:
    """Of one account: what each line of it is asked once, when it has been up for a while."""

    def __init__(self, account_id: int, terms: Terms) -> None:
        self._account_id = account_id
        self._terms = terms
        self._asked: Line | None = None
        self._frozen_ask_at: datetime | None = None

    @property
    def _database(self) -> Database:
        return self._terms.database

    async def proven(self, line: Line, proxy_id: int, *, is_frozen: bool) -> bool:
        """The line has answered again; False where Telegram says that a freeze is over.

        Not asked at its start: a thousand may be connecting.
        """
        if line.latency_s is not None:
            self._terms.tallies.pings.add(line.latency_s)
        if line is not self._asked:
            self._asked, self._frozen_ask_at = line, None
            await note_exit(line, self._account_id, proxy_id, self._terms)
        now = self._database.now()
        if not is_frozen or (self._frozen_ask_at is not None and now < self._frozen_ask_at):
            return True
        self._frozen_ask_at = now + FROZEN_ASK_EVERY
        return await note_freeze(self._database, line, self._account_id)

    async def turned(self, line: Line | None, *, is_frozen: bool) -> None:
        """Telegram has frozen the account, or thawed it."""
        if not is_frozen:
            await note_thaw(self._database, self._account_id)
            return
        self._frozen_ask_at = self._database.now() + FROZEN_ASK_EVERY
        await note_freeze(self._database, line, self._account_id)

    def forget(self) -> None:
        """The line is closed; nothing of it is kept."""
        self._asked = None


async def answers(line: Line, within_s: float) -> bool:
    """Whether Telegram answers on it just now."""
    try:
        await line.ping(within_s)
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is no answer
        logger.bind(event="line.silent").debug("no answer before hanging up: {}", exc)
        return False
    return True
