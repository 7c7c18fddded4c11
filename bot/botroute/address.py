"""What the Bot API calls a delivery's target."""

from storage import accounts, contacts, sessions
from storage.delivery import Delivery, TargetPeer
from storage.tx import Tx

_CHANNELS = -1_000_000_000_000
"""Below it are the ids of supergroups and channels (core.telegram.org/api/bots/ids)."""


async def chat_of(tx: Tx, delivery: Delivery) -> int | str | None:
    """An id; a `@name`, which the Bot API takes for a public group or channel; None: unknown."""
    if delivery.peer is not None and delivery.peer.kind != "self":
        return _marked_id(delivery.peer)
    target = delivery.target
    if target == "me":
        account = await accounts.get(tx, delivery.account_id)
        return account.user_id if account else None
    if target.startswith("@"):
        met = await contacts.id_of(tx, target[1:])
        return met or await sessions.user_id_of(tx, username=target[1:]) or target
    if target.startswith("+"):
        return await sessions.user_id_of(tx, phone=target)
    return int(target)


def is_numbered_for_all(chat_id: int) -> bool:
    """Whether a message there has one number, whoever looks: in supergroups and channels."""
    return chat_id < _CHANNELS


def _marked_id(peer: TargetPeer) -> int:
    match peer.kind:
        case "user":
            return peer.id
        case "chat":
            return -peer.id
        case _:
            return _CHANNELS - peer.id
