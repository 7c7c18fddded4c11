"""Bytes to send: pictures of a given size, and files of a given length."""

from random import Random

from sandbox.world.images import blank

PHOTO = blank(1600, 1200)
"""Large enough for four sizes."""


def noise(length: int) -> bytes:
    """Bytes of that length that no packing makes shorter, the same each time."""
    return Random(length).randbytes(length)  # noqa: S311 - no secret
