"""Whether the objects inside an object are of the types that the schema has there.

Telethon's classes take any object for any argument; Telegram refuses one of another type.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

from telethon.tl import TLObject, TLRequest
from telethon.tl.alltlobjects import tlobjects

_TYPE_NAME = re.compile(r"\bType(\w+)")
_ANY_METHOD = "X"
_TYPES = frozenset(kind.SUBCLASS_OF_ID for kind in tlobjects.values())
"""A type is known by the CRC of its name. Those within a namespace are annotated without it, so
that their CRC is of no type; they are not checked."""

_PEERS = frozenset(crc32(name) for name in (b"InputPeer", b"InputUser", b"InputChannel"))
"""One is taken for the other: Pyrogram and Kurigram state an inputPeerUser in users.getUsers."""

_Fields = tuple[tuple[str, int | None, bool], ...]
_FIELDS: dict[type[TLObject], _Fields] = {}


def misplaced(found: TLObject) -> Iterator[Any]:
    """The objects directly in this one that are of a wrong type."""
    for name, wanted, is_list in _fields(type(found)):
        value = getattr(found, name)
        for each in (value or ()) if is_list else (value,):
            if each is not None and not _is(each, wanted):
                yield each


def _is(value: Any, wanted: int | None) -> bool:  # noqa: ANN401 - a TL object or a bool
    if wanted is None:
        return isinstance(value, TLRequest)
    if isinstance(value, TLRequest) or not isinstance(value, TLObject):
        return False
    stated = value.SUBCLASS_OF_ID
    return bool(stated == wanted or {wanted, stated} <= _PEERS)


def _fields(kind: type[TLObject]) -> _Fields:
    """Of each argument that holds objects: its name, their type, and whether it is a vector."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(_read(getattr(kind.__init__, "__annotations__", {})))
    return known


def _read(stated: Mapping[str, Any]) -> Iterator[tuple[str, int | None, bool]]:
    for name, annotation in stated.items():
        text = str(annotation)
        if (match := _TYPE_NAME.search(text)) is None:
            continue
        if match[1] == _ANY_METHOD:
            yield name, None, False
        elif (wanted := crc32(match[1].encode())) in _TYPES:
            yield name, wanted, "List" in text
