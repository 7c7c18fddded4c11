"""The making of an auth key: core.telegram.org/mtproto/auth_key. No socket here."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from telethon.crypto import AES
from telethon.tl import functions, types

from sandbox.datacentre import diffie_hellman as dh
from sandbox.datacentre import tl
from sandbox.datacentre.reading import Unreadable
from sandbox.datacentre.server_key import ServerKey
from sandbox.datacentre.tl import TL
from sandbox.datacentre.violations import ExchangeRefused

Adopt = Callable[[bytes, int, int | None], bool]
"""Takes a new auth key, its first salt, and how many seconds it lives; None: for good.

False if a key with that id exists already.
"""

_TEMPORARY = (types.PQInnerDataTemp, types.PQInnerDataTempDc)
_INNER = (types.PQInnerData, types.PQInnerDataDc, *_TEMPORARY)


class KeyExchange:
    """One exchange. Each step must repeat the nonces of the steps before, or it is refused."""

    __slots__ = (
        "_adopt",
        "_aes",
        "_expires_in_s",
        "_exponent",
        "_is_to_fail",
        "_new_nonce",
        "_nonce",
        "_now",
        "_pq",
        "_server_key",
        "_server_nonce",
    )

    def __init__(
        self,
        server_key: ServerKey,
        now: Callable[[], datetime],
        adopt: Adopt,
        is_to_fail: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_to_fail` says whether to answer with server_DH_params_fail."""
        self._is_to_fail = is_to_fail
        self._server_key = server_key
        self._now = now
        self._adopt = adopt
        self._nonce = self._server_nonce = self._new_nonce = b""
        self._pq = (0, 0)
        self._exponent = 0
        self._expires_in_s: int | None = None
        self._aes = (b"", b"")

    def answer(self, request: TL) -> bytes:
        """The answer to one unencrypted request. `ExchangeRefused` ends the connection."""
        match request:
            case functions.ReqPqMultiRequest() | functions.ReqPqRequest():
                return self._res_pq(_nonce(request.nonce))
            case functions.ReqDHParamsRequest():
                self._check_nonces(request)
                return self._dh_params(request)
            case functions.SetClientDHParamsRequest():
                self._check_nonces(request)
                return self._complete(request)
            case _:
                raise ExchangeRefused(f"{type(request).__name__} is not sent unencrypted")

    def _check_nonces(self, stated: TL) -> None:
        if not self._nonce:
            raise ExchangeRefused("no exchange has begun")
        if (_nonce(stated.nonce), _nonce(stated.server_nonce)) != (
            self._nonce,
            self._server_nonce,
        ):
            raise ExchangeRefused("a nonce is not the one that was agreed on")

    def _res_pq(self, nonce: bytes) -> bytes:
        self._nonce, self._server_nonce = nonce, secrets.token_bytes(16)
        self._pq = dh.new_pq()
        self._new_nonce, self._exponent = b"", 0
        product = self._pq[0] * self._pq[1]
        return bytes(
            types.ResPQ(
                nonce=_int(nonce),
                server_nonce=_int(self._server_nonce),
                pq=product.to_bytes(8),
                server_public_key_fingerprints=[self._server_key.fingerprint],
            )
        )

    def _dh_params(self, request: TL) -> bytes:
        if request.public_key_fingerprint != self._server_key.fingerprint:
            raise ExchangeRefused("the fingerprint is not of this data centre's key")
        inner = self._open_inner(request.encrypted_data)
        self._check_nonces(inner)
        stated = (int.from_bytes(inner.p), int.from_bytes(inner.q))
        outer = (int.from_bytes(request.p), int.from_bytes(request.q))
        if stated != self._pq or outer != self._pq:
            raise ExchangeRefused("pq is not factorised right")
        self._new_nonce = inner.new_nonce.to_bytes(32, "little", signed=True)
        self._expires_in_s = inner.expires_in if isinstance(inner, _TEMPORARY) else None
        if self._is_to_fail():
            return self._params_fail()
        self._exponent, g_a = dh.new_power()
        self._aes = _temporary_aes(self._server_nonce, self._new_nonce)
        return self._params_ok(g_a)

    def _open_inner(self, encrypted: bytes) -> TL:
        data, sha1 = self._server_key.open(encrypted)
        try:
            inner, size = tl.read(data)
        except Unreadable as exc:
            raise ExchangeRefused("encrypted_data holds no object") from exc
        if sha1 is not None and _sha1(data[:size]) != sha1:
            raise ExchangeRefused("encrypted_data has a wrong hash")
        if not isinstance(inner, _INNER):
            raise ExchangeRefused("encrypted_data holds no p_q_inner_data")
        return inner

    def _params_fail(self) -> bytes:
        return bytes(
            types.ServerDHParamsFail(
                nonce=_int(self._nonce),
                server_nonce=_int(self._server_nonce),
                new_nonce_hash=_int(_sha1(self._new_nonce)[4:]),
            )
        )

    def _params_ok(self, g_a: int) -> bytes:
        inner = bytes(
            types.ServerDHInnerData(
                nonce=_int(self._nonce),
                server_nonce=_int(self._server_nonce),
                g=dh.G,
                dh_prime=dh.PRIME_BYTES,
                g_a=g_a.to_bytes(256),
                server_time=int(self._now().timestamp()),
            )
        )
        plain = _sha1(inner) + inner
        plain += secrets.token_bytes(-len(plain) % 16)
        return bytes(
            types.ServerDHParamsOk(
                nonce=_int(self._nonce),
                server_nonce=_int(self._server_nonce),
                encrypted_answer=bytes(AES.encrypt_ige(plain, *self._aes)),
            )
        )

    def _complete(self, request: TL) -> bytes:
        if not self._exponent:
            raise ExchangeRefused("set_client_DH_params before req_DH_params")
        g_b = self._open_client_power(request.encrypted_data)
        key = pow(g_b, self._exponent, dh.PRIME).to_bytes(256)
        if not dh.is_safe_power(g_b):
            answer = self._outcome(types.DhGenFail, 3, key)
            self._exponent = 0
            return answer
        if not self._adopt(key, self._first_salt(), self._expires_in_s):
            return self._outcome(types.DhGenRetry, 2, key)
        answer = self._outcome(types.DhGenOk, 1, key)
        self._nonce, self._exponent = b"", 0
        return answer

    def _open_client_power(self, encrypted: bytes) -> int:
        if not encrypted or len(encrypted) % 16:
            raise ExchangeRefused("encrypted_data is not in whole blocks")
        plain = bytes(AES.decrypt_ige(encrypted, *self._aes))
        try:
            inner, size = tl.read(plain[20:])
        except Unreadable as exc:
            raise ExchangeRefused("encrypted_data holds no object") from exc
        if _sha1(plain[20 : 20 + size]) != plain[:20]:
            raise ExchangeRefused("encrypted_data has a wrong hash")
        if not isinstance(inner, types.ClientDHInnerData):
            raise ExchangeRefused("encrypted_data holds no client_DH_inner_data")
        self._check_nonces(inner)
        return int.from_bytes(inner.g_b)

    def _first_salt(self) -> int:
        mixed = bytes(a ^ b for a, b in zip(self._new_nonce, self._server_nonce[:8], strict=False))
        return int.from_bytes(mixed, "little", signed=True)

    def _outcome(self, kind: TL, number: int, key: bytes) -> bytes:
        """dh_gen_ok, _retry or _fail; the hash proves that we know the new nonce and the key."""
        proof = _sha1(self._new_nonce + bytes((number,)) + _sha1(key)[:8])[4:]
        return bytes(kind(_int(self._nonce), _int(self._server_nonce), _int(proof)))


def _temporary_aes(server_nonce: bytes, new_nonce: bytes) -> tuple[bytes, bytes]:
    """The AES key and iv that protect the rest of the exchange."""
    new_server = _sha1(new_nonce + server_nonce)
    server_new = _sha1(server_nonce + new_nonce)
    new_new = _sha1(new_nonce + new_nonce)
    return new_server + server_new[:12], server_new[12:] + new_new + new_nonce[:4]


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the protocol's own hash


def _nonce(number: int) -> bytes:
    return number.to_bytes(16, "little", signed=True)


def _int(nonce: bytes) -> int:
    return int.from_bytes(nonce, "little", signed=True)
