"""Keeps every delivery's card true: edits it when the row has moved on, restarts included."""

import asyncio
from datetime import timedelta

from aiogram import Bot
from aiogram.types import ReplyParameters
from loguru import logger

from bot.errors import BOT_API_ERRORS
from bot.show import edit
from bot.stories import Story, story_of
from bot.texts import Texts
from bot.views import deliveries as views
from bot.zones import Zones
from storage import cards, deliveries
from storage.database import Database
from storage.delivery import Delivery, DeliveryState

POLL_S = 1.0
EDIT_EVERY_S = 1.0
"""Telegram bears about one edit a second in a chat."""
REMIND_AFTER_S = 15.0
"""So long after the press nobody looks at the card any more."""
QUIET = timedelta(seconds=1)
"""What takes no longer shows its receipt at once, without its steps before."""
_ON_THE_WAY = frozenset(
    {
        DeliveryState.PENDING,
        DeliveryState.SENDING,
        DeliveryState.BOT_PENDING,
        DeliveryState.BOT_SENDING,
    }
)


class Cards:
    """The loop that edits stale cards."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        *,
        zones: Zones | None = None,
        remind_after_s: float = REMIND_AFTER_S,
    ) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self._zones = zones or Zones(database)
        self._edited: dict[tuple[int, int], float] = {}
        """When each card was edited last, as far as that is less than a second ago."""
        self._remind_after = timedelta(seconds=remind_after_s)
        self._reminded: dict[int, str] = {}
        """What was said last below each card that waits for an operator."""

    async def run(self) -> None:
        """Edit until cancelled. The Bot API being down only delays it."""
        with self._database.wakeups.subscribe(deliveries.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    found = await cards.stale(tx)
                for delivery in found:
                    await self._refresh(delivery)
                await woken.wait(POLL_S)

    async def _refresh(self, delivery: Delivery) -> None:
        """Edit the card, or leave it stale for the next round where it is too early."""
        if delivery.card_chat_id is None or delivery.card_message_id is None:
            return
        where = (delivery.card_chat_id, delivery.card_message_id)
        zone = await self._zones.of(delivery.card_chat_id)
        async with self._database.read() as tx:
            story = await story_of(tx, delivery.id, zone)
        if story is None or self._was_just_edited(where) or self._is_quick(story):
            return
        self._edited[where] = asyncio.get_running_loop().time()
        if await edit(self._bot, *where, views.of(self._t, story)):
            async with self._database.transaction() as tx:
                await cards.set_place(tx, delivery.id, *where, story.head.version)
            logger.bind(delivery=delivery.id, event="card.edited").debug("card edited")
            await self._remind(story, *where)

    def _was_just_edited(self, where: tuple[int, int]) -> bool:
        since = asyncio.get_running_loop().time() - EDIT_EVERY_S
        self._edited = {place: at for place, at in self._edited.items() if at > since}
        return where in self._edited

    def _is_quick(self, story: Story) -> bool:
        """Whether it may be over before anybody could read how far it is."""
        approved = story.current.approved_at
        is_under_way = story.current.state in _ON_THE_WAY and not story.current.is_asking
        return is_under_way and approved is not None and self._database.now() - approved < QUIET

    async def _remind(self, story: Story, chat_id: int, message_id: int) -> None:
        """Where it waits for an operator say so below, once: an edit makes no sound."""
        words, head = views.reminder(self._t, story), story.head
        if words is None:
            self._reminded.pop(head.id, None)
            return
        approved = story.current.approved_at
        is_watched = approved is None or self._database.now() - approved < self._remind_after
        if is_watched or self._reminded.get(head.id) == words:
            return
        self._reminded[head.id] = words
        card = ReplyParameters(message_id=message_id, allow_sending_without_reply=True)
        try:
            await self._bot.send_message(chat_id, words, reply_parameters=card)
        except BOT_API_ERRORS as exc:  # the card says it; only the sound is lost
            log = logger.bind(delivery=head.id, event="card.unheard")
            log.warning("a reminder was not sent: {}", exc)
