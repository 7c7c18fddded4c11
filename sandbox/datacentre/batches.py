"""Several messages in one container: core.telegram.org/mtproto/service_messages#containers."""

import struct
from collections.abc import Sequence

from telethon.tl.core import MessageContainer

from sandbox.datacentre.session import Outgoing, Session

_CONTAINER = struct.Struct("<Ii")
_INNER = struct.Struct("<qii")
_LENGTH, _SIZE = 50, 1 << 17

Outbox = list[tuple[Session, Outgoing]]


def take(outbox: Outbox) -> list[Outgoing]:
    """Take off the first messages that fit into one container of the first one's session."""
    session, size, count = outbox[0][0], 0, 0
    for owner, message in outbox[:_LENGTH]:
        size += len(message.body) + _INNER.size
        if owner is not session or (count and size > _SIZE):
            break
        count += 1
    batch = [message for _, message in outbox[:count]]
    del outbox[:count]
    return batch


def contain(session: Session, batch: Sequence[Outgoing], msg_id: int) -> Outgoing:
    """The container of a batch, with that id."""
    parts = [_CONTAINER.pack(MessageContainer.CONSTRUCTOR_ID, len(batch))]
    for message in batch:
        parts += _INNER.pack(message.msg_id, message.seqno, len(message.body)), message.body
    return Outgoing(msg_id, session.next_seqno(is_content=False), b"".join(parts))
