"""Keeps every delivery's card true: edits it when the row has moved on, restarts included."""

from aiogram import Bot
from loguru import logger

from bot.show import edit
from bot.texts import Texts
from bot.views import accounts as account_views
from bot.views import deliveries as views
from storage import accounts, deliveries
from storage.database import Database
from storage.delivery import Delivery

POLL_S = 1.0


class Cards:
    """The loop that edits stale cards."""

    def __init__(self, database: Database, bot: Bot, t: Texts) -> None:
        self._database = database
        self._bot = bot
        self._t = t

    async def run(self) -> None:
        """Edit until cancelled. The Bot API being down only delays it."""
        with self._database.wakeups.subscribe(deliveries.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    stale = await deliveries.with_stale_cards(tx)
                for delivery in stale:
                    await self._refresh(delivery)
                await woken.wait(POLL_S)

    async def _refresh(self, delivery: Delivery) -> None:
        if delivery.card_chat_id is None or delivery.card_message_id is None:
            return
        async with self._database.read() as tx:
            account = await accounts.get(tx, delivery.account_id)
        name = account_views.name(account) if account else f"#{delivery.account_id}"
        view = views.card(self._t, delivery, name)
        where = (delivery.card_chat_id, delivery.card_message_id)
        if await edit(self._bot, *where, view):
            async with self._database.transaction() as tx:
                await deliveries.set_card(tx, delivery.id, *where, delivery.version)
            logger.bind(delivery=delivery.id, event="card.edited").debug("card edited")
