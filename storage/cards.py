"""Where the operators see deliveries: the messages that show them, and which version."""

from sqlalchemy import select, update

from storage.deliveries import CHANGED, read_all
from storage.delivery import Delivery, DeliveryState, Fallback
from storage.schema import deliveries
from storage.tx import Tx


async def set_place(tx: Tx, delivery_id: int, chat_id: int, message_id: int, shown: int) -> None:
    """Remember where the card is and which version of the row it shows."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(card_chat_id=chat_id, card_message_id=message_id, card_version=shown)
    )
    tx.wake(CHANGED)


async def stale(tx: Tx) -> list[Delivery]:
    """Deliveries whose card shows an older version than the row has."""
    is_stale = deliveries.c.card_version < deliveries.c.version
    has_card = deliveries.c.card_message_id.is_not(None)
    return await read_all(
        tx, select(deliveries).where(has_card, is_stale).order_by(deliveries.c.id)
    )


async def missing(tx: Tx) -> list[Delivery]:
    """What programs wrote and no operator has seen yet, but has to, the oldest first.

    Drafts; and of what needed no approval that which failed, may be out, or is asked about.
    """
    is_asking = (
        (deliveries.c.state == DeliveryState.PENDING)
        & (deliveries.c.fallback == Fallback.ASK)
        & (deliveries.c.detour != "")
    )
    unseen = (
        deliveries.c.state.in_(_SHOWN) | is_asking,
        deliveries.c.card_message_id.is_(None),
        deliveries.c.head_id.is_(None),
        deliveries.c.origin != "",
    )
    return await read_all(tx, select(deliveries).where(*unseen).order_by(deliveries.c.id))


_SHOWN = (DeliveryState.DRAFT, DeliveryState.FAILED, DeliveryState.UNKNOWN)
