"""One TCP connection of a client: bytes in, packets through, bytes out. No task of its own."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from loguru import logger
from telethon.tl.core import MessageContainer
from typing_extensions import override

from sandbox.datacentre import tl
from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.cipher import Envelope, open_message, seal_message
from sandbox.datacentre.detection import Detector
from sandbox.datacentre.key_exchange import KeyExchange
from sandbox.datacentre.session import Outgoing, Session
from sandbox.datacentre.violations import ExchangeRefused, Garbage, UnknownKey, Violation

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_CONTAINER = struct.Struct("<Ii")
_INNER = struct.Struct("<qii")
_PLAIN = struct.Struct("<qqi")
_CONTAINER_LENGTH, _CONTAINER_SIZE = 50, 1 << 17
_UNREAD_LIMIT = 8 << 20
"""A client that leaves so much unread is cut off."""


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """What is known of one open connection."""

    id: int
    peer: tuple[str, int]
    key_id: int | None
    user_id: int | None
    opened_at: datetime
    device_model: str | None
    app_version: str | None
    api_id: int | None
    requests: int


class Connection(asyncio.Protocol):
    """A client's connection. Everything is done in `data_received`, in order of arrival."""

    __slots__ = (
        "_detector",
        "_exchange",
        "_is_flush_due",
        "_loop",
        "_outbox",
        "_timer",
        "_transport",
        "authorization",
        "dc",
        "denial",
        "id",
        "opened_at",
        "peer",
        "requests",
        "sessions",
    )

    def __init__(self, dc: "DataCentre", connection_id: int) -> None:
        self.dc = dc
        self.id = connection_id
        self.opened_at = dc.now()
        self.peer = ("", 0)
        self.authorization: Authorization | None = None
        self.denial = "AUTH_KEY_UNREGISTERED"
        """What a call that needs a login is told when there is none."""
        self.requests = 0
        self.sessions: dict[int, Session] = {}
        self._detector = Detector(dc.proxy_secret)
        self._exchange: KeyExchange | None = None
        self._outbox: list[tuple[Session, Outgoing]] = []
        self._is_flush_due = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def user_id(self) -> int | None:
        return self.authorization.key.user_id if self.authorization else None

    def info(self) -> ConnectionInfo:
        authorization = self.authorization
        app = authorization.app if authorization else None
        return ConnectionInfo(
            id=self.id,
            peer=self.peer,
            key_id=authorization.key_id if authorization else None,
            user_id=self.user_id,
            opened_at=self.opened_at,
            device_model=app.device_model if app else None,
            app_version=app.app_version if app else None,
            api_id=app.api_id if app else None,
            requests=self.requests,
        )

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # TCP's is one; uvloop's own class says so only by what it can do.
        self._transport = cast("asyncio.Transport", transport)
        self.peer = transport.get_extra_info("peername")[:2]
        self.dc.opened(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.close_after(None)
        for session in self.sessions.values():
            if session.connection is self:
                session.connection = None
                self.dc.feeds.leave(session)
        self._transport = None
        self.dc.closed(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._is_flush_due = True
        try:
            for packet in self._detector.feed(data):
                self._receive(packet)
                if self._transport is None or self._transport.is_closing():
                    return
        except Violation as exc:
            self._refuse(exc)
        except Exception:
            logger.exception("connection {}: the data centre failed", self.id)
            self.abort()
        else:
            self._flush()

    def close_after(self, delay_s: float | None) -> None:
        """Close when `delay_s` is over, unless called again before; None: leave it open."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if delay_s is not None:
            self._timer = self._loop.call_later(delay_s, self.close)

    def close(self) -> None:
        """Send what is buffered, then FIN."""
        if self._transport is not None:
            self._transport.close()

    def abort(self, *, reset: bool = False) -> None:
        """Close without sending what is buffered; with `reset` by RST instead of FIN."""
        if self._transport is None:
            return
        if reset:
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
        self._transport.abort()

    def send(self, session: Session, message: Outgoing) -> None:
        """Queue a message; all that is queued in one turn of the loop goes out as one packet."""
        self._outbox.append((session, message))
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _receive(self, packet: bytes) -> None:
        if len(packet) < 8:
            raise Garbage("a packet without an auth key id")
        key_id = int.from_bytes(packet[:8], "little", signed=True)
        if key_id == 0:
            self._receive_plain(packet)
            return
        authorization = self.authorization = self.dc.authorization(key_id)
        if authorization is None:
            raise UnknownKey(f"auth key {key_id}")
        self._exchange = None
        envelope = open_message(authorization.key.key, packet)
        self.dc.receiver.receive(self, authorization.session(envelope.session_id), envelope)

    def _receive_plain(self, packet: bytes) -> None:
        if len(packet) < _PLAIN.size:
            raise ExchangeRefused("too short for an unencrypted message")
        _, msg_id, length = _PLAIN.unpack_from(packet)
        body = packet[_PLAIN.size : _PLAIN.size + length]
        if msg_id % 4 or length < 4 or len(body) != length:
            raise ExchangeRefused("no valid unencrypted message")
        try:
            request, _ = tl.read(body)
        except tl.Unreadable as exc:
            raise ExchangeRefused("an unencrypted message without an object") from exc
        if self._exchange is None:
            self._exchange = self.dc.new_exchange()
        answer = self._exchange.answer(request)
        reply_id = self.dc.message_ids.next(is_answer=True)
        self._write(_PLAIN.pack(0, reply_id, len(answer)) + answer)

    def _refuse(self, violation: Violation) -> None:
        logger.debug("connection {}: {}: {}", self.id, type(violation).__name__, violation)
        self.dc.violations.append(violation)
        self._outbox.clear()
        if violation.code is not None:
            self._write(violation.code.to_bytes(4, "little", signed=True))
        self.close()

    def _flush(self) -> None:
        self._is_flush_due = False
        while self._outbox and self._transport is not None:
            session = self._outbox[0][0]
            batch = self._take(session)
            message = batch[0] if len(batch) == 1 else self._contain(session, batch)
            authorization = session.authorization
            envelope = Envelope(
                self.dc.salts.current(authorization.key_id),
                session.id,
                message.msg_id,
                message.seqno,
                message.body,
            )
            self._write(seal_message(authorization.key.key, authorization.wire_id, envelope))

    def _take(self, session: Session) -> list[Outgoing]:
        """The first messages in the queue that fit into one container of that session."""
        size, count = 0, 0
        for owner, message in self._outbox[:_CONTAINER_LENGTH]:
            size += len(message.body) + _INNER.size
            if owner is not session or (count and size > _CONTAINER_SIZE):
                break
            count += 1
        batch = [message for _, message in self._outbox[:count]]
        del self._outbox[:count]
        return batch

    def _contain(self, session: Session, batch: list[Outgoing]) -> Outgoing:
        parts = [_CONTAINER.pack(MessageContainer.CONSTRUCTOR_ID, len(batch))]
        for message in batch:
            parts += _INNER.pack(message.msg_id, message.seqno, len(message.body)), message.body
        msg_id = self.dc.message_ids.next(is_answer=False)
        return Outgoing(msg_id, session.next_seqno(is_content=False), b"".join(parts))

    def _write(self, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(self._detector.encode(payload))
        if self._transport.get_write_buffer_size() > _UNREAD_LIMIT:
            self.abort()
