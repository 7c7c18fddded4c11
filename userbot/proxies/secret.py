"""Secrets of MTProto proxies, as links write them (core.telegram.org/mtproto/mtproto-transports)."""

import base64
import binascii
import re

from userbot.proxies.flaws import BadProxyLine, Flaw

_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_KEY_SIZE = 16
_PADDED, _FAKE_TLS = 0xDD, 0xEE


def secret(text: str) -> str:
    """In hex: 16 bytes, or 17 that begin with dd, which asks for padded packets."""
    if not text:
        raise BadProxyLine(Flaw.NO_SECRET)
    data = _bytes(text)
    if len(data) == _KEY_SIZE or (len(data) == _KEY_SIZE + 1 and data[0] == _PADDED):
        return data.hex()
    if len(data) > _KEY_SIZE and data[0] == _FAKE_TLS:
        raise BadProxyLine(Flaw.FAKE_TLS)
    raise BadProxyLine(Flaw.SECRET)


def _bytes(text: str) -> bytes:
    if _HEX.fullmatch(text) and len(text) >= 2 * _KEY_SIZE:
        return bytes.fromhex(text)
    if not _BASE64.fullmatch(text):
        raise BadProxyLine(Flaw.SECRET)
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error as exc:
        raise BadProxyLine(Flaw.SECRET) from exc
