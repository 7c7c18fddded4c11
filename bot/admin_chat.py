"""Where alerts go: the admin chat, or the first owner; a group that became a supergroup is kept."""

from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat
from aiogram.types import Message
from loguru import logger

from bot.people import People
from bot.views.view import View
from storage import preferences
from storage.database import Database
from storage.errors import StorageError

_MOVED = "admin_chat.moved"
"""The preference that holds which group has become which supergroup."""


class AdminChat:
    """The chat that is told what nobody asked for."""

    def __init__(self, bot: Bot, database: Database, people: People, chat_id: int | None) -> None:
        """`chat_id` is ADMIN_CHAT_ID."""
        self._bot = bot
        self._database = database
        self._people = people
        self._chat_id = chat_id
        self._last: int | None = chat_id

    async def where(self) -> int | None:
        """The chat's id; None where there is no admin chat and no owner yet."""
        try:
            self._last = await self._find()
        except StorageError:  # that the database is away must be told, too
            return self._last
        return self._last

    async def send(
        self, view: View, *, reply_to: int | None = None, is_silent: bool = False
    ) -> Message | None:
        """Send there; None where there is nobody yet. Raises what the Bot API raises."""
        chat_id = await self.where()
        if chat_id is None:
            return None
        try:
            return await self._send(chat_id, view, reply_to, is_silent=is_silent)
        except TelegramMigrateToChat as exc:
            await self._moved(exc.migrate_to_chat_id)
            # Messages of the group have other ids there: nothing to reply to.
            return await self._send(exc.migrate_to_chat_id, view, None, is_silent=is_silent)

    async def _send(
        self, chat_id: int, view: View, reply_to: int | None, *, is_silent: bool
    ) -> Message:
        return await self._bot.send_message(
            chat_id,
            view.text,
            reply_markup=view.keyboard,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=None if reply_to is None else True,
            disable_notification=is_silent or None,
        )

    async def _find(self) -> int | None:
        if self._chat_id is None:
            return await self._people.first_owner()
        async with self._database.read() as tx:
            moved = await preferences.get(tx, _MOVED)
        if moved is not None and moved.value.get("from") == self._chat_id:
            return int(moved.value["to"])
        return self._chat_id

    async def _moved(self, to: int) -> None:
        async with self._database.transaction() as tx:
            await preferences.put(tx, _MOVED, {"from": self._chat_id, "to": to}, by=None)
        logger.bind(event="admin_chat.moved").warning(
            "the admin chat is a supergroup now: set ADMIN_CHAT_ID={} when you can", to
        )
