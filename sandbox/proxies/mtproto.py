"""An MTProto proxy: core.telegram.org/mtproto/mtproto-transports#transport-obfuscation.

It has a secret and no login. The client's first 64 bytes name the data centre; the proxy opens the
client's stream with the secret and closes it again, without one, for the data centre.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from typing_extensions import override

from sandbox.datacentre.obfuscation import HEADER_SIZE
from sandbox.datacentre.transports import Abridged, Intermediate, PaddedIntermediate
from sandbox.proxies.faults import RejectedLogin
from sandbox.proxies.relay import CHUNK, Dial, Obstacle, Rejected, RelayProxy, Wish

Reach = Callable[[int], tuple[str, int] | None]
"""Where the data centre with that id is; None where there is none."""

_KEY_SIZE = 16
_PADDED_ONLY = 0xDD
_TAGS = {Abridged.tag * 4, Intermediate.tag, PaddedIntermediate.tag}
_RESERVED = (b"HEAD", b"POST", b"GET ", b"OPTI", b"\xee" * 4, b"\xdd" * 4, b"\x16\x03\x01\x02")
"""First words that would be taken for another transport."""


class MtprotoProxy(RelayProxy):
    """A secret of 17 bytes that begins with dd lets only padded packets through."""

    kind = "mtproto"

    def __init__(self, reach: Reach, *, secret: str | None = None, **options: Any) -> None:  # noqa: ANN401 - the base's own
        super().__init__(**options)
        self.secret = secret or secrets.token_hex(_KEY_SIZE)
        self._reach = reach
        data = bytes.fromhex(self.secret)
        self._key = data[-_KEY_SIZE:]
        self._is_padded_only = len(data) > _KEY_SIZE and data[0] == _PADDED_ONLY

    @override
    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> Wish:
        header = await reader.readexactly(HEADER_SIZE)
        opened, sealed = _streams(header, self._key)
        plain = opened.update(header)
        tag, dc_id = plain[56:60], int.from_bytes(plain[60:62], "little", signed=True)
        is_right = tag == PaddedIntermediate.tag or (tag in _TAGS and not self._is_padded_only)
        if not is_right or self.faults.strikes(RejectedLogin):
            dial.outcome = "wrong secret"
            while await reader.read(CHUNK):
                pass  # as Telegram's own: it never answers
            raise Rejected("wrong secret")
        place = self._reach(abs(dc_id))  # below zero: the same one's, for media
        if place is None:
            raise Rejected("no such data centre")
        opening, outward, inward = _far_end(tag, dc_id)
        return Wish(
            *place,
            opening=opening,
            outward=lambda data: outward.update(opened.update(data)),
            inward=lambda data: sealed.update(inward.update(data)),
        )

    @override
    def _granted(self, host: str, port: int) -> bytes:
        return b""

    @override
    def _refused(self, obstacle: Obstacle) -> bytes:
        return b""


def _far_end(tag: bytes, dc_id: int) -> tuple[bytes, CipherContext, CipherContext]:
    """A header for the data centre, what closes our bytes to it, and what opens its own."""
    while True:
        header = bytearray(secrets.token_bytes(HEADER_SIZE))
        if header[0] != Abridged.tag[0] and header[:4] not in _RESERVED and any(header[4:8]):
            break
    header[56:62] = tag + dc_id.to_bytes(2, "little", signed=True)
    outward, inward = _streams(bytes(header))
    header[56:] = outward.update(bytes(header))[56:]
    return bytes(header), outward, inward


def _streams(header: bytes, key: bytes | None = None) -> tuple[CipherContext, CipherContext]:
    """The key streams from whoever sent the header, and to it."""
    there, back = header[8:56], header[8:56][::-1]
    return tuple(  # type: ignore[return-value]  # there are two
        Cipher(AES(_mixed(half[:32], key)), CTR(half[32:])).encryptor() for half in (there, back)
    )


def _mixed(half: bytes, key: bytes | None) -> bytes:
    return half if key is None else hashlib.sha256(half + key).digest()
