"""A TCP relay that can be frozen: connections stay open and nothing passes any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Relay:
    """Passes bytes on to one address, until it is frozen."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self.port = 0
        self.is_frozen = False
        self.connections = 0
        """How many are open."""
        self.passed = 0
        """Bytes that clients sent."""
        self.is_idle = asyncio.Event()
        self.is_idle.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.is_idle.clear()
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far_writer, is_up=True))
                both.create_task(self._pump(far_reader, writer, is_up=False))
        finally:
            for each in (writer, far_writer):
                each.transport.abort()
            self.connections -= 1
            if not self.connections:
                self.is_idle.set()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_up: bool
    ) -> None:
        with suppress(OSError):
            while data := await source.read(1 << 16):
                self.passed += len(data) * is_up
                if not self.is_frozen:
                    sink.write(data)
        sink.transport.abort()


@asynccontextmanager
async def relaying(host: str, port: int) -> AsyncIterator[Relay]:
    relay = Relay(host, port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
    await relay.is_idle.wait()
