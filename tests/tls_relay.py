"""TLS before a PostgreSQL whose build has none: it speaks the request for it, then passes bytes on."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

REQUEST = struct.pack("!ii", 8, 80877103)
"""What a client says first where it wants TLS (postgresql.org: Message Formats, SSLRequest)."""


@dataclass
class Relay:
    """A port with TLS."""

    port: int
    encrypted: int = 0
    plain: int = 0
    """How many connections of each kind came."""


def certificate(folder: Path, name: str) -> Path:
    """A certificate that signs itself, with its key, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@asynccontextmanager
async def tls_relay(socket: Path, shown: Path | None) -> AsyncIterator[Relay]:
    """A port that leads to that socket; with a certificate to show it offers TLS."""
    context = None
    if shown is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown)
    relay, serving = Relay(0), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            async with _closing(writer):
                first = await reader.readexactly(len(REQUEST))
                if context is not None and first == REQUEST:
                    writer.write(b"S")
                    await writer.start_tls(context)
                    relay.encrypted += 1
                    first = b""
                else:
                    relay.plain += 1
                await _pass_all_on(reader, writer, socket, first)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def _pass_all_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: Path, first: bytes
) -> None:
    inner, outer = await asyncio.open_unix_connection(socket)
    async with _closing(outer):
        outer.write(first)
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass_on(reader, outer))
            group.create_task(_pass_on(inner, writer))


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
