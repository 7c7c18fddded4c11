"""Which Telegram we talk to, and as what."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from telethon.crypto import rsa

from storage.accounts import Identity


@dataclass(frozen=True, slots=True)
class DcAddress:
    """A data centre: its id, which an MTProto proxy is told, and its address for everybody else."""

    id: int
    host: str
    port: int


PRODUCTION = DcAddress(2, "149.154.167.51", 443)
"""Data centre 2, where Telethon begins too; Telegram sends a number on to its own."""

PRODUCTION_ALL = (
    DcAddress(1, "149.154.175.50", 443),
    PRODUCTION,
    DcAddress(3, "149.154.175.100", 443),
    DcAddress(4, "149.154.167.91", 443),
    DcAddress(5, "149.154.171.5", 443),
)
"""The addresses that Telegram Desktop begins with (mtproto_dc_options.cpp, kBuiltInDcs)."""


def trust(public_key: Path | None) -> None:
    """Accept a data centre that proves itself with this key (PEM, PKCS#1), besides Telegram's.

    Raises ValueError where the file holds no such key.
    """
    if public_key is None:
        return
    try:
        rsa.add_key(public_key.read_text(), old=False)
    except Exception as exc:  # the rsa package raises whatever its ASN.1 reader does
        raise ValueError(f"{public_key} holds no RSA public key in PEM form (PKCS#1)") from exc


def start_at(written: str | None) -> DcAddress:
    """The data centre that a new login begins with; `written` is `id:host:port`."""
    if written is None:
        return PRODUCTION
    number, host, port = written.split(":")
    return DcAddress(int(number), host, int(port))


def identity(api_id: int, api_hash: str) -> Identity:
    """What new accounts present themselves with. Stored with each, and never changed there."""
    return Identity(
        api_id=api_id,
        api_hash=api_hash,
        device_model="Mooring",
        system_version="Linux",
        app_version=version("mooring"),
    )
