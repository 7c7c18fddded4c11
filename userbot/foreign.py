"""A session that was made elsewhere: read and checked, not stored yet.

ImportRefused        an import stored nothing
├── BadSession       that is no session we can take over
├── AlreadyKnown     its number or its key is stored already
└── NoProxy          no proxy was given, and the list has none
"""

import re
import struct
from dataclasses import dataclass, field

from telethon.sessions import StringSession

from storage.accounts import Identity
from storage.sessions import Peer

KEY_BYTES = 256
_STRING = re.compile(r"1[A-Za-z0-9+/_-]{351,368}={0,2}")
_PYROGRAM = re.compile(r"[AB](?:[A-Za-z0-9_-]{350}|[A-Za-z0-9_-]{355}|[A-Za-z0-9_-]{361})=*")
"""263, 267 or 271 bytes, the first of them the number of a data centre."""
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")


class ImportRefused(ValueError):
    """Nothing was stored; the text says why, and holds no secret."""


class BadSession(ImportRefused):
    """That is no session we can take over; the text names it for what it is."""


class AlreadyKnown(ImportRefused):
    """An account with that number or that key is there already."""


class NoProxy(ImportRefused):
    """No proxy was given and the list has none; an account is never without one."""


@dataclass(frozen=True, slots=True)
class ForeignSession:
    """A key that is logged in, where it is, and what came along with it."""

    dc_id: int
    server_address: str
    port: int
    auth_key: bytes = field(repr=False)
    peers: tuple[Peer, ...] = field(default=(), repr=False)
    phone: str | None = field(default=None, repr=False)
    """Only an export of ours knows it."""
    identity: Identity | None = None
    """Only an export of ours knows it."""


def checked(*, dc_id: int, server_address: str, port: int, auth_key: bytes) -> ForeignSession:
    """The session, if it can be one. Raises `BadSession`."""
    if not any(auth_key):
        raise BadSession("this session is empty: it was never logged in")
    if len(auth_key) != KEY_BYTES:
        raise BadSession(f"the session's key has {len(auth_key)} bytes, {KEY_BYTES} are wanted")
    is_place = 1 <= dc_id <= 255 and 1 <= port <= 65535 and _HOST.fullmatch(server_address)
    if not is_place:
        raise BadSession("the session's data centre has no valid number, address or port")
    return ForeignSession(dc_id, server_address, port, auth_key)


def is_string_session(text: str) -> bool:
    """Whether that has the form of a StringSession; it may still be none."""
    return _STRING.fullmatch(text.strip()) is not None


def from_string(text: str) -> ForeignSession:
    """Read Telethon's StringSession. Raises `BadSession`."""
    word = text.strip()
    if _PYROGRAM.fullmatch(word):
        raise BadSession("this is a Pyrogram session string; only Telethon's can be read")
    if not is_string_session(word):
        raise BadSession("this is not a Telethon StringSession")
    try:
        session = StringSession(word)
    except (ValueError, struct.error) as exc:
        raise BadSession("this is not a Telethon StringSession") from exc
    return checked(
        dc_id=session.dc_id,
        server_address=session.server_address,
        port=session.port,
        auth_key=session.auth_key.key if session.auth_key else b"",
    )
