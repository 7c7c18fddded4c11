"""When Telegram says that the first call with this `random_id` still runs."""

from datetime import datetime, timedelta

from telethon import errors as tl
from telethon.tl import functions

from storage import deliveries
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from userbot.errors import CallTimedOut, ConnectionLost
from userbot.line import Line
from userbot.sending.ledger import Ledger
from userbot.sending.requests import input_peer

AGAIN_S = 2.0
LIMIT = timedelta(seconds=60)
LOOKED_AT = 50
"""So many of the chat's latest messages are looked through."""
CLOCKS_APART = timedelta(seconds=10)


class Doubt:
    """Asks again for a minute, then looks into the chat, and leaves the rest to an operator."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._since: dict[int, datetime] = {}

    async def still_running(self, line: Line, delivery: Delivery) -> bool:
        """`RANDOM_ID_DUPLICATE`; False where it is asked for again."""
        now = self._ledger.now()
        if now - self._since.setdefault(delivery.id, now) < LIMIT:
            words = "Telegram still works on the first try"
            due = self._ledger.after(AGAIN_S)
            await self._ledger.back(delivery, not_before=due, error=words)
            return False
        try:
            found = await self._in_history(line, delivery)
        except (tl.RPCError, ConnectionLost, CallTimedOut):
            found = None
        del self._since[delivery.id]
        if found is not None:
            return await self._ledger.move(
                delivery, DeliveryState.SENT, message_id=found, error=""
            )
        words = "Telegram says that the first try still runs, and the chat does not show it"
        await self._ledger.move(delivery, DeliveryState.UNKNOWN, error=words)
        return True

    async def _in_history(self, line: Line, delivery: Delivery) -> int | None:
        """The message in the chat that is this one: our own, as new, as worded, nobody else's."""
        if delivery.peer is None or delivery.handed_at is None:
            return None
        request = functions.messages.GetHistoryRequest(
            input_peer(delivery.peer),
            offset_id=0,
            offset_date=None,
            add_offset=0,
            limit=LOOKED_AT,
            max_id=0,
            min_id=0,
            hash=0,
        )
        shown = await line.call(request)
        ids = [message.id for message in shown.messages]
        async with self._database.read() as tx:
            taken = await deliveries.known_messages(tx, delivery.account_id, delivery.peer, ids)
        for message in shown.messages:
            is_mine = getattr(message, "out", False) and message.id not in taken
            is_new = message.date >= delivery.handed_at - CLOCKS_APART
            if is_mine and is_new and _says(message.message, delivery.text):
                return int(message.id)
        return None


def _says(shown: str, ours: str) -> bool:
    """Telegram trims a text at both ends."""
    return shown.strip() == ours.strip()
