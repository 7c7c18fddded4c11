"""The data centre's RSA key, and what clients encrypt to it: core.telegram.org/mtproto/auth_key."""

import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from telethon.crypto import AES

from sandbox.datacentre.tl import tl_bytes
from sandbox.datacentre.violations import ExchangeRefused


class ServerKey:
    """A 2048-bit RSA key with the fingerprint that MTProto computes for it."""

    def __init__(self, private: rsa.RSAPrivateKey | None = None) -> None:
        """Make a new key unless one is given."""
        private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = private.private_numbers()
        public = numbers.public_numbers
        self._p, self._q, self._iqmp = numbers.p, numbers.q, numbers.iqmp
        self._dmp1, self._dmq1, self._n = numbers.dmp1, numbers.dmq1, public.n
        self.public_pem = (
            private.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
        )
        stated = tl_bytes(_big_endian(public.n)) + tl_bytes(_big_endian(public.e))
        digest = hashlib.sha1(stated).digest()  # noqa: S324 - the protocol's own hash
        self.fingerprint = int.from_bytes(digest[-8:], "little", signed=True)

    def open(self, encrypted: bytes) -> tuple[bytes, bytes | None]:
        """What the client encrypted, random padding behind it, and a SHA-1 still to be checked.

        Under today's RSA_PAD the whole is proved here and there is no SHA-1. Under the older
        padding the SHA-1 covers the object without its padding, so the caller, who finds the end
        of the object, has to check it.
        """
        if len(encrypted) != 256 or (cipher := int.from_bytes(encrypted)) >= self._n:
            raise ExchangeRefused("encrypted_data is no number below the modulus")
        block = self._decrypt(cipher).to_bytes(256)
        if (padded := _open_rsa_pad(block)) is not None:
            return padded, None
        if block[0] != 0:
            raise ExchangeRefused("encrypted_data is not for this key")
        return block[21:], block[1:21]

    def _decrypt(self, cipher: int) -> int:
        """RSA by the Chinese remainder theorem, four times as fast as by `d`."""
        first = pow(cipher % self._p, self._dmp1, self._p)
        second = pow(cipher % self._q, self._dmq1, self._q)
        return second + (first - second) * self._iqmp % self._p * self._q


def _open_rsa_pad(block: bytes) -> bytes | None:
    """Undo RSA_PAD; None if the block was made otherwise."""
    hidden_key, encrypted = block[:32], block[32:]
    mask = hashlib.sha256(encrypted).digest()
    key = bytes(a ^ b for a, b in zip(hidden_key, mask, strict=True))
    opened = bytes(AES.decrypt_ige(encrypted, key, bytes(32)))
    data = opened[:192][::-1]
    if not secrets.compare_digest(hashlib.sha256(key + data).digest(), opened[192:]):
        return None
    return data


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)
