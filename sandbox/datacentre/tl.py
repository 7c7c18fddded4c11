"""TL serialisation with Telethon's own classes: core.telegram.org/mtproto/serialize."""

import struct
import zlib
from typing import Any, TypeAlias

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject
from telethon.tl.core import GzipPacked

TL: TypeAlias = Any
"""A TL object: Telethon generates its classes and ships no types for them."""

BOOL_TRUE = struct.pack("<I", 0x997275B5)
BOOL_FALSE = struct.pack("<I", 0xBC799737)
_VECTOR = struct.pack("<I", 0x1CB5C415)
_GZIP = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID)

GZIP_FROM = 1024
"""Answers from this size on are packed, if that makes them smaller."""
_UNPACKED_LIMIT = 16 << 20


class Unreadable(ValueError):
    """The bytes are no TL object. `constructor` is the id that nobody knows, if that was it."""

    def __init__(self, reason: str, constructor: int | None = None) -> None:
        super().__init__(reason)
        self.constructor = constructor


def read(data: bytes) -> tuple[TL, int]:
    """The object at the start of `data`, and how many bytes it took. `Unreadable` if there is none.

    A gzip_packed around it is taken off.
    """
    if data.startswith(_GZIP):
        return read(unpack(data))[0], len(data)
    try:
        reader = BinaryReader(data)
        return reader.tgread_object(), reader.tell_position()
    except TypeNotFoundError as exc:
        unknown = exc.invalid_constructor_id
        raise Unreadable(f"constructor {unknown:08x} is unknown", unknown) from exc
    except (
        struct.error,  # every way in which Telethon's reader fails on bytes that are no TL
        BufferError,
        ValueError,
        RuntimeError,
        OverflowError,
        AttributeError,
        TypeError,
        OSError,
        EOFError,
        zlib.error,
    ) as exc:
        raise Unreadable(str(exc)) from exc


def unpack(data: bytes) -> bytes:
    """What a gzip_packed holds; a small packet can't be made into gigabytes."""
    try:
        packed = BinaryReader(data[4:]).tgread_bytes()
        inflate = zlib.decompressobj(31)
        content = inflate.decompress(packed, _UNPACKED_LIMIT)
    except (struct.error, BufferError, zlib.error) as exc:
        raise Unreadable(str(exc)) from exc
    if inflate.unconsumed_tail:
        raise Unreadable("gzip_packed holds too much")
    return content


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
