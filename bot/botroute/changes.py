"""Changes of what the bot has sent: both calls bear being repeated."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from bot.botroute.address import chat_of
from bot.botroute.contents import entities as as_entities
from bot.botroute.verdicts import Verdict, judge
from bot.errors import BOT_API_ERRORS
from bot.texts import Texts
from storage import attachments
from storage.database import Database
from storage.delivery import Delivery, Media

_NOT_THERE = ("message to edit not found", "message to delete not found")
_TOO_OLD = ("message can't be edited", "message can't be deleted")


class BotChanges:
    """Edits and deletes as the bot."""

    def __init__(self, database: Database, bot: Bot, t: Texts) -> None:
        self._database = database
        self._bot = bot
        self._t = t

    async def edit(
        self, delivery: Delivery, text: str, entities: Sequence[Mapping[str, Any]]
    ) -> str:
        """Give the message another text, or another caption; why not, or nothing."""
        chat_id = await self._chat_of(delivery)
        if chat_id is None:
            return self._words("bot-error-unknown-chat", target=delivery.target)
        message: dict[str, Any] = {
            "chat_id": chat_id,
            "message_id": delivery.message_id,
            "parse_mode": None,
        }
        try:
            if delivery.media is Media.NONE:
                await self._bot.edit_message_text(text, entities=as_entities(entities), **message)
            else:
                await self._bot.edit_message_caption(
                    caption=text, caption_entities=as_entities(entities), **message
                )
        except BOT_API_ERRORS as exc:
            return self._why_not(exc)
        return ""

    async def delete(self, delivery: Delivery) -> str:
        """Delete the message, or all of an album, for everyone; why not, or nothing."""
        chat_id = await self._chat_of(delivery)
        if chat_id is None:
            return self._words("bot-error-unknown-chat", target=delivery.target)
        async with self._database.read() as tx:
            items = await attachments.of(tx, delivery.id)
        known = [delivery.message_id, *(item.message_id for item in items)]
        for message_id in {number for number in known if number is not None}:
            try:
                await self._bot.delete_message(chat_id, message_id)
            except BOT_API_ERRORS as exc:
                if why_not := self._why_not(exc, is_gone_well=True):
                    return why_not
        return ""

    async def _chat_of(self, delivery: Delivery) -> int | str | None:
        async with self._database.read() as tx:
            return await chat_of(tx, delivery)

    def _why_not(self, error: Exception, *, is_gone_well: bool = False) -> str:
        """In plain words; empty where it is as it was to be."""
        said = str(getattr(error, "message", ""))
        if "not modified" in said:
            return ""
        if any(words in said for words in _NOT_THERE):
            return "" if is_gone_well else self._words("bot-change-gone")
        if any(words in said for words in _TOO_OLD):
            return self._words("bot-change-too-old")
        if isinstance(error, TelegramRetryAfter):
            return self._words("bot-change-throttled", seconds=error.retry_after)
        if judge(error) is Verdict.REFUSED:
            return self._words("bot-error-refused", words=said)
        return self._words("bot-change-lost")

    def _words(self, key: str, **args: str | float) -> str:
        return html.unescape(self._t(key, **args))
