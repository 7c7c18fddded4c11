"""One TCP connection of a client: bytes in, packets through, bytes out. No task of its own."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from loguru import logger
from typing_extensions import override

from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.batches import Outbox, next_packet
from sandbox.datacentre.cipher import open_message
from sandbox.datacentre.connection_info import ConnectionInfo
from sandbox.datacentre.detection import Detector
from sandbox.datacentre.key_exchange import KeyExchange
from sandbox.datacentre.late import Late
from sandbox.datacentre.line_events import LineEvent
from sandbox.datacentre.plain import open_plain, seal_plain
from sandbox.datacentre.session import Outgoing, Session
from sandbox.datacentre.sockets import is_left, reset_on_close
from sandbox.datacentre.violations import Garbage, UnknownKey, Violation

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_UNREAD_LIMIT = 8 << 20
"""A client that leaves so much unread is cut off."""


class Connection(asyncio.Protocol):
    """A client's connection. Everything is done in `data_received`, in order of arrival."""

    __slots__ = (
        "_detector",
        "_exchange",
        "_held",
        "_is_flush_due",
        "_is_media",
        "_is_overdue",
        "_late",
        "_loop",
        "_outbox",
        "_timer",
        "_transport",
        "authorization",
        "dc",
        "denial",
        "end_cause",
        "id",
        "last_request_at",
        "opened_at",
        "peer",
        "requests",
        "sessions",
    )

    def __init__(self, dc: "DataCentre", connection_id: int, *, is_media: bool = False) -> None:
        self.dc = dc
        self.id = connection_id
        self.opened_at = dc.now()
        self.peer = ("", 0)
        self.authorization: Authorization | None = None
        self.denial = "AUTH_KEY_UNREGISTERED"
        """What a call that needs a login is told when there is none."""
        self.end_cause: str | None = None
        """Why the data centre ended it; None where the client did."""
        self.last_request_at: datetime | None = None
        self.requests = 0
        self.sessions: dict[int, Session] = {}
        self._detector = Detector(dc.proxy_secret)
        self._exchange: KeyExchange | None = None
        self._held: list[bytes] = []
        """Packets that a fault holds back."""
        self._late: Late | None = None
        self._outbox: Outbox = []
        self._is_flush_due = False
        self._is_media = is_media
        self._is_overdue = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def user_id(self) -> int | None:
        return self.authorization.key.user_id if self.authorization else None

    @property
    def key_id(self) -> int | None:
        return self.authorization.key_id if self.authorization else None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_used(self) -> bool:
        """Whether it is open, and the client has not closed its end either."""
        return self._transport is not None and self.is_open and not is_left(self._transport)

    @property
    def is_media(self) -> bool:
        """Whether it is for uploads and downloads, by its port or by what a proxy was told."""
        return self._is_media or self._detector.is_media

    def info(self) -> ConnectionInfo:
        return ConnectionInfo.of(self)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # TCP's is one; uvloop's own class says so only by what it can do.
        self._transport = cast("asyncio.Transport", transport)
        self.peer = transport.get_extra_info("peername")[:2]
        self.dc.opened(self)
        if self.dc.faults:
            self.dc.faults.accepted(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.close_after(None)
        self._transport = None
        self._detach()
        if self.authorization is not None and self.authorization.line is self:
            self.authorization.line = None
        self.dc.closed(self)

    def _detach(self) -> None:
        for session in list(self.sessions.values()):
            if session.connection is self:
                self.leave(session)

    def leave(self, session: Session) -> None:
        """That session sends through this connection no more."""
        self.sessions.pop(session.id, None)
        session.connection = None
        self.dc.feeds.leave(session)

    @override
    def data_received(self, data: bytes) -> None:
        self._take_all(self._detector.feed(data))

    def _take_all(self, packets: Iterable[bytes]) -> None:
        self._is_flush_due = True
        try:
            for packet in packets:
                self._receive(packet)
                if not self.is_open:
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
        self._is_overdue = False
        if delay_s is not None:
            self._timer = self._loop.call_later(delay_s, self._expire)

    def _expire(self) -> None:
        """The timer is over; who is frozen closes later."""
        self._timer = None
        freeze = self.dc.faults.freeze_of(self)
        if freeze is None or freeze.keeps_timers:
            self.end_cause = "no ping came in time"
            self.close()
        else:
            self._is_overdue = True

    def hold(self, packet: bytes) -> None:
        """Keep a packet until `thaw`."""
        self._held.append(packet)

    def thaw(self) -> None:
        """Do what a fault has held back, also if the client has gone since."""
        held, self._held = self._held, []
        if self._transport is None:
            self._take_late(held)
            return
        self._take_all(held)
        if self._is_overdue:
            self._expire()

    def _take_late(self, packets: Iterable[bytes]) -> None:
        try:
            for packet in packets:
                self._receive(packet)
        except Violation as exc:
            self.dc.refused(exc)
        finally:
            self._detach()
            self._outbox.clear()

    def close(self) -> None:
        """Send what is buffered, then FIN."""
        if self._transport is not None:
            self._transport.close()

    def abort(self, *, reset: bool = False) -> None:
        """Close without sending what is buffered; with `reset` by RST instead of FIN."""
        if self._transport is None:
            return
        if reset:
            reset_on_close(self._transport)
        self._transport.abort()

    def send(self, session: Session, message: Outgoing) -> None:
        """Queue a message; all that is queued in one turn of the loop goes out as one packet."""
        self._outbox.append((session, message))
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def push(self, packet: bytes) -> None:
        """Send a packet as it is, behind what is queued."""
        self._flush()
        self._write(packet)

    def _receive(self, packet: bytes) -> None:
        if len(packet) < 8:
            raise Garbage("a packet without an auth key id")
        key_id = int.from_bytes(packet[:8], "little", signed=True)
        authorization = self._identify(key_id) if key_id else None
        if self.dc.faults and self.dc.faults.stops(self, packet):
            return
        if authorization is None:
            self._receive_plain(packet)
            return
        self._exchange = None
        envelope = open_message(authorization.secret, packet)
        if self._detector.wants_quick_ack:
            self._write_quick_ack(envelope.quick_ack)
        self.dc.receiver.receive(self, authorization.session(envelope.session_id), envelope)

    def _identify(self, key_id: int) -> Authorization:
        authorization, known = self.dc.authorization(key_id), self.authorization
        self.authorization = authorization
        if authorization is None:
            raise UnknownKey(f"auth key {key_id}")
        if authorization is not known:
            self.dc.watch.connected(self, authorization)
            self.dc.tell_listeners(LineEvent.CONNECTED, self)
        return authorization

    def _receive_plain(self, packet: bytes) -> None:
        request = open_plain(packet)
        if self._exchange is None:
            self._exchange = self.dc.new_exchange()
        if self.dc.faults:
            self.dc.faults.check_exchange(request)
        answer = self._exchange.answer(request)
        reply_id = self.dc.message_ids.next(is_answer=True)
        self._write(seal_plain(reply_id, answer))

    def _refuse(self, violation: Violation) -> None:
        logger.debug("connection {}: {}: {}", self.id, type(violation).__name__, violation)
        self.dc.refused(violation)
        self.end_cause = str(violation)
        self._outbox.clear()
        if violation.code is not None:
            self._put(violation.code.to_bytes(4, "little", signed=True))
        self.close()

    def _flush(self) -> None:
        self._is_flush_due = False
        if self.dc.faults and (freeze := self.dc.faults.freeze_of(self)):
            if not freeze.is_late:
                self._outbox.clear()
            return
        while self._outbox and self._transport is not None:
            self._write(next_packet(self.dc, self._outbox))

    def _write(self, payload: bytes) -> None:
        delay_s = self.dc.faults.delay_of(self) if self.dc.faults else 0.0
        if delay_s and self._late is None:
            self._late = Late(self._put)
        if self._late is not None and (delay_s or self._late):
            self._late.add(payload, delay_s)
        else:
            self._put(payload)

    def _write_quick_ack(self, token: int) -> None:
        """It goes without any of the framing; not when all answers are held back."""
        delayed = self.dc.faults and self.dc.faults.delay_of(self)
        if self._transport is not None and not delayed and not self._late:
            self._transport.write(self._detector.encode_quick_ack(token))

    def _put(self, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(self._detector.encode(payload))
        if self._transport.get_write_buffer_size() > _UNREAD_LIMIT:
            self.abort()
