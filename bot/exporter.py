"""Sessions that leave by the chat: each sealed, and its message deleted after a minute."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from loguru import logger

from bot.errors import BOT_API_ERRORS
from storage import preferences
from storage.database import Database
from storage.tx import Tx
from userbot import exporting

SHORTEST_PASSPHRASE = 12
SHOWN_FOR_S = 60.0
POLL_S = 5.0
_SHOWN = "exports.shown"
"""The preference that lists the messages to be deleted: a restart must not forget one."""


class Exporter:
    """Seals sessions, and deletes the messages that carry them."""

    def __init__(self, database: Database, bot: Bot, *, shown_for_s: float = SHOWN_FOR_S) -> None:
        self._database = database
        self._bot = bot
        self._shown_for = timedelta(seconds=shown_for_s)

    async def sealed(self, account_id: int, passphrase: str, *, by: int) -> str:
        """The account's session as one block of text. Raises `exporting.ExportRefused`."""
        actor = f"operator {by}"
        return await exporting.export(self._database, account_id, passphrase, actor=actor)

    async def delete_later(self, chat_id: int, message_id: int) -> None:
        """Delete that message when its minute is over, restarts included."""
        async with self._database.transaction() as tx:
            shown = await _shown(tx)
            until = (tx.now + self._shown_for).isoformat()
            shown.append({"chat": chat_id, "message": message_id, "until": until})
            await preferences.put(tx, _SHOWN, shown, by=None)

    async def run(self) -> None:
        """Delete what is due until cancelled. The Bot API being down only delays it."""
        with self._database.wakeups.subscribe(preferences.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    shown, now = await _shown(tx), tx.now
                for each in shown:
                    if datetime.fromisoformat(each["until"]) <= now and await self._delete(each):
                        await self._strike(each)
                if shown:
                    await asyncio.sleep(min(POLL_S, self._shown_for.total_seconds()))
                else:
                    await woken.wait(3600)

    async def _delete(self, shown: dict[str, Any]) -> bool:
        """False where that should be tried again."""
        try:
            await self._bot.delete_message(shown["chat"], shown["message"])
        except (TelegramBadRequest, TelegramForbiddenError) as exc:
            logger.bind(event="export.not_deleted").info(
                "an export was not there: {}", exc.message
            )
        except BOT_API_ERRORS:
            return False
        return True

    async def _strike(self, gone: dict[str, Any]) -> None:
        async with self._database.transaction() as tx:
            left = [each for each in await _shown(tx) if each != gone]
            await preferences.put(tx, _SHOWN, left, by=None)


async def _shown(tx: Tx) -> list[dict[str, Any]]:
    found = await preferences.get(tx, _SHOWN)
    return list(found.value) if found else []
