"""How much an account has sent lately."""

from datetime import datetime

from sqlalchemy import bindparam, select

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
    statement = _FIRST_HANDED_SINCE if is_new_peer else _HANDED_SINCE
    return [row.handed_at for row in await tx.all(statement, of=account_id, since=since)]


async def has_written_to(tx: Tx, account_id: int, peer: TargetPeer) -> bool:
    """Whether the account was handed a message to that peer before."""
    row = await tx.one(_WRITTEN_TO, of=account_id, peer=peer.id, kind=peer.kind)
    return row is not None


_AS_ACCOUNT = (deliveries.c.account_id == bindparam("of"), deliveries.c.state.not_in(_BY_BOT))
_HANDED_SINCE = (
    select(deliveries.c.handed_at)
    .where(*_AS_ACCOUNT, deliveries.c.handed_at > bindparam("since"))
    .order_by(deliveries.c.handed_at)
)
_FIRST_HANDED_SINCE = _HANDED_SINCE.where(deliveries.c.is_new_peer)
_WRITTEN_TO = (
    select(deliveries.c.id)
    .where(
        *_AS_ACCOUNT,
        deliveries.c.peer_id == bindparam("peer"),
        deliveries.c.peer_kind == bindparam("kind"),
        deliveries.c.handed_at.is_not(None),
    )
    .limit(1)
)
