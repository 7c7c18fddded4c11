"""Shows the drafts of programs in the admin chat, where operators say what becomes of them."""

import asyncio

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from loguru import logger

from bot.admin_chat import AdminChat
from bot.errors import BOT_API_ERRORS
from bot.stories import story_of
from bot.texts import Texts
from bot.views import deliveries as views
from bot.zones import Zones
from storage import cards, deliveries
from storage.database import Database
from userbot.workload import Workload

POLL_S = 1.0
RETRY_S = 30.0
"""After the admin chat could not be written to."""


class ProgramCards:
    """The loop that gives each such draft its card; from then on `bot.cards` keeps it true."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        *,
        admin_chat: AdminChat,
        zones: Zones,
        workload: Workload,
    ) -> None:
        """`workload` is what a shutdown lets finish."""
        self._database = database
        self._bot = bot
        self._t = t
        self._admin_chat = admin_chat
        self._zones = zones
        self._workload = workload

    async def run(self) -> None:
        """Show until cancelled. A crash between card and row shows a draft twice, never not."""
        with self._database.wakeups.subscribe(deliveries.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    unseen = await cards.missing(tx)
                for delivery in unseen:
                    with self._workload.piece():  # a shutdown in between would show it twice
                        pause_s = await self._show(delivery.id)
                    if pause_s:
                        await asyncio.sleep(pause_s)
                        break  # some may have been decided or withdrawn meanwhile
                else:
                    await woken.wait(POLL_S)

    async def _show(self, delivery_id: int) -> float:
        """Post the card; returns how long to wait where that is not possible now."""
        zone = await self._zones.of(await self._admin_chat.where() or 0)
        async with self._database.read() as tx:
            story = await story_of(tx, delivery_id, zone)
        if story is None:
            return 0
        view = views.of(self._t, story)
        try:
            sent = await self._admin_chat.send(view)
        except TelegramRetryAfter as exc:
            return exc.retry_after
        except BOT_API_ERRORS as exc:
            logger.bind(event="draft.not_shown").warning("the admin chat got no card: {}", exc)
            return RETRY_S
        if sent is None:
            return RETRY_S
        async with self._database.transaction() as tx:
            shown = story.head.version
            await cards.set_place(tx, delivery_id, sent.chat.id, sent.message_id, shown)
        return 0
