"""Kurigram, an MTProto client that shares no code with Telethon, pointed at a data centre.

It takes seconds to import, so that is done by the first test that needs it, not on collection.
"""

import asyncio
import contextlib
import importlib
import io
from collections.abc import Callable
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.datacentre import DataCentre
from sandbox.datacentre.server_key import ServerKey

Kurigram: TypeAlias = Any
"""A `pyrogram.Client`; mypy is spared its thousands of generated modules."""
Part = Callable[[str], Any]
"""Imports one of its modules by what stands behind `pyrogram.`."""


def part(name: str) -> Any:  # noqa: ANN401 - a module
    with contextlib.redirect_stdout(io.StringIO()):  # it says there that it has no native AES
        return importlib.import_module(f"pyrogram.{name}")


def trust(key: ServerKey) -> None:
    """Add a data centre's key to those that Kurigram knows."""
    rsa = part("crypto.rsa")
    public = load_pem_public_key(key.public_pem.encode())
    assert isinstance(public, RSAPublicKey)
    numbers = public.public_numbers()
    rsa.server_public_keys[key.fingerprint] = rsa.PublicKey(numbers.n, numbers.e)


def new_kurigram(
    datacentre: DataCentre,
    transport: str = "TCPAbridged",
    **options: Any,  # noqa: ANN401 - passed on
) -> Kurigram:
    """A client whose session is kept in memory. Its first dial goes to the data centre.

    A new session would begin at Telegram's own address, which its connection class is told to
    replace; any later address comes from help.getConfig.
    """
    connections = part("connection.connection")

    def connection(*, server_address: str, port: int, **rest: Any) -> Any:  # noqa: ANN401 - the library's own
        if port == 443:
            server_address, port = datacentre.host, datacentre.port
        return connections.Connection(server_address=server_address, port=port, **rest)

    transports = part("connection.transport.tcp")
    return part("client").Client(
        options.pop("name", "kurigram"),
        api_id=12345,
        api_hash="0123456789abcdef",
        in_memory=True,
        workers=1,
        device_model="Kurigram bench",
        connection_factory=connection,
        protocol_factory=getattr(transports, transport),
        loop=asyncio.get_running_loop(),
        **options,
    )
