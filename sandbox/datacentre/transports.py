"""How packets are told apart in the byte stream: core.telegram.org/mtproto/mtproto-transports.

No socket here: a transport is fed bytes and gives packets, and frames packets for the way back.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar
from zlib import crc32

from typing_extensions import override

from sandbox.datacentre.violations import Garbage

MAX_PACKET = 1 << 20
"""Telegram closes the connection on a payload over a mebibyte."""

_ERROR_SIZE = 4
QUICK_ACK = 0x80000000
"""Set on a length by a client that wants a quick ack, and on the quick ack itself."""


class Transport(ABC):
    """One direction-agnostic framing. `tag` names it in the first bytes or in obfuscation."""

    tag: ClassVar[bytes]
    __slots__ = ("_held", "wants_quick_ack")

    def __init__(self) -> None:
        self._held = bytearray()
        self.wants_quick_ack = False
        """Whether the client wants one for the packet that was yielded last."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what arrived and yield each packet that is complete. `Garbage` if it can't be."""
        self._held += data
        held = self._held
        while (frame := self._frame(held)) is not None:
            start, end, size = frame
            if len(held) < size:
                return
            packet = self._open(bytes(held[:size]), start, end)
            del held[:size]
            yield packet

    @abstractmethod
    def _frame(self, held: bytearray) -> tuple[int, int, int] | None:
        """Where the first packet's payload starts and ends, and the frame's whole length."""

    def _open(self, frame: bytes, start: int, end: int) -> bytes:
        return frame[start:end]

    @abstractmethod
    def encode(self, payload: bytes) -> bytes:
        """Frame one packet for the client."""

    def encode_quick_ack(self, token: int) -> bytes:
        """A quick ack, which stands where a length would."""
        return token.to_bytes(4, "little")


def _checked(length: int) -> int:
    if not 0 < length <= MAX_PACKET:
        raise Garbage(f"a packet of {length} bytes")
    return length


class Abridged(Transport):
    """Length in words: one byte, or 0x7f and three."""

    tag = b"\xef"
    __slots__ = ()

    @override
    def _frame(self, held: bytearray) -> tuple[int, int, int] | None:
        if not held:
            return None
        self.wants_quick_ack = held[0] > 0x7F
        short = held[0] & 0x7F
        if short < 0x7F:
            return 1, 1 + (size := _checked(short * 4)), 1 + size
        if len(held) < 4:
            return None
        size = _checked(int.from_bytes(held[1:4], "little") * 4)
        return 4, 4 + size, 4 + size

    @override
    def encode(self, payload: bytes) -> bytes:
        words = len(payload) >> 2
        if words < 0x7F:
            return bytes((words,)) + payload
        return b"\x7f" + words.to_bytes(3, "little") + payload

    @override
    def encode_quick_ack(self, token: int) -> bytes:
        return token.to_bytes(4, "big")


class Intermediate(Transport):
    """Length in bytes: four bytes."""

    tag = b"\xee\xee\xee\xee"
    __slots__ = ()

    @override
    def _frame(self, held: bytearray) -> tuple[int, int, int] | None:
        if len(held) < 4:
            return None
        stated = int.from_bytes(held[:4], "little")
        self.wants_quick_ack = stated >= QUICK_ACK
        size = _checked(stated & ~QUICK_ACK)
        return 4, 4 + size, 4 + size

    @override
    def encode(self, payload: bytes) -> bytes:
        return len(payload).to_bytes(4, "little") + payload


class PaddedIntermediate(Intermediate):
    """Intermediate with random bytes at the end of each packet.

    Telegram allows 0-15 of them. Three at most are sent here: payloads are whole words, so every
    client can tell such padding apart, also those that only cut off what is no whole word.
    """

    tag = b"\xdd\xdd\xdd\xdd"
    __slots__ = ()

    @override
    def encode(self, payload: bytes) -> bytes:
        if len(payload) == _ERROR_SIZE:  # no client looks for an error in a longer packet
            return super().encode(payload)
        return super().encode(payload + secrets.token_bytes(secrets.randbelow(4)))


class Full(Transport):
    """Length, running number, payload, CRC-32. It has no tag: its first number is 0."""

    tag = b""
    __slots__ = ("_received", "_sent")

    def __init__(self) -> None:
        super().__init__()
        self._received = 0
        self._sent = 0

    @override
    def _frame(self, held: bytearray) -> tuple[int, int, int] | None:
        if len(held) < 4:
            return None
        size = _checked(int.from_bytes(held[:4], "little"))
        if size < 16:
            raise Garbage(f"a full packet of {size} bytes")
        return 8, size - 4, size

    @override
    def _open(self, frame: bytes, start: int, end: int) -> bytes:
        if int.from_bytes(frame[4:8], "little") != self._received:
            raise Garbage("a full packet with a wrong running number")
        if int.from_bytes(frame[end:], "little") != crc32(frame[:end]):
            raise Garbage("a full packet with a wrong checksum")
        self._received += 1
        return frame[start:end]

    @override
    def encode(self, payload: bytes) -> bytes:
        head = (len(payload) + 12).to_bytes(4, "little") + self._sent.to_bytes(4, "little")
        self._sent += 1
        body = head + payload
        return body + crc32(body).to_bytes(4, "little")
