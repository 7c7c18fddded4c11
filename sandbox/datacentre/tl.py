"""TL serialisation with Telethon's own classes: core.telegram.org/mtproto/serialize."""

import struct
import zlib
from typing import Any, TypeAlias

from telethon.extensions import BinaryReader
from telethon.tl import TLObject
from telethon.tl.core import GzipPacked

from sandbox.datacentre.reading import FAILURES, Allowance, Reader, Unreadable

TL: TypeAlias = Any
"""A TL object: Telethon generates its classes and ships no types for them."""

BOOL_TRUE = struct.pack("<I", 0x997275B5)
BOOL_FALSE = struct.pack("<I", 0xBC799737)
_VECTOR = struct.pack("<I", 0x1CB5C415)
_GZIP = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID)

GZIP_FROM = 1024
"""Answers from this size on are packed, if that makes them smaller."""


def read(data: bytes, allowance: Allowance | None = None) -> tuple[TL, int]:
    """The object at the start of `data`, and how many bytes it took. `Unreadable` if there is none.

    A gzip_packed is taken off wherever it stands, as far as the allowance goes.
    """
    reader = Reader(data, allowance or Allowance())
    try:
        return reader.tgread_object(), reader.tell_position()
    except Unreadable:
        raise
    except FAILURES as exc:
        raise Unreadable(str(exc)) from exc


def unpack(data: bytes, allowance: Allowance) -> bytes:
    """What a gzip_packed holds."""
    try:
        packed = BinaryReader(data[4:]).tgread_bytes()
    except FAILURES as exc:
        raise Unreadable(str(exc)) from exc
    return allowance.inflate(packed)


def write(value: TL) -> bytes:
    """Serialise an answer: an object, a bool, a vector of objects, or bytes that are one already."""
    if value is True:
        return BOOL_TRUE
    if value is False:
        return BOOL_FALSE
    if isinstance(value, list):
        return _VECTOR + struct.pack("<i", len(value)) + b"".join(map(bytes, value))
    return bytes(value)


def pack_if_large(body: bytes) -> bytes:
    """Wrap a large body into gzip_packed, unless that makes it no smaller."""
    if len(body) < GZIP_FROM:
        return body
    deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = _GZIP + tl_bytes(deflate.compress(body) + deflate.flush())
    return packed if len(packed) < len(body) else body


def tl_bytes(data: bytes) -> bytes:
    """A TL `bytes` value: length, content, padding to whole words."""
    return bytes(TLObject.serialize_bytes(data))
