"""Tells the admin chat that the database can't be written, and when it can again.

This one incident can't be a row: the table that would hold it is what is locked.
"""

import asyncio
from datetime import UTC, tzinfo

from aiogram import Bot
from aiogram.types import Message
from loguru import logger

from bot.admin_chat import AdminChat
from bot.errors import BOT_API_ERRORS
from bot.show import edit
from bot.texts import Texts
from bot.times import clock
from bot.views.view import View, age
from storage import alert_switches, journal
from storage.alert_switches import AlertKind
from storage.database import Database
from storage.writer import Trouble

LOOK_EVERY_S = 5.0


class StorageWatch:
    """Looks at the writer, and keeps one message up to date."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        *,
        admin_chat: AdminChat,
        zone: tzinfo = UTC,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self._admin_chat = admin_chat
        self._zone = zone
        self._every_s = every_s
        self._told: tuple[Trouble, Message] | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(self._every_s)

    async def _look(self) -> None:
        trouble = self._database.writer.trouble
        if trouble is not None and self._told is None:
            await self._tell(trouble)
        elif trouble is None and self._told is not None:
            await self._tell_over(*self._told)

    async def _tell(self, trouble: Trouble) -> None:
        async with self._database.read() as tx:
            if AlertKind.STORAGE in await alert_switches.off(tx):
                return
        at = clock(trouble.since, self._database.now(), self._zone)
        words = self._t("alert-storage", at=at, cause=trouble.cause.rstrip("."))
        try:
            sent = await self._admin_chat.send(View(words))
        except BOT_API_ERRORS:
            return  # the next look tries again
        if sent is not None:
            self._told = (trouble, sent)

    async def _tell_over(self, trouble: Trouble, message: Message) -> None:
        lasted = self._database.now() - trouble.since
        at = clock(trouble.since, self._database.now(), self._zone)
        words = self._t("alert-storage-over", at=at, age=age(self._t, lasted))
        if not await edit(self._bot, message.chat.id, message.message_id, View(words)):
            return
        self._told = None
        logger.bind(event="storage.back").info("the database can be written again")
        async with self._database.transaction() as tx:
            await journal.note(
                tx,
                "storage.busy",
                actor="mooring",
                cause=trouble.cause,
                data={"seconds": round(lasted.total_seconds())},
            )
