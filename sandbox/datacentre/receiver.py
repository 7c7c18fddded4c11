"""From an opened envelope to single messages, each checked: salt, msg_id, seqno, containers.

Source: core.telegram.org/mtproto/description, .../service_messages_about_messages.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telethon.tl import types
from telethon.tl.core import GzipPacked, MessageContainer

from sandbox.datacentre import tl
from sandbox.datacentre.cipher import Envelope
from sandbox.datacentre.message_ids import BadMessage, check_id, check_order
from sandbox.datacentre.reading import Allowance, Unreadable
from sandbox.datacentre.session import Session

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection
    from sandbox.datacentre.datacentre import DataCentre

_CONTAINER = struct.pack("<I", MessageContainer.CONSTRUCTOR_ID)
_GZIP = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID)
_INNER = struct.Struct("<qii")
_MOST_IN_CONTAINER = 1020


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from the client, out of its container and unpacked."""

    msg_id: int
    seqno: int
    body: bytes


class InvalidContainer(ValueError):
    """The container's lengths or ids don't fit; it is refused as a whole."""


class Receiver:
    """Takes envelopes for the whole data centre; it keeps no state of its own."""

    def __init__(self, dc: "DataCentre") -> None:
        self._dc = dc

    def receive(self, connection: "Connection", session: Session, envelope: Envelope) -> None:
        """Check one envelope, then hand on what it holds, or answer why it was not taken."""
        self._attach(connection, session)
        if fault := self._fault(session, envelope):
            self._refuse(session, envelope.msg_id, envelope.seqno, fault)
            return
        try:
            inner = list(_unfold(envelope))
        except (InvalidContainer, Unreadable):
            self._refuse(session, envelope.msg_id, envelope.seqno, BadMessage.INVALID_CONTAINER)
            return
        if not session.is_greeted:
            session.is_greeted = True
            self._greet(session, min(message.msg_id for message in inner))
        if envelope.body.startswith(_CONTAINER):
            session.note_received(envelope.msg_id)
        for message in inner:
            self._take(session, message)

    def _attach(self, connection: "Connection", session: Session) -> None:
        """From now on the session sends through this connection; first what was not acknowledged."""
        if session.connection is connection:
            return
        session.connection = connection
        connection.sessions[session.id] = session
        for answer in session.answers.values():
            connection.send(session, answer)

    def _fault(self, session: Session, envelope: Envelope) -> BadMessage | None:
        if fault := check_id(envelope.msg_id, self._dc.now().timestamp()):
            return fault
        if not self._dc.salts.is_valid(session.authorization.key_id, envelope.salt):
            return BadMessage.WRONG_SALT
        if not envelope.body.startswith(_CONTAINER):
            return None
        if session.has_received(envelope.msg_id):
            return BadMessage.CONTAINER_ID_USED
        return BadMessage.SEQNO_NOT_EVEN if envelope.seqno % 2 else None

    def _take(self, session: Session, message: Incoming) -> None:
        if session.has_received(message.msg_id):
            self._repeat(session, message.msg_id)
            return
        if fault := _fault_inside(session, message):
            self._refuse(session, message.msg_id, message.seqno, fault)
            return
        session.note_received(message.msg_id)
        if message.seqno % 2 and message.msg_id > session.highest[0]:
            session.highest = message.msg_id, message.seqno
        self._dc.service_messages.handle(session, message)

    def _repeat(self, session: Session, msg_id: int) -> None:
        """A message came twice: it is not done twice; its answer, if it is still kept, goes again."""
        if (answer := session.answers.get(msg_id)) is not None:
            self._dc.send(session, answer)
        else:
            self._dc.tell(session, types.MsgsAck([msg_id]), is_content=False)

    def _greet(self, session: Session, first_msg_id: int) -> None:
        salt = self._dc.salts.current(session.authorization.key_id)
        created = types.NewSessionCreated(first_msg_id, session.unique_id, salt)
        self._dc.tell(session, created, is_content=True)

    def _refuse(self, session: Session, msg_id: int, seqno: int, fault: BadMessage) -> None:
        if fault is BadMessage.WRONG_SALT:
            salt = self._dc.salts.current(session.authorization.key_id)
            notice = types.BadServerSalt(msg_id, seqno, fault, salt)
        else:
            notice = types.BadMsgNotification(msg_id, seqno, fault)
        self._dc.tell(session, notice, is_content=False)


def _fault_inside(session: Session, message: Incoming) -> BadMessage | None:
    """Rules that also hold for a message in a container."""
    if message.msg_id % 4:
        return BadMessage.MSG_ID_NOT_BY_FOUR
    if message.msg_id <= session.forgotten_up_to:
        return BadMessage.TOO_OLD_TO_VERIFY
    return check_order(session, message.msg_id, message.seqno) if message.seqno % 2 else None


def _unfold(envelope: Envelope) -> Iterator[Incoming]:
    """The messages in an envelope: those of its container, or the one that it is."""
    body, allowance = envelope.body, Allowance()
    if not body.startswith(_CONTAINER):
        yield Incoming(envelope.msg_id, envelope.seqno, _unpacked(body, allowance))
        return
    if len(body) < 8:
        raise InvalidContainer("no count")
    count, at = int.from_bytes(body[4:8], "little"), 8
    if not 0 < count <= _MOST_IN_CONTAINER:
        raise InvalidContainer(f"{count} messages")
    for _ in range(count):
        if at + _INNER.size > len(body):
            raise InvalidContainer("it ends too early")
        msg_id, seqno, length = _INNER.unpack_from(body, at)
        at += _INNER.size
        content = body[at : at + length]
        if length < 4 or len(content) != length or msg_id >= envelope.msg_id:
            raise InvalidContainer("a message does not fit in")
        yield Incoming(msg_id, seqno, _unpacked(content, allowance))
        at += length


def _unpacked(body: bytes, allowance: Allowance) -> bytes:
    """Without the gzip_packed round it; a container inside a container is not allowed."""
    if body.startswith(_GZIP):
        body = tl.unpack(body, allowance)
    if body.startswith(_CONTAINER):
        raise InvalidContainer("a container inside")
    return body
