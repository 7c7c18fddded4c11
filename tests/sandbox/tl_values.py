"""TL objects of any class, with arguments of the right types and any values."""

import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

from hypothesis import strategies as st
from telethon.tl import functions, types
from telethon.tl.alltlobjects import tlobjects

from sandbox.datacentre.tl import TL

Draw = Callable[[Any], Any]
_TYPE = re.compile(r"\bType(\w+)")
_DEEPEST = 3
_NUMBERS = st.sampled_from([0, 1, -1, 2, 7, 100, 4096, 1 << 20, 2**31 - 1, -(2**31)])
_LONGS = st.one_of(_NUMBERS, st.integers(-(2**63), 2**63 - 1))
_DATES = st.datetimes(datetime(1970, 1, 1), datetime(2038, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
_WORDS = st.one_of(
    st.sampled_from(["", "alice", "bobby", "+15550001", "hello"]), st.text(max_size=9)
)
_BY_NAME = {"int": _LONGS, "str": _WORDS, "bytes": st.binary(max_size=40), "bool": st.booleans()}

_STRANGE = [
    types.InputPeerChannelFromMessage,
    types.InputChannelFromMessage,
    types.InputUserFromMessage,
    types.InputMediaEmpty,
    types.MsgsAck,
    functions.PingRequest,
]


@st.composite
def instances(draw: Draw, kind: TL, special: dict[str, Any], depth: int = 0) -> TL:
    """An object of that class; `special` has strategies for arguments with these names."""
    stated = getattr(kind.__init__, "__annotations__", {})
    return kind(**{n: draw(_values(n, str(a), special, depth)) for n, a in stated.items()})


def serialised(found: TL) -> bytes:
    """Its bytes; none where the values do not fit together, which a client could not send either."""
    try:
        return bytes(found)
    except (struct.error, AssertionError, OverflowError, TypeError, ValueError, AttributeError):
        return b""


def _values(name: str, annotation: str, special: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - a strategy
    found = special.get(name)
    if found is None:
        found = _plain(annotation, special, depth)
    if "List" in annotation:
        found = st.lists(found, max_size=3)
    return st.one_of(st.none(), found) if "Optional" in annotation else found


def _plain(annotation: str, special: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - a strategy
    if match := _TYPE.search(annotation):
        return _objects(match[1], special, depth + 1)
    if "datetime" in annotation:
        return _DATES
    names = (n for n in _BY_NAME if re.search(rf"\b{n}\b", annotation))
    return _BY_NAME[next(names, "int")]


def _objects(name: str, special: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - a strategy
    """Objects of that type, and now and then of another one."""
    union = getattr(types, f"Type{name}", None)
    kinds = [k for k in get_args(union) or (union,) if k is not None]
    if not kinds:
        kinds = [types.InputPeerSelf]
    if depth > _DEEPEST:
        kinds = [min(kinds, key=lambda kind: len(getattr(kind.__init__, "__annotations__", {})))]
        if depth > 2 * _DEEPEST:
            return st.just(types.InputPeerEmpty())
    chosen = st.sampled_from(kinds) | st.sampled_from(_STRANGE)
    return chosen.flatmap(lambda kind: instances(kind, special, depth))


ANY_CONSTRUCTOR = st.sampled_from(sorted(tlobjects))
