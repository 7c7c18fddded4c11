"""TL objects out of bytes that a stranger sent: Telethon's reader, with bounds.

Its own reader follows what the bytes say: it inflates any gzip_packed to its end, takes a container
inside an object whose lengths may lead backwards, and goes as deep as the bytes nest.
"""

import struct
import zlib
from collections.abc import Mapping

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, functions
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.core import GzipPacked, core_objects
from typing_extensions import override

from sandbox.datacentre.shapes import misplaced
from sandbox.datacentre.transports import MAX_PACKET

_DEEPEST = 64
"""Objects inside each other; a request of an honest client has a dozen."""
_SMALLEST_OBJECT = 4
_VECTOR, _TRUE, _FALSE = 0x1CB5C415, 0x997275B5, 0xBC799737
_WRAPPERS = frozenset(
    kind.CONSTRUCTOR_ID
    for kind in (
        functions.InvokeWithLayerRequest,
        functions.InitConnectionRequest,
        functions.InvokeWithoutUpdatesRequest,
        functions.InvokeAfterMsgRequest,
        functions.InvokeAfterMsgsRequest,
        GzipPacked,
    )
)
_KNOWN: Mapping[int, type[TLObject]] = tlobjects


class Unreadable(ValueError):
    """The bytes are no TL object. `constructor` is the id that nobody knows, if that was it.

    `is_method`: it stands where a method is called, not inside the arguments of one.
    """

    def __init__(
        self, reason: str, constructor: int | None = None, *, is_method: bool = False
    ) -> None:
        super().__init__(reason)
        self.constructor = constructor
        self.is_method = is_method


class Allowance:
    """How many bytes may still be made by inflating; one packet has one, whatever it holds."""

    __slots__ = ("left",)

    def __init__(self, size: int = 2 * MAX_PACKET) -> None:
        self.left = size

    def inflate(self, packed: bytes) -> bytes:
        """The content of a gzip stream. `Unreadable` if it is none, or too much."""
        try:
            stream = zlib.decompressobj(31)
            content = stream.decompress(packed, self.left + 1)
        except zlib.error as exc:
            raise Unreadable(str(exc)) from exc
        if len(content) > self.left:
            raise Unreadable("gzip_packed holds too much")
        if not stream.eof:
            raise Unreadable("gzip_packed ends too early")
        self.left -= len(content)
        return content


class Reader(BinaryReader):  # type: ignore[misc]  # Telethon is untyped
    """Reads one object. Any error but `Unreadable` is turned into one by `tl.read`."""

    def __init__(self, data: bytes, allowance: Allowance, inside: tuple[int, ...] = ()) -> None:
        super().__init__(data)
        self._allowance = allowance
        self._inside = inside
        """The constructors of the objects that this one is in, outermost first."""

    @override
    def tgread_object(self) -> object:
        constructor = self.read_int(signed=False)
        if len(self._inside) >= _DEEPEST:
            raise Unreadable("objects are nested too deep")
        outside, self._inside = self._inside, (*self._inside, constructor)
        if constructor == GzipPacked.CONSTRUCTOR_ID:
            found = self._unpacked()
        elif constructor == _VECTOR:
            found = self._vector()
        elif constructor in core_objects:
            raise Unreadable(f"{constructor:08x} stands where no service object may")
        elif (kind := _KNOWN.get(constructor)) is not None:
            found = _checked(kind.from_reader(self))
        else:
            self._inside = outside
            found = self._bool(constructor)
        self._inside = outside
        return found

    @override
    def tgread_vector(self) -> list[object]:
        if self.read_int(signed=False) != _VECTOR:
            raise Unreadable("no vector where one is expected")
        return self._vector()

    def _vector(self) -> list[object]:
        count = self.read_int()
        if not 0 <= count <= (len(self.stream) - self.position) // _SMALLEST_OBJECT:
            raise Unreadable(f"a vector of {count}")
        return [self.tgread_object() for _ in range(count)]

    def _unpacked(self) -> object:
        content = self._allowance.inflate(self.tgread_bytes())
        return Reader(content, self._allowance, self._inside).tgread_object()

    def _bool(self, constructor: int) -> bool:
        self.seek(-4)
        if constructor in {_TRUE, _FALSE}:
            return bool(self.tgread_bool())
        raise Unreadable(
            f"constructor {constructor:08x} is unknown",
            constructor,
            is_method=_WRAPPERS.issuperset(self._inside),
        )


def _checked(found: TLObject) -> TLObject:
    for wrong in misplaced(found):
        constructor = getattr(wrong, "CONSTRUCTOR_ID", None)
        raise Unreadable("an object of another type than the schema has there", constructor)
    return found


FAILURES = (
    struct.error,
    BufferError,
    ValueError,
    RuntimeError,
    OverflowError,
    AttributeError,
    TypeError,
    OSError,
    EOFError,
    TypeNotFoundError,
)
"""Every way in which Telethon's classes fail on bytes that are no TL."""
