"""Unencrypted messages, for the key exchange: core.telegram.org/mtproto/description#unencrypted-message."""

import struct

from sandbox.datacentre import tl
from sandbox.datacentre.reading import Unreadable
from sandbox.datacentre.tl import TL
from sandbox.datacentre.violations import ExchangeRefused

_HEAD = struct.Struct("<qqi")


def open_plain(packet: bytes) -> TL:
    """The object in an unencrypted message. `ExchangeRefused` if there is none."""
    if len(packet) < _HEAD.size:
        raise ExchangeRefused("too short for an unencrypted message")
    _, msg_id, length = _HEAD.unpack_from(packet)
    body = packet[_HEAD.size : _HEAD.size + length]
    if msg_id % 4 or length < 4 or len(body) != length:
        raise ExchangeRefused("no valid unencrypted message")
    try:
        return tl.read(body)[0]
    except Unreadable as exc:
        raise ExchangeRefused("an unencrypted message without an object") from exc


def seal_plain(msg_id: int, answer: bytes) -> bytes:
    return _HEAD.pack(0, msg_id, len(answer)) + answer
