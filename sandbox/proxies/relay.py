"""What every kind of proxy does: take a client, dial for it, pass the bytes on, keep a book."""

import asyncio
import socket
import struct
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from loguru import logger

from sandbox.closed_port import ClosedPort
from sandbox.port import Port
from sandbox.proxies.faults import CloseAtOnce, Forbidden, Freeze, ProxyFaults, Silence

CHUNK = 1 << 16
_DIAL_LIMIT_S = 10.0
LINGER_S = 2.0
"""How long the port of a relay that ended is still its own."""


class Obstacle(StrEnum):
    """Why a proxy does not get where its client wants to go."""

    REFUSED = "refused"
    HOST_UNREACHABLE = "host unreachable"
    NETWORK_UNREACHABLE = "network unreachable"
    FORBIDDEN = "forbidden"
    """It could, and does not want to."""


@dataclass(slots=True)
class Dial:
    """One client that came to the proxy and what became of its wish."""

    at: datetime
    host: str = ""
    port: int = 0
    login: str | None = None
    outcome: str = "pending"
    """`connected`, `login rejected`, `wrong secret`, `bad request`, `closed at once`, an `Obstacle`,
    or what its kind of proxy alone can refuse."""
    local_port: int | None = None
    """The port that the proxy dialled from: what the other end sees as its peer's."""


class Rejected(Exception):
    """The client is turned away; `outcome` goes into the book, `answer` to the client."""

    def __init__(self, outcome: str, answer: bytes = b"") -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.answer = answer


def _as_it_is(data: bytes) -> bytes:
    return data


@dataclass(slots=True)
class Wish:
    """Where a client wants to go, and what the proxy makes of the bytes on their way."""

    host: str
    port: int
    opening: bytes = b""
    """What the proxy itself says first at the far end."""
    outward: Callable[[bytes], bytes] = _as_it_is
    inward: Callable[[bytes], bytes] = _as_it_is


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RelayProxy(ABC):
    """A proxy on loopback that can be stopped and brought back on its port."""

    kind: ClassVar[str]

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        username: str | None = None,
        password: str | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """With a username, clients must log in."""
        self.host = host
        self.listener = Port(host, self._listen)
        self.faults = ProxyFaults(self)
        self.dials: list[Dial] = []
        self.source_ports: dict[int, Dial] = {}
        """By the local port of the latest dial from it: whose connection a data centre sees."""
        self._carried: Counter[int] = Counter()
        self._username = username
        self._password = password
        self._now = now
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._clients = 0

    @abstractmethod
    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> Wish:
        """Check the login and learn where the client wants to go. May raise `Rejected`."""

    @abstractmethod
    def _granted(self, host: str, port: int) -> bytes:
        """What a client hears when the proxy has got there, from that address of its own."""

    @abstractmethod
    def _refused(self, obstacle: Obstacle) -> bytes:
        """What a client hears when it has not."""

    @property
    def port(self) -> int:
        return self.listener.number

    async def start(self, port: int = 0) -> None:
        """Listen; on a free port unless one is given, or one was taken before."""
        await self.listener.open(port)
        self.faults.forget(ClosedPort)

    async def stop(self) -> None:
        """Close the port and abort what runs through the proxy."""
        await self.listener.release()
        self.faults.forget(ClosedPort)
        self.cut()
        await self._is_idle.wait()

    def cut(self, *, reset: bool = False) -> None:
        """Close every connection of and through the proxy; with `reset` by RST."""
        for writer in list(self._writers):
            if reset:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            writer.transport.abort()
        self.faults.wake()

    def carries(self, port: int) -> bool:
        """Whether a relay goes out from that local port, or did a moment ago.

        What it sent last may be read after its end.
        """
        return self._carried[port] > 0

    def _let_go(self, port: int) -> None:
        self._carried[port] -= 1
        if not self._carried[port]:
            del self._carried[port]

    async def _listen(self, bound: socket.socket) -> asyncio.Server:
        return await asyncio.start_server(self._serve, sock=bound, backlog=4096)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its greeting to the end of its relay."""
        self._clients += 1
        self._is_idle.clear()
        self._writers.add(writer)
        dial = Dial(self._now())
        self.dials.append(dial)
        try:
            await self._admit(writer)
            wish = await self._agree(reader, writer, dial)
            await self._connect(reader, writer, dial, wish)
        except Rejected as exc:
            dial.outcome = exc.outcome
            writer.write(exc.answer)
        except (OSError, asyncio.IncompleteReadError) as exc:
            logger.debug("a proxy's client is gone: {!r}", exc)
        finally:
            writer.close()
            self._writers.discard(writer)
            self._clients -= 1
            if not self._clients:
                self._is_idle.set()

    async def _admit(self, writer: asyncio.StreamWriter) -> None:
        if self.faults.strikes(CloseAtOnce):
            raise Rejected("closed at once")
        await self.faults.hold(Silence, writer.is_closing)

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial, wish: Wish
    ) -> None:
        """Dial where the client wants to go and relay until both sides are done."""
        dial.host, dial.port = wish.host, wish.port
        await self.faults.pause(writer.is_closing)
        far_reader, far_writer = await self._dial(dial)
        self._writers.add(far_writer)
        try:
            name = far_writer.get_extra_info("sockname")
            dial.local_port, dial.outcome = name[1], "connected"
            self.source_ports[name[1]] = dial
            self._carried[name[1]] += 1
            writer.write(self._granted(name[0], name[1]))
            far_writer.write(wish.opening)
            async with asyncio.TaskGroup() as relay:
                relay.create_task(self._pump(reader, far_writer, writer, wish.outward), name="out")
                relay.create_task(
                    self._pump(far_reader, writer, far_writer, wish.inward), name="in"
                )
        finally:
            if port := dial.local_port:
                asyncio.get_running_loop().call_later(LINGER_S, self._let_go, port)
            far_writer.close()
            self._writers.discard(far_writer)

    async def _dial(self, dial: Dial) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.faults.strikes(Forbidden):
            raise Rejected(Obstacle.FORBIDDEN, self._refused(Obstacle.FORBIDDEN))
        try:
            async with asyncio.timeout(_DIAL_LIMIT_S):
                return await asyncio.open_connection(dial.host, dial.port)
        except (OSError, UnicodeError) as exc:
            obstacle = _obstacle(exc)
            raise Rejected(obstacle, self._refused(obstacle)) from exc

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        through: Callable[[bytes], bytes],
    ) -> None:
        """Pass on what comes, and its end; if one side breaks, break the other."""
        try:
            while data := await source.read(CHUNK):
                await self.faults.hold(Freeze, sink.is_closing)
                if sink.is_closing():  # uvloop takes no more for it, and says so
                    raise ConnectionResetError("the other side is gone")
                sink.write(through(data))
                await sink.drain()
            await self.faults.hold(Freeze, sink.is_closing)
            if sink.can_write_eof() and not sink.is_closing():
                sink.write_eof()
        except OSError:
            sink.transport.abort()
            back.transport.abort()


def _obstacle(exc: OSError | UnicodeError) -> Obstacle:
    if isinstance(exc, ConnectionRefusedError):
        return Obstacle.REFUSED
    if isinstance(exc, TimeoutError | socket.gaierror | UnicodeError):
        return Obstacle.HOST_UNREACHABLE
    return Obstacle.NETWORK_UNREACHABLE
