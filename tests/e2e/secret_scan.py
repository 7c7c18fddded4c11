"""Finds secrets in files and logs, in every form in which they could get there."""

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

SHORT = 8
"""A secret shorter than this is found only where it stands alone: a login code has five digits."""
LEAST_ALIGNED = 12


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The ways in which a secret can be written: plain, hexadecimal, base64, in an address."""
    yield "plain", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    yield "repr", repr(secret)[2:-1].encode()
    yield "quoted", quote(secret, safe="").encode()
    yield "utf-16", secret.decode("latin-1").encode("utf-16-le")
    yield "base64", base64.b64encode(secret).rstrip(b"=")
    yield "urlsafe", base64.urlsafe_b64encode(secret).rstrip(b"=")
    for before in range(1, 3):  # within something longer it begins at any of three places
        encoded = base64.b64encode(b"\0" * before + secret)
        inner = encoded[4 : len(encoded) // 4 * 4 - 4]
        if len(inner) >= LEAST_ALIGNED:
            yield f"base64+{before}", inner


def leaks(secrets: Mapping[str, bytes], content: bytes) -> list[str]:
    """Which secrets are in it, each with the form that was found. Never the secret itself."""
    return [
        f"{name} ({form})"
        for name, secret in secrets.items()
        for form, needle in forms(secret)
        if _is_in(needle, content, is_short=len(secret) < SHORT)
    ]


def _is_in(needle: bytes, content: bytes, *, is_short: bool) -> bool:
    if not is_short:
        return needle in content
    # Not a part of a number, nor a port.
    return re.search(rb"(?<![\w:.])" + re.escape(needle) + rb"(?!\w)", content) is not None


def content_of(directory: Path) -> dict[str, bytes]:
    """Every file below the directory."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }
