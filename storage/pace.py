"""How much an account has sent lately."""

from datetime import datetime

from sqlalchemy import select

from storage.delivery import DeliveryState, TargetPeer
from storage.schema import deliveries
from storage.tx import Tx

_BY_BOT = (DeliveryState.BOT_PENDING, DeliveryState.BOT_SENDING, DeliveryState.SENT_BY_BOT)


async def handed_since(
    tx: Tx, account_id: int, since: datetime, *, is_new_peer: bool = False
) -> list[datetime]:
    """When something was handed over for the first time, the oldest first.

    `is_new_peer`: only what was the account's first message to its peer.
    """
    where = [
        deliveries.c.account_id == account_id,
        deliveries.c.handed_at > since,
        deliveries.c.state.not_in(_BY_BOT),
    ]
    if is_new_peer:
        where.append(deliveries.c.is_new_peer)
    rows = await tx.all(
        select(deliveries.c.handed_at).where(*where).order_by(deliveries.c.handed_at)
    )
    return [row.handed_at for row in rows]


async def has_written_to(tx: Tx, account_id: int, peer: TargetPeer) -> bool:
    """Whether the account was handed a message to that peer before."""
    row = await tx.one(
        select(deliveries.c.id)
        .where(
            deliveries.c.account_id == account_id,
            deliveries.c.peer_id == peer.id,
            deliveries.c.peer_kind == peer.kind,
            deliveries.c.handed_at.is_not(None),
            deliveries.c.state.not_in(_BY_BOT),
        )
        .limit(1)
    )
    return row is not None
