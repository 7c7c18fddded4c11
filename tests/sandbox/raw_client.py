"""An MTProto client of a few lines that can be told to break each rule.

It is written to core.telegram.org/mtproto, apart from Telethon's client and from the data centre;
Telethon serves it for TL classes and for AES alone.
"""

import asyncio
import contextlib
import gzip
import hashlib
import os
import struct
import time
from dataclasses import dataclass, field
from typing import Self

from telethon.crypto import AES
from telethon.extensions import BinaryReader
from telethon.tl import functions
from telethon.tl.alltlobjects import LAYER
from telethon.tl.core import GzipPacked, MessageContainer

from sandbox.datacentre.tl import TL
from tests.timing import limit

CONTAINER = MessageContainer.CONSTRUCTOR_ID
GZIP = GzipPacked.CONSTRUCTOR_ID


@dataclass
class Received:
    msg_id: int
    seqno: int
    content: TL


class TransportError(Exception):
    """The data centre sent a transport error instead of a message."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class RawClient:
    """One connection over the intermediate transport."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    key: bytes = b""
    salt: int = 0
    session_id: int = field(default_factory=lambda: int.from_bytes(os.urandom(7)))
    sent: int = 0
    """How many content-related messages were sent."""
    last_id: int = 0
    quick_ack: int = 0
    """What the data centre has to say to acknowledge the latest message quickly."""
    inbox: list[Received] = field(default_factory=list)

    @classmethod
    async def dial(cls, port: int) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\xee\xee\xee\xee")
        return cls(reader, writer)

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):  # the data centre may have reset it
            await self.writer.wait_closed()

    @property
    def key_id(self) -> int:
        return int.from_bytes(hashlib.sha1(self.key).digest()[-8:], "little", signed=True)  # noqa: S324 - the protocol's own hash

    def new_id(self, offset_s: float = 0) -> int:
        self.last_id = max(int((time.time() + offset_s) * (1 << 32)) & ~3, self.last_id + 4)
        return self.last_id

    def frame(self, payload: bytes, *, wants_quick_ack: bool = False) -> None:
        length = len(payload) | wants_quick_ack << 31
        self.writer.write(struct.pack("<I", length) + payload)

    async def packet(self) -> bytes:
        async with asyncio.timeout(limit(20)):
            size = struct.unpack("<i", await self.reader.readexactly(4))[0]
            payload = await self.reader.readexactly(size)
        if size == 4:
            raise TransportError(struct.unpack("<i", payload)[0])
        return payload

    async def is_closed(self) -> bool:
        """Whether the data centre ends the connection, whatever it says before."""
        async with asyncio.timeout(limit(20)):
            try:
                while await self.reader.read(4096):
                    pass
            except ConnectionResetError:
                pass
        return True

    async def plain(self, request: TL) -> TL:
        """Send an unencrypted request and return its answer."""
        body = bytes(request)
        self.frame(struct.pack("<qqi", 0, self.new_id(), len(body)) + body)
        payload = await self.packet()
        return BinaryReader(payload[20:]).tgread_object()

    def send(
        self,
        body: TL,
        *,
        msg_id: int | None = None,
        seqno: int | None = None,
        is_content: bool = True,
        tamper: bool = False,
        wants_quick_ack: bool = False,
    ) -> int:
        """Encrypt and send one message; return its id. `tamper` turns a bit of the ciphertext."""
        msg_id, seqno = msg_id or self.new_id(), self.seqno(seqno, is_content=is_content)
        data = body if isinstance(body, bytes) else bytes(body)
        plain = struct.pack("<qqqii", self.salt, self.session_id, msg_id, seqno, len(data)) + data
        plain += os.urandom(12 + -(len(plain) + 12) % 16)
        hashed = hashlib.sha256(self.key[88:120] + plain).digest()
        self.quick_ack = int.from_bytes(hashed[:4], "little") | 1 << 31
        msg_key = hashed[8:24]
        encrypted = bytearray(AES.encrypt_ige(plain, *_aes(self.key, msg_key, 0)))
        if tamper:
            encrypted[40] ^= 1
        packet = struct.pack("<q", self.key_id) + msg_key + bytes(encrypted)
        self.frame(packet, wants_quick_ack=wants_quick_ack)
        return msg_id

    def seqno(self, stated: int | None = None, *, is_content: bool = True) -> int:
        if stated is not None:
            return stated
        number = 2 * self.sent + is_content
        self.sent += is_content
        return number

    def send_container(self, *bodies: TL) -> list[int]:
        """Send several messages in a container; return their ids."""
        inner, ids = b"", []
        for body in bodies:
            data = body if isinstance(body, bytes) else bytes(body)
            ids.append(self.new_id())
            inner += struct.pack("<qii", ids[-1], self.seqno(), len(data)) + data
        self.send(struct.pack("<Ii", CONTAINER, len(bodies)) + inner, is_content=False)
        return ids

    async def receive(self) -> Received:
        """The next message, out of its container."""
        if not self.inbox:
            self.inbox += self._open(await self.packet())
        return self.inbox.pop(0)

    async def receive_kind(self, kind: TL) -> TL:
        """The next message of that TL class; others are passed over."""
        while True:
            content = (await self.receive()).content
            if isinstance(content, kind):
                return content

    async def result(self, request_id: int) -> TL:
        """What the rpc_result of that request holds."""
        while True:
            content = (await self.receive()).content
            if isinstance(content, tuple) and content[0] == request_id:
                return content[1]

    async def call(self, request: TL) -> TL:
        return await self.result(self.send(request))

    async def init(self, query: TL | None = None) -> TL:
        """InvokeWithLayer and initConnection round a query."""
        return await self.call(initialised(query or functions.help.GetConfigRequest()))

    def _open(self, payload: bytes) -> list[Received]:
        assert struct.unpack_from("<q", payload)[0] == self.key_id
        msg_key = payload[8:24]
        plain = bytes(AES.decrypt_ige(payload[24:], *_aes(self.key, msg_key, 8)))
        assert hashlib.sha256(self.key[96:128] + plain).digest()[8:24] == msg_key
        _, session_id, msg_id, seqno, length = struct.unpack_from("<qqqii", plain)
        assert session_id == self.session_id
        assert msg_id % 2 == 1
        assert 12 <= len(plain) - 32 - length <= 1024
        body = plain[32 : 32 + length]
        if not body.startswith(struct.pack("<I", CONTAINER)):
            return [Received(msg_id, seqno, _content(body))]
        assert seqno % 2 == 0
        found, at = [], 8
        for _ in range(struct.unpack_from("<i", body, 4)[0]):
            inner_id, inner_seqno, size = struct.unpack_from("<qii", body, at)
            content = _content(body[at + 16 : at + 16 + size])
            found.append(Received(inner_id, inner_seqno, content))
            at += 16 + size
        return found


