"""Which messages the items of an album became."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from storage import attachments
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class ItemsSent:
    """The items of a delivery have gone out; a change for the writer."""

    delivery_id: int
    message_ids: Mapping[int, int]
    """By the attachments' ids."""

    @property
    def key(self) -> Hashable:
        """That of the delivery's moves: whoever reads that it was sent finds its messages."""
        return "delivery", self.delivery_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["ItemsSent"]) -> Sequence[None]:
        for change in changes:
            await attachments.set_messages(tx, change.message_ids)
        return [None] * len(changes)
