"""The network between the processes of one machine, to be cut process by process.

A frozen way keeps what was said, and that somebody hung up, until it flows again: then it all
comes late, as over a real network.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK = 1 << 16


class Way:
    """All connections of one process to one place."""

    def __init__(self) -> None:
        self.is_refused = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def freeze(self) -> None:
        """Nothing arrives any more, and nobody hears of that."""
        self._flows.clear()

    def refuse(self) -> None:
        """Every connection is cut, and every new one turned away."""
        self.is_refused = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.is_refused = False
        self._flows.set()

    async def carry(self, near: Ends, dial: Callable[[], Awaitable[Ends]]) -> None:
        """Pass on what one connection says, both ways, until it ends."""
        await self._flows.wait()
        if self.is_refused:
            return
        far = await dial()
        self._writers |= (ends := {near[1], far[1]})
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(near[0], far[1]))
                both.create_task(self._pump(far[0], near[1]))
        finally:
            self._writers -= ends
            far[1].transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        await self._flows.wait()
        sink.close()  # what it was told before still goes out


class Relay:
    """Listens in front of a place; `way_of` says by the caller's port whose connection it is."""

    def __init__(
        self, dial: Callable[[], Awaitable[Ends]], way_of: Callable[[int], Way | None]
    ) -> None:
        self._dial = dial
        self._way_of = way_of
        self._open: set[asyncio.StreamWriter] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = self._way_of(writer.get_extra_info("peername")[1])
        self._open.add(writer)
        self._is_idle.clear()
        try:
            if way is not None:
                with suppress(OSError):
                    await way.carry((reader, writer), self._dial)
        finally:
            writer.transport.abort()
            self._open.discard(writer)
            if not self._open:
                self._is_idle.set()

    async def close(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()
        await self._is_idle.wait()


@asynccontextmanager
async def relaying(
    dial: Callable[[], Awaitable[Ends]], way_of: Callable[[int], Way | None]
) -> AsyncIterator[Relay]:
    """A relay on a port of its own. On leaving, every way must flow."""
    relay = Relay(dial, way_of)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()


def is_of(pid: int, port: int) -> bool:
    """Whether that process has the connection that comes from this local port."""
    inode = _inode(port)
    with suppress(OSError):
        for number in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if str(number.readlink()) == f"socket:[{inode}]":
                    return True
    return False


def _inode(port: int) -> str:
    ours = f"0100007F:{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        if (fields := line.split())[1] == ours:
            return fields[9]
    return "?"
