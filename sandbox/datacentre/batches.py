"""Several messages in one container: core.telegram.org/mtproto/service_messages#containers."""

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from telethon.tl.core import MessageContainer

from sandbox.datacentre.cipher import Envelope, seal_message
from sandbox.datacentre.session import Outgoing, Session

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_CONTAINER = struct.Struct("<Ii")
_INNER = struct.Struct("<qii")
_LENGTH, _SIZE = 50, 1 << 17

Outbox = list[tuple[Session, Outgoing]]


def next_packet(dc: "DataCentre", outbox: Outbox) -> bytes:
    """Take off the first messages and encrypt them, in a container where they are several."""
    session, batch = outbox[0][0], take(outbox)
    message = batch[0]
    if len(batch) > 1:
        message = contain(session, batch, dc.message_ids.next(is_answer=False))
    authorization = session.authorization
    salt = dc.salts.current(authorization.key_id)
    envelope = Envelope(salt, session.id, message.msg_id, message.seqno, message.body)
    return seal_message(authorization.secret, authorization.wire_id, envelope)


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
