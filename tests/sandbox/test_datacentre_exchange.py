"""The key exchange, by a client of our own that follows the specification or breaks it."""

import os
import struct
from collections.abc import Awaitable
from hashlib import sha1
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from telethon.crypto import AES, Factorization, rsa
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.tl import TL
from tests.sandbox.conftest import Dial
from tests.sandbox.raw_client import RawClient, TransportError, rsa_pad


class Exchange:
    """The client's side, one step a call."""

    def __init__(self, client: RawClient, datacentre: DataCentre) -> None:
        key = load_pem_public_key(datacentre.public_key_pem.encode())
        assert isinstance(key, RSAPublicKey)
        self.numbers = key.public_numbers()
        self.client = client
        self.nonce = _random(16)
        self.new_nonce = _random(32)
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
        new, server = _bytes(self.new_nonce, 32), _bytes(self.pq.server_nonce, 16)
        self.aes = (
            _sha1(new + server) + _sha1(server + new)[:12],
            _sha1(server + new)[12:] + _sha1(new + new) + new[:4],
        )
        plain = bytes(AES.decrypt_ige(answer.encrypted_answer, *self.aes))
        reader = BinaryReader(plain[20:])
        self.dh = reader.tgread_object()
        assert _sha1(plain[20 : 20 + reader.tell_position()]) == plain[:20]

    async def set_dh(self, g_b: int, **changes: object) -> TL:
        inner = {
            "nonce": self.nonce,
            "server_nonce": self.pq.server_nonce,
            "retry_id": 0,
            "g_b": g_b.to_bytes(256),
        }
        plain = bytes(types.ClientDHInnerData(**{**inner, **changes}))
        plain = _sha1(plain) + plain
        plain += os.urandom(-len(plain) % 16)
        request = functions.SetClientDHParamsRequest(
            self.nonce, self.pq.server_nonce, bytes(AES.encrypt_ige(plain, *self.aes))
        )
        return await self.client.plain(request)


@pytest.fixture
async def exchange(dial: Dial, datacentre: DataCentre) -> Exchange:
    return Exchange(await dial(), datacentre)


async def agreed(exchange: Exchange) -> int:
    """Go on until set_client_DH_params; return b."""
    await exchange.request_pq()
    exchange.open_dh(await exchange.request_dh())
    return int.from_bytes(os.urandom(256))


@pytest.mark.parametrize("request_pq", [functions.ReqPqMultiRequest, functions.ReqPqRequest])
@pytest.mark.parametrize("kind", [types.PQInnerDataDc, types.PQInnerData])
async def test_a_key_made_by_todays_specification_is_taken_and_used(
    exchange: Exchange, datacentre: DataCentre, request_pq: TL, kind: TL
) -> None:
    await exchange.request_pq(request_pq)
    exchange.open_dh(await exchange.request_dh(kind))
    prime = int.from_bytes(exchange.dh.dh_prime)
    answer: TL = None
    key = b""
    while not isinstance(answer, types.DhGenOk):  # one key in 256 is asked for again
        b = int.from_bytes(os.urandom(256))
        answer = await exchange.set_dh(pow(exchange.dh.g, b, prime))
        key = pow(int.from_bytes(exchange.dh.g_a), b, prime).to_bytes(256)
    proof = _sha1(_bytes(exchange.new_nonce, 32) + b"\x01" + _sha1(key)[:8])[4:]
    assert _bytes(answer.new_nonce_hash1, 16) == proof
    client = exchange.client
    client.key = key
    assert client.key_id in datacentre.world.logins.keys
    new, server = _bytes(exchange.new_nonce, 32), _bytes(exchange.pq.server_nonce, 16)
    mixed = bytes(a ^ b for a, b in zip(new[:8], server[:8], strict=True))
    client.salt = struct.unpack("<q", mixed)[0]
    assert isinstance(await client.init(), types.Config)


async def refused(step: Awaitable[TL], exchange: Exchange) -> None:
    with pytest.raises(TransportError, match="-404"):
        await step
    assert await exchange.client.is_closed()


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": 1},
        {"server_nonce": 1},
        {"inner_nonce": 1},
        {"inner_server_nonce": 1},
        {"public_key_fingerprint": 1},
        {"p": b"\x03"},
        {"inner_q": b"\x05"},
        {"encrypted_data": b"\x07" * 256},
        {"encrypted_data": b"\xff" * 256},
        {"encrypted_data": b""},
    ],
)
async def test_a_wrong_nonce_or_proof_ends_the_exchange(
    exchange: Exchange, changes: dict[str, Any]
) -> None:
    await exchange.request_pq()
    await refused(exchange.request_dh(**changes), exchange)


async def test_the_steps_can_not_be_taken_out_of_order(exchange: Exchange) -> None:
    exchange.pq = types.ResPQ(exchange.nonce, 5, (15).to_bytes(8), [1])
    exchange.aes = (bytes(32), bytes(32))
    await refused(exchange.set_dh(4), exchange)


@pytest.mark.parametrize("changes", [{"nonce": 1}, {"server_nonce": 1}])
async def test_a_wrong_nonce_in_the_last_step_ends_the_exchange(
    exchange: Exchange, datacentre: DataCentre, changes: dict[str, Any]
) -> None:
    b = await agreed(exchange)
    g_b = pow(exchange.dh.g, b, int.from_bytes(exchange.dh.dh_prime))
    await refused(exchange.set_dh(g_b, **changes), exchange)
    assert not datacentre.world.logins.keys


@pytest.mark.parametrize("g_b", [0, 1, 2**1983, -1])
async def test_a_g_b_near_the_ends_of_its_range_fails(
    exchange: Exchange, datacentre: DataCentre, g_b: int
) -> None:
    await agreed(exchange)
    prime = int.from_bytes(exchange.dh.dh_prime)
    answer = await exchange.set_dh(g_b % prime)
    assert isinstance(answer, types.DhGenFail)
    assert not datacentre.world.logins.keys


@pytest.mark.parametrize("kind", [types.PQInnerDataTemp, types.PQInnerDataTempDc])
async def test_a_temporary_key_is_declined_in_the_protocols_own_words(
    exchange: Exchange, kind: TL
) -> None:
    await exchange.request_pq()
    answer = await exchange.request_dh(kind)
    assert isinstance(answer, types.ServerDHParamsFail)
    proof = _sha1(_bytes(exchange.new_nonce, 32))[4:]
    assert _bytes(answer.new_nonce_hash, 16) == proof


def _random(size: int) -> int:
    return int.from_bytes(os.urandom(size), "little", signed=True)


def _bytes(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)


def _sha1(data: bytes) -> bytes:
    return sha1(data).digest()  # noqa: S324 - the protocol's own hash
