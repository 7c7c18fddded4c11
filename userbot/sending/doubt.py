"""When Telegram says that the first call with this `random_id` still runs."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from telethon.errors import RPCError
from telethon.tl import functions, types

from storage import attachments, deliveries
from storage.database import Database
from storage.delivery import Delivery, Media
from userbot.asking import MustWait, ask
from userbot.errors import LineError, ends_line
from userbot.line import Line
from userbot.reading import HISTORY
from userbot.sending.ledger import Ledger
from userbot.sending.receipts import Receipts
from userbot.sending.requests import input_peer
from userbot.userbot import Userbot

LOOKED_AT = 50
"""So many of the chat's latest messages are looked through."""
SHORT_WAIT = timedelta(seconds=30)
"""So long a delivery waits for a look into its chat; longer, and an operator may look sooner."""
CLOCKS_APART = timedelta(seconds=10)
_RUNS = "Telegram says that the first try still runs"


class Doubt:
    """Asks again for a while, then looks into the chat, and leaves the rest to an operator."""

    def __init__(self, database: Database, ledger: Ledger, receipts: Receipts) -> None:
        self._database = database
        self._ledger = ledger
        self._receipts = receipts
        self._since: dict[int, datetime] = {}

    async def still_running(self, userbot: Userbot, line: Line, delivery: Delivery) -> bool:
        """`RANDOM_ID_DUPLICATE`; False where it is asked for again."""
        now = self._ledger.now()
        repeats = self._ledger.repeats
        limit = timedelta(seconds=repeats.in_doubt_after_s)
        if now - self._since.setdefault(delivery.id, now) < limit:
            words = "Telegram still works on the first try"
            due = self._ledger.after(repeats.still_running_s)
            await self._ledger.back(delivery, not_before=due, error=words)
            return False
        try:
            found = await self._in_history(line, delivery)
        except MustWait as exc:
            wait = exc.in_words(self._ledger.now())
            if exc.until - self._ledger.now() <= SHORT_WAIT:  # mostly met by somebody else's look
                await self._ledger.back(delivery, not_before=exc.until, error=f"{_RUNS}. {wait}")
                return False
            return await self._leave(delivery, f"{_RUNS}. {wait} before it looks into the chat")
        except (RPCError, LineError) as exc:
            if ends_line(exc):
                userbot.fail_line(exc)
                await self._ledger.back(delivery)
                return False
            found = []
        if not found:
            return await self._leave(delivery, f"{_RUNS}, and the chat does not show it")
        del self._since[delivery.id]
        async with self._database.read() as tx:
            items = await attachments.of(tx, delivery.id)
        await self._receipts.write(delivery, items, found)
        return True

    async def _leave(self, delivery: Delivery, words: str) -> bool:
        """To an operator, who may look."""
        del self._since[delivery.id]
        return await self._ledger.doubt(delivery, words)

    async def _in_history(self, line: Line, delivery: Delivery) -> list[int]:
        """The messages in the chat that are this one: our own, as new, as worded, no other's."""
        if delivery.peer is None:
            return []
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
        answer = await ask(self._database, line, delivery.account_id, HISTORY, request)
        shown = [m for m in answer.messages if isinstance(m, types.Message)]
        ids = [message.id for message in shown]
        async with self._database.read() as tx:
            taken = await deliveries.known_messages(tx, delivery.account_id, delivery.peer, ids)
        return found_in(delivery, shown, taken)


def found_in(delivery: Delivery, shown: Sequence[Any], taken: Collection[int]) -> list[int]:
    """Which of a chat's latest messages are this delivery, an album's in their order. Pure."""
    since = (delivery.handed_at or delivery.created_at) - CLOCKS_APART
    own = [m for m in shown if m.out and m.date >= since and m.id not in taken]
    is_album = delivery.media is Media.ALBUM
    for message in own:
        is_alike = _carries(message) == (delivery.media is not Media.NONE)
        is_worded = message.message.strip() == delivery.text.strip()  # Telegram trims both ends
        if is_alike and is_worded and (message.grouped_id is not None) == is_album:
            together = [m.id for m in own if is_album and m.grouped_id == message.grouped_id]
            return sorted(together) or [int(message.id)]
    return []


def _carries(message: Any) -> bool:  # noqa: ANN401 - Telethon is untyped
    return isinstance(message.media, types.MessageMediaPhoto | types.MessageMediaDocument)
