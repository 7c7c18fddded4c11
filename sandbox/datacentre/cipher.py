"""Encrypted messages of MTProto 2.0: core.telegram.org/mtproto/description."""

import secrets
import struct
from dataclasses import dataclass
from hashlib import sha256

from telethon.crypto import AES

from sandbox.datacentre.transports import QUICK_ACK
from sandbox.datacentre.violations import Forged

_HEAD = struct.Struct("<qqqii")
_TO_SERVER, _TO_CLIENT = 0, 8
_LEAST_PADDING, _MOST_PADDING = 12, 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it came: who sent it in which session, and its body."""

    salt: int
    session_id: int
    msg_id: int
    seqno: int
    body: bytes
    quick_ack: int = 0
    """Of a message from the client: what a quick ack of it says (mtproto/mtproto-transports)."""


def open_message(auth_key: bytes, packet: bytes) -> Envelope:
    """Decrypt a packet from the client. `Forged` if it does not prove itself.

    What a transport padded behind the last whole block is cut off.
    """
    blocks = (len(packet) - 24) // 16 * 16
    if blocks < 48:
        raise Forged("too short for a message")
    msg_key, encrypted = packet[8:24], packet[24 : 24 + blocks]
    plain = bytes(AES.decrypt_ige(encrypted, *_aes(auth_key, msg_key, _TO_SERVER)))
    whole = sha256(auth_key[88:120] + plain).digest()
    if not secrets.compare_digest(whole[8:24], msg_key):
        raise Forged("the message key does not match")
    salt, session_id, msg_id, seqno, length = _HEAD.unpack_from(plain)
    padding = len(plain) - _HEAD.size - length
    if length < 4 or length % 4 or not _LEAST_PADDING <= padding <= _MOST_PADDING:
        raise Forged("the length inside does not fit")
    body = plain[_HEAD.size : _HEAD.size + length]
    quick_ack = int.from_bytes(whole[:4], "little") | QUICK_ACK
    return Envelope(salt, session_id, msg_id, seqno, body, quick_ack)


def seal_message(auth_key: bytes, key_id: bytes, envelope: Envelope) -> bytes:
    """Encrypt a message for the client."""
    body = envelope.body
    head = _HEAD.pack(
        envelope.salt, envelope.session_id, envelope.msg_id, envelope.seqno, len(body)
    )
    padding = _LEAST_PADDING + -(_HEAD.size + len(body) + _LEAST_PADDING) % 16
    plain = head + body + secrets.token_bytes(padding)
    msg_key = sha256(auth_key[96:128] + plain).digest()[8:24]
    return key_id + msg_key + bytes(AES.encrypt_ige(plain, *_aes(auth_key, msg_key, _TO_CLIENT)))


def _aes(auth_key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    first = sha256(msg_key + auth_key[x : x + 36]).digest()
    second = sha256(auth_key[x + 40 : x + 76] + msg_key).digest()
    return (
        first[:8] + second[8:24] + first[24:],
        second[:8] + first[8:24] + second[24:],
    )
