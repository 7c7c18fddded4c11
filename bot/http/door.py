"""The socket: so many connections at once, each for a short while, whatever the other end does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from typing_extensions import override

from bot.http_settings import Address

CONNECTIONS = 32
"""More are turned away: file descriptors are for lines."""
CONNECTION_LIMIT_S = 30.0
LINE_BYTES = 4096
HEADERS = 64


class _Refused(asyncio.Protocol):
    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Timed(asyncio.Protocol):
    """A connection of aiohttp's, closed when its time is over."""

    def __init__(self, connection: web.RequestHandler) -> None:
        self._connection = connection
        loop = asyncio.get_running_loop()
        self._limit = loop.call_later(CONNECTION_LIMIT_S, connection.force_close)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection.connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._limit.cancel()
        self._connection.connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._connection.data_received(data)

    @override
    def eof_received(self) -> None:
        self._connection.eof_received()

    @override
    def pause_writing(self) -> None:
        self._connection.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._connection.resume_writing()


class _Door:
    """Makes the protocol of each connection."""

    def __init__(self, server: web.Server) -> None:
        self._server = server

    def __call__(self) -> asyncio.Protocol:
        if len(self._server.connections) >= CONNECTIONS:
            return _Refused()
        return _Timed(self._server())


@asynccontextmanager
async def listening(application: web.Application, address: Address) -> AsyncIterator[Address]:
    """Serve it for the block; where, with the port that was free. Raises OSError."""
    runner = web.AppRunner(
        application,
        access_log=None,
        # What strangers send wrong is no error of ours: not in the log.
        logger=_silent(),
        max_line_size=LINE_BYTES,
        max_field_size=LINE_BYTES,
        max_headers=HEADERS,
        lingering_time=0.0,
        shutdown_timeout=1.0,
    )
    await runner.setup()
    try:
        if runner.server is None:
            raise RuntimeError("it was set up just now")
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Door(runner.server), address.host, address.port)
        try:
            yield Address(address.host, server.sockets[0].getsockname()[1])
        finally:
            server.close()
    finally:
        await runner.cleanup()


def _silent() -> logging.Logger:
    """Apart from all loggers, so that it reaches none of their handlers."""
    logger = logging.Logger("http")  # noqa: LOG001 - registered nowhere, on purpose
    logger.addHandler(logging.NullHandler())
    return logger
