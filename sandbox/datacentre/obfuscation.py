"""The obfuscated transport: AES-CTR round another one (mtproto/mtproto-transports).

The first 64 bytes are random and hold the keys; an MTProto proxy mixes its secret into them.
"""

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from sandbox.datacentre.transports import Abridged, Intermediate, PaddedIntermediate, Transport
from sandbox.datacentre.violations import Garbage

HEADER_SIZE = 64

_INNER: dict[bytes, type[Transport]] = {
    Abridged.tag * 4: Abridged,
    Intermediate.tag: Intermediate,
    PaddedIntermediate.tag: PaddedIntermediate,
}


class Obfuscated:
    """A transport inside two key streams. `dc_id` is the data centre that a proxy was asked for."""

    __slots__ = ("_decryptor", "_encryptor", "dc_id", "inner")

    def __init__(self, header: bytes, secret: bytes | None = None) -> None:
        turned = header[8:56][::-1]
        self._decryptor = Cipher(AES(_key(header[8:40], secret)), CTR(header[40:56])).decryptor()
        self._encryptor = Cipher(AES(_key(turned[:32], secret)), CTR(turned[32:])).encryptor()
        opened = self._decryptor.update(header)
        kind = _INNER.get(opened[56:60])
        if kind is None:
            raise Garbage("an obfuscation header without a known tag")
        self.inner = kind()
        self.dc_id = int.from_bytes(opened[60:62], "little", signed=True)

    def feed(self, data: bytes) -> Iterator[bytes]:
        return self.inner.feed(self._decryptor.update(data))

    @property
    def wants_quick_ack(self) -> bool:
        return self.inner.wants_quick_ack

    def encode(self, payload: bytes) -> bytes:
        return self._encryptor.update(self.inner.encode(payload))

    def encode_quick_ack(self, token: int) -> bytes:
        return self._encryptor.update(self.inner.encode_quick_ack(token))


def _key(key: bytes, secret: bytes | None) -> bytes:
    return key if secret is None else hashlib.sha256(key + secret).digest()
