"""Receipts: which messages a delivery has become, and where they can be opened."""

from collections.abc import Sequence

from storage import attachments, sessions
from storage.attachments import Attachment
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media, Step
from userbot.sending import requests
from userbot.sending.ledger import Ledger


class Receipts:
    """Writes down what was sent as an account."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    async def write(
        self, delivery: Delivery, items: Sequence[Attachment], message_ids: Sequence[int]
    ) -> None:
        """SENT, as these messages; several are an album's, in its order."""
        if delivery.media is Media.ALBUM and len(message_ids) == len(items):
            found = {item.id: number for item, number in zip(items, message_ids, strict=True)}
            async with self._database.transaction() as tx:
                await attachments.set_messages(tx, found)
        first = message_ids[0] if message_ids else None
        await self._ledger.move(
            delivery,
            DeliveryState.SENT,
            message_id=first,
            link=await self._link(delivery, first),
            steps=[*delivery.steps, Step("send", self._ledger.now())],
            error="",
        )

    async def _link(self, delivery: Delivery, message_id: int | None) -> str:
        peer = delivery.peer
        if peer is None or peer.kind != "channel":
            return ""
        async with self._database.read() as tx:
            marked = requests.marked_id(peer)
            known = await sessions.peer_by_id(tx, delivery.account_id, [marked])
        return requests.link_to(peer, known.username if known else None, message_id)
