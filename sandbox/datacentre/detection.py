"""Which transport a client speaks, from its first bytes.

Source: core.telegram.org/mtproto/mtproto-transports and .../transport-obfuscation. A client of the
obfuscated transport takes care that its random header looks like none of the others.
"""

from collections.abc import Iterator

from sandbox.datacentre.obfuscation import HEADER_SIZE, Obfuscated
from sandbox.datacentre.transports import (
    Abridged,
    Full,
    Intermediate,
    PaddedIntermediate,
    Transport,
)
from sandbox.datacentre.violations import Garbage

_OTHER_PROTOCOLS = (b"GET ", b"POST", b"HEAD", b"OPTI", b"\x16\x03\x01\x02")
"""HTTP and TLS: no MTProto here."""


class Detector:
    """Holds the first bytes until they say what the transport is, then passes all on to it."""

    __slots__ = ("_held", "_secret", "transport")

    def __init__(self, secret: bytes | None = None) -> None:
        """`secret` is the 16-byte secret of an MTProto proxy, whose transport is obfuscated."""
        self.transport: Transport | Obfuscated | None = None
        self._held = bytearray()
        self._secret = secret

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the packets that are complete. `Garbage` if this is no MTProto."""
        if self.transport is None:
            self._held += data
            found = self._detect()
            if found is None:
                return
            self.transport, used = found
            data, self._held = bytes(self._held[used:]), bytearray()
        yield from self.transport.feed(data)

    def encode(self, payload: bytes) -> bytes:
        if self.transport is None:
            raise Garbage("nothing can be sent before the transport is known")
        return self.transport.encode(payload)

    @property
    def is_media(self) -> bool:
        """Whether a proxy was asked for the data centre's media, which is its id below zero."""
        return isinstance(self.transport, Obfuscated) and self.transport.dc_id < 0

    @property
    def wants_quick_ack(self) -> bool:
        """Whether the client wants a quick ack of the packet that came last."""
        return self.transport is not None and self.transport.wants_quick_ack

    def encode_quick_ack(self, token: int) -> bytes:
        return self.transport.encode_quick_ack(token) if self.transport else b""

    def _detect(self) -> tuple[Transport | Obfuscated, int] | None:
        """The transport and how many bytes named it, or None while more are needed."""
        held = self._held
        if self._secret is None and (plain := _plain(held)) is not None:
            return plain
        if len(held) < HEADER_SIZE:
            return None
        return Obfuscated(bytes(held[:HEADER_SIZE]), self._secret), HEADER_SIZE


def _plain(held: bytearray) -> tuple[Transport, int] | None:
    """The transport that is not obfuscated, if the bytes so far name one."""
    if held[:1] == Abridged.tag:
        return Abridged(), 1
    if held.startswith(Intermediate.tag):
        return Intermediate(), 4
    if held.startswith(PaddedIntermediate.tag):
        return PaddedIntermediate(), 4
    if held.startswith(_OTHER_PROTOCOLS):
        raise Garbage("another protocol")
    return (Full(), 0) if held[4:8] == bytes(4) else None
