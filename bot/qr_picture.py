"""The picture of a login, for another app to scan."""

from io import BytesIO

import segno

PIXELS = 10
"""Of a module. Telegram makes a JPEG of it, and phones scan it off other phones."""
QUIET = 4
"""Modules of white all round, as the standard has it: the chat may be dark."""


def png(address: str) -> bytes:
    """A QR code that holds that address."""
    into = BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(into, kind="png", scale=PIXELS, border=QUIET)
    return into.getvalue()
