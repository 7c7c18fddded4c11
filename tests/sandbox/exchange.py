"""The client's side of the key exchange, to the specification or with fields changed."""

import os
import struct
from hashlib import sha1

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from telethon.crypto import AES, Factorization, rsa
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.tl import TL
from tests.sandbox.raw_client import RawClient, rsa_pad


class Exchange:
    """The client's side, one step a call."""

    def __init__(self, client: RawClient, datacentre: DataCentre) -> None:
        key = load_pem_public_key(datacentre.public_key_pem.encode())
        assert isinstance(key, RSAPublicKey)
        self.numbers = key.public_numbers()
        self.client = client
        self.nonce = random_int(16)
        self.new_nonce = random_int(32)
        self.pq: TL = None
        self.aes = (b"", b"")
        self.dh: TL = None

    async def request_pq(self, request: TL = functions.ReqPqMultiRequest) -> None:
        self.pq = await self.client.plain(request(self.nonce))
        assert self.pq.nonce == self.nonce

    async def request_dh(self, kind: TL = types.PQInnerDataDc, **changes: object) -> TL:
        """Send p_q_inner_data; `changes` replace fields of the inner or outer object."""
        p, q = Factorization.factorize(int.from_bytes(self.pq.pq))
        common = {
            "p": rsa.get_byte_array(p),
            "q": rsa.get_byte_array(q),
            "nonce": self.nonce,
            "server_nonce": self.pq.server_nonce,
        }
        extra = {"dc": 2} if "dc" in kind.__init__.__annotations__ else {}
        if "expires_in" in kind.__init__.__annotations__:
            extra["expires_in"] = 3600
        inner = {**common, **extra, "pq": self.pq.pq, "new_nonce": self.new_nonce}
        inner |= {k[6:]: v for k, v in changes.items() if k.startswith("inner_")}
        sealed = rsa_pad(bytes(kind(**inner)), self.numbers.n, self.numbers.e)
        outer = {
            **common,
            "public_key_fingerprint": self.pq.server_public_key_fingerprints[0],
            "encrypted_data": sealed,
        }
        outer |= {k: v for k, v in changes.items() if not k.startswith("inner_")}
        return await self.client.plain(functions.ReqDHParamsRequest(**outer))

    def open_dh(self, answer: TL) -> None:
        new, server = int_bytes(self.new_nonce, 32), int_bytes(self.pq.server_nonce, 16)
        self.aes = (
            sha(new + server) + sha(server + new)[:12],
            sha(server + new)[12:] + sha(new + new) + new[:4],
        )
        plain = bytes(AES.decrypt_ige(answer.encrypted_answer, *self.aes))
        reader = BinaryReader(plain[20:])
        self.dh = reader.tgread_object()
        assert sha(plain[20 : 20 + reader.tell_position()]) == plain[:20]

    async def set_dh(self, g_b: int, **changes: object) -> TL:
        inner = {
            "nonce": self.nonce,
            "server_nonce": self.pq.server_nonce,
            "retry_id": 0,
            "g_b": g_b.to_bytes(256),
        }
        return await self.set_raw(bytes(types.ClientDHInnerData(**{**inner, **changes})))

    async def set_raw(self, inner: bytes, *, is_proved: bool = True) -> TL:
        """Send these bytes where client_DH_inner_data stands; without `is_proved` the hash is wrong."""
        plain = (sha(inner) if is_proved else bytes(20)) + inner
        plain += os.urandom(-len(plain) % 16)
        request = functions.SetClientDHParamsRequest(
            self.nonce, self.pq.server_nonce, bytes(AES.encrypt_ige(plain, *self.aes))
        )
        return await self.client.plain(request)

    async def agree(self, kind: TL = types.PQInnerDataDc, **changes: object) -> None:
        """Go as far as the data centre's g_a."""
        await self.request_pq()
        self.open_dh(await self.request_dh(kind, **changes))

    async def finish(self, *, begins_with_zero: bool = False) -> None:
        """Make the key and give it to the client."""
        prime, g_a = int.from_bytes(self.dh.dh_prime), int.from_bytes(self.dh.g_a)
        b = int.from_bytes(os.urandom(256))
        g_b, key = pow(self.dh.g, b, prime), pow(g_a, b, prime)
        while begins_with_zero and key.to_bytes(256)[0]:
            g_b, key = g_b * self.dh.g % prime, key * g_a % prime
        answer = await self.set_dh(g_b)
        assert isinstance(answer, types.DhGenOk)
        made, new = key.to_bytes(256), int_bytes(self.new_nonce, 32)
        assert int_bytes(answer.new_nonce_hash1, 16) == sha(new + b"\x01" + sha(made)[:8])[4:]
        mixed = zip(new[:8], int_bytes(self.pq.server_nonce, 16)[:8], strict=True)
        self.client.key = made
        self.client.salt = struct.unpack("<q", bytes(a ^ b for a, b in mixed))[0]


def random_int(size: int) -> int:
    return int.from_bytes(os.urandom(size), "little", signed=True)


def int_bytes(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)


def sha(data: bytes) -> bytes:
    return sha1(data).digest()  # noqa: S324 - the protocol's own hash
