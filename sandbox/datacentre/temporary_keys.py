"""Temporary auth keys, for perfect forward secrecy: core.telegram.org/api/pfs.

A temporary key encrypts; who is logged in is known of the permanent key that it is bound to.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from telethon.crypto import AES
from telethon.tl import types

from sandbox.datacentre import tl
from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.reading import Unreadable
from sandbox.datacentre.tl import TL
from sandbox.datacentre.violations import Forged
from sandbox.world.logins import AuthKey, Logins

_PLAIN = struct.Struct("<16sqii")
"""Random bytes, the msg_id of the request, a seqno of 0, and the length of what follows."""


@dataclass(slots=True)
class _Kept:
    authorization: Authorization
    own: AuthKey
    until: datetime


class TemporaryKeys:
    """Those that have not expired. A permanent key has at most one that is bound to it."""

    def __init__(self, logins: Logins, now: Callable[[], datetime]) -> None:
        self._logins = logins
        self._now = now
        self._kept: dict[int, _Kept] = {}

    def add(self, key: bytes, expires_in_s: int) -> int:
        """Keep a key from the exchange, bound to none yet; return its id."""
        now, own = self._now(), AuthKey(key)
        self._kept = {i: kept for i, kept in self._kept.items() if kept.until > now}
        until = now + timedelta(seconds=max(expires_in_s, 0))
        self._kept[own.id] = _Kept(Authorization(own, own.id), own, until)
        return own.id

    def get(self, key_id: int) -> Authorization | None:
        """None also where the permanent key is no more."""
        kept = self._kept.get(key_id)
        if kept is None or kept.until <= self._now():
            return None
        permanent = kept.authorization.key
        is_dead = permanent is not kept.own and permanent.id not in self._logins.keys
        return None if is_dead else kept.authorization

    def is_temporary(self, authorization: Authorization) -> bool:
        return authorization.key_id in self._kept

    def is_unbound(self, authorization: Authorization) -> bool:
        """Whether it is of a temporary key that stands for no permanent one."""
        kept = self._kept.get(authorization.key_id)
        return kept is not None and authorization.key is kept.own

    def bind(self, authorization: Authorization, permanent: AuthKey) -> Authorization | None:
        """Let a temporary key stand for that permanent one; return the one that did so before."""
        before = next((a for a in self.bound() if a.key is permanent), None)
        if before is authorization:
            return None
        if before is not None:
            before.key = self._kept[before.key_id].own
        authorization.key = permanent
        authorization.has_layer = False
        return before

    def bound(self) -> Iterator[Authorization]:
        for kept in self._kept.values():
            if kept.authorization.key is not kept.own:
                yield kept.authorization

    def forget(self, key_id: int) -> None:
        self._kept.pop(key_id, None)


def open_binding(permanent: AuthKey, encrypted: bytes, msg_id: int) -> TL:
    """The binding message, which only who has the permanent key can write. `Forged` if it is none.

    It is encrypted by MTProto 1.0 (core.telegram.org/method/auth.bindTempAuthKey).
    """
    key_id = int.from_bytes(encrypted[:8], "little", signed=True)
    if len(encrypted) != 8 + 16 + 80 or key_id != permanent.id:
        raise Forged("no binding message of that key")
    msg_key = encrypted[8:24]
    plain = bytes(AES.decrypt_ige(encrypted[24:], *_old_aes(permanent.key, msg_key)))
    _, stated_id, seqno, length = _PLAIN.unpack_from(plain)
    if (stated_id, seqno, length) != (msg_id, 0, 40) or _sha1(plain[:72])[4:] != msg_key:
        raise Forged("the binding message does not prove itself")
    try:
        inner, _ = tl.read(plain[_PLAIN.size :])
    except Unreadable as exc:
        raise Forged("the binding message holds no object") from exc
    if not isinstance(inner, types.BindAuthKeyInner):
        raise Forged("the binding message holds another object")
    return inner


def _old_aes(key: bytes, msg_key: bytes) -> tuple[bytes, bytes]:
    """Key and iv of a message from the client (core.telegram.org/mtproto/description_v1)."""
    a = _sha1(msg_key + key[:32])
    b = _sha1(key[32:48] + msg_key + key[48:64])
    c = _sha1(key[64:96] + msg_key)
    d = _sha1(msg_key + key[96:128])
    return a[:8] + b[8:] + c[4:16], a[8:] + b[:8] + c[16:] + d[:8]


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the protocol's own hash
