"""As much of a picture as the sandbox needs: its size in pixels, and blank ones for previews.

Sources: the PNG and GIF specifications, and ITU T.81 (JPEG), annex B. Nothing is decoded, so a
picture with a sound head and a broken body passes, where Telegram would refuse it.
"""

import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
"""The markers of a JPEG whose segment states the size."""


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG; None where it is none of them."""
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            found = struct.unpack_from(">II", data, 16)
        elif data.startswith((b"GIF87a", b"GIF89a")):
            found = struct.unpack_from("<HH", data, 6)
        elif data.startswith(b"\xff\xd8\xff"):
            found = _jpeg(data)
        else:
            return None
    except (struct.error, IndexError):
        return None
    width, height = found
    return (width, height) if width and height else None


def blank(width: int, height: int) -> bytes:
    """A black PNG of that size, in few bytes; RGB, which no client converts before it sends it."""
    row = bytes(1 + 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(row * height, 9)
    return _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            return 0, 0
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def _chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