def initialised(query: TL) -> TL:
    init = functions.InitConnectionRequest(1, "Raw", "1", "1.0", "en", "", "en", query)
    return functions.InvokeWithLayerRequest(LAYER, init)


def gzipped(request: TL) -> bytes:
    return bytes(GzipPacked(bytes(request)))


def _content(body: bytes) -> TL:
    """A TL object, or (request id, result) for an rpc_result."""
    if body.startswith(struct.pack("<I", 0xF35C6D01)):
        inner = body[12:]
        if inner.startswith(struct.pack("<I", GZIP)):
            inner = gzip.decompress(BinaryReader(inner[4:]).tgread_bytes())
        return struct.unpack_from("<q", body, 4)[0], BinaryReader(inner).tgread_object()
    return BinaryReader(body).tgread_object()


def _aes(key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = hashlib.sha256(msg_key + key[x : x + 36]).digest()
    b = hashlib.sha256(key[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]


def rsa_pad(data: bytes, modulus: int, exponent: int) -> bytes:
    """RSA_PAD (core.telegram.org/mtproto/auth_key), 4.1."""
    padded = data + os.urandom(192 - len(data))
    while True:
        key = os.urandom(32)
        hashed = padded[::-1] + hashlib.sha256(key + padded).digest()
        encrypted = bytes(AES.encrypt_ige(hashed, key, bytes(32)))
        mask = hashlib.sha256(encrypted).digest()
        block = bytes(a ^ b for a, b in zip(key, mask, strict=True)) + encrypted
        if (number := int.from_bytes(block)) < modulus:
            return pow(number, exponent, modulus).to_bytes(256)
