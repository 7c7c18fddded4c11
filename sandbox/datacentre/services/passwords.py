"""Two-step verification by SRP, the server's side: core.telegram.org/api/srp."""

import hashlib
import secrets
from dataclasses import dataclass

from telethon.tl import types

from sandbox.datacentre import diffie_hellman as dh
from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world.people import User

_ITERATIONS = 100_000
_G_BYTES = dh.G.to_bytes(256)


@dataclass(frozen=True, slots=True)
class _Verifier:
    """What stands for a password."""

    password: str
    salt1: bytes
    salt2: bytes
    value: int
    """g to the power of the hashed password."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """One question to a client: prove that you know the password, with this B."""

    srp_id: int
    user_id: int
    exponent: int
    b: int


class Passwords:
    """Verifiers by user, and the latest offer to each auth key."""

    def __init__(self) -> None:
        self._verifiers: dict[int, _Verifier] = {}
        self._offers: dict[int, _Offer] = {}
        self._k = int.from_bytes(_sha256(dh.PRIME_BYTES, _G_BYTES))

    def describe(self, key_id: int, user: User) -> TL:
        """The account.password of that user, with a new offer if they have a password."""
        state = types.account.Password(
            new_algo=_algo(secrets.token_bytes(8), secrets.token_bytes(16)),
            new_secure_algo=types.SecurePasswordKdfAlgoPBKDF2HMACSHA512iter100000(
                secrets.token_bytes(8)
            ),
            secure_random=secrets.token_bytes(256),
        )
        if user.password:
            verifier = self._verifier(user)
            offer = self._offers[key_id] = self._new_offer(user.id, verifier)
            state.has_password = True
            state.hint = user.password_hint or None
            state.current_algo = _algo(verifier.salt1, verifier.salt2)
            state.srp_id, state.srp_B = offer.srp_id, offer.b.to_bytes(256)
        return state

    def check(self, key_id: int, user: User, proof: TL) -> None:
        """Check an InputCheckPasswordSRP; an offer serves once."""
        if not isinstance(proof, types.InputCheckPasswordSRP):
            raise RpcFailure(400, "PASSWORD_HASH_INVALID")
        offer = self._offers.get(key_id)
        if offer is None or (offer.srp_id, offer.user_id) != (proof.srp_id, user.id):
            raise RpcFailure(400, "SRP_ID_INVALID")
        del self._offers[key_id]
        a = int.from_bytes(proof.A)
        if not dh.is_safe_power(a):
            raise RpcFailure(400, "PASSWORD_HASH_INVALID")
        expected = _evidence(self._verifier(user), offer, a)
        if not secrets.compare_digest(expected, proof.M1):
            raise RpcFailure(400, "PASSWORD_HASH_INVALID")

    def _verifier(self, user: User) -> _Verifier:
        known = self._verifiers.get(user.id)
        if known is None or known.password != user.password:
            known = self._verifiers[user.id] = _new_verifier(user.password or "")
        return known

    def _new_offer(self, user_id: int, verifier: _Verifier) -> _Offer:
        exponent, power = dh.new_power()
        b = (self._k * verifier.value + power) % dh.PRIME
        return _Offer(secrets.randbits(62), user_id, exponent, b)


def _new_verifier(password: str) -> _Verifier:
    salt1, salt2 = secrets.token_bytes(40), secrets.token_bytes(16)
    inner = _sha256(salt2, _sha256(salt1, password.encode(), salt1), salt2)
    stretched = hashlib.pbkdf2_hmac("sha512", inner, salt1, _ITERATIONS)
    x = int.from_bytes(_sha256(salt2, stretched, salt2))
    return _Verifier(password, salt1, salt2, pow(dh.G, x, dh.PRIME))


def _evidence(verifier: _Verifier, offer: _Offer, a: int) -> bytes:
    """The M1 that a client must send who knows the password."""
    a_bytes, b_bytes = a.to_bytes(256), offer.b.to_bytes(256)
    u = int.from_bytes(_sha256(a_bytes, b_bytes))
    shared = pow(a * pow(verifier.value, u, dh.PRIME), offer.exponent, dh.PRIME)
    mixed = zip(_sha256(dh.PRIME_BYTES), _sha256(_G_BYTES), strict=True)
    return _sha256(
        bytes(p ^ g for p, g in mixed),
        _sha256(verifier.salt1),
        _sha256(verifier.salt2),
        a_bytes,
        b_bytes,
        _sha256(shared.to_bytes(256)),
    )


def _algo(salt1: bytes, salt2: bytes) -> TL:
    kind = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow
    return kind(salt1, salt2, dh.G, dh.PRIME_BYTES)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
