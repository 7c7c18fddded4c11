"""A SOCKS5 proxy (RFC 1928) with or without a login (RFC 1929). CONNECT only."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from loguru import logger

from sandbox.closed_port import ClosedPort
from sandbox.port import Port
from sandbox.proxies.faults import CloseAtOnce, Freeze, ProxyFaults, RejectedLogin, Silence

_VERSION, _LOGIN_VERSION = 5, 1
_NO_LOGIN, _BY_PASSWORD, _NONE_ACCEPTABLE = 0, 2, 255
_CONNECT = 1
_IPV4, _DOMAIN, _IPV6 = 1, 3, 4
_CHUNK = 1 << 16
_DIAL_LIMIT_S = 10.0
LINGER_S = 2.0
"""How long the port of a relay that ended is still its own."""


class Reply(IntEnum):
    """What the proxy answers to a request (RFC 1928, section 6)."""

    SUCCEEDED = 0
    GENERAL_FAILURE = 1
    NETWORK_UNREACHABLE = 3
    HOST_UNREACHABLE = 4
    REFUSED = 5
    COMMAND_NOT_SUPPORTED = 7
    ADDRESS_NOT_SUPPORTED = 8


@dataclass(slots=True)
class Dial:
    """One client that came to the proxy and what became of its wish."""

    at: datetime
    host: str = ""
    port: int = 0
    login: str | None = None
    outcome: str = "pending"
    """`connected`, `login rejected`, `bad request`, `closed at once`, or the name of a `Reply` in lower case."""
    local_port: int | None = None
    """The port that the proxy dialled from: what the other end sees as its peer's."""


class Rejected(Exception):
    """The client is turned away; `outcome` goes into the book."""

    def __init__(self, outcome: str, reply: Reply | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.reply = reply


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Socks5Proxy:
    """A proxy on loopback that can be stopped and brought back on its port."""

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

    def _let_go(self, port: int) -> None:
        self._carried[port] -= 1
        if not self._carried[port]:
            del self._carried[port]

    def carries(self, port: int) -> bool:
        """Whether a relay goes out from that local port, or did a moment ago.

        What it sent last may be read after its end.
        """
        return self._carried[port] > 0

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
            await self._greet(reader, writer, dial)
            await self._connect(reader, writer, dial)
        except Rejected as exc:
            dial.outcome = exc.outcome
            if exc.reply is not None:
                writer.write(_reply(exc.reply))
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

    async def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> None:
        """Agree on a method and, if there is one, check the login."""
        version, count = await reader.readexactly(2)
        if version != _VERSION:
            raise Rejected("bad request")
        wanted = _NO_LOGIN if self._username is None else _BY_PASSWORD
        offered = await reader.readexactly(count)
        is_refused = wanted == _NO_LOGIN and self.faults.strikes(RejectedLogin)
        if is_refused or wanted not in offered:
            writer.write(bytes((_VERSION, _NONE_ACCEPTABLE)))
            raise Rejected("login rejected")
        writer.write(bytes((_VERSION, wanted)))
        if wanted == _BY_PASSWORD:
            await self._check_login(reader, writer, dial)

    async def _check_login(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> None:
        version, length = await reader.readexactly(2)
        if version != _LOGIN_VERSION:
            raise Rejected("bad request")
        dial.login = (await reader.readexactly(length)).decode(errors="replace")
        length = (await reader.readexactly(1))[0]
        password = (await reader.readexactly(length)).decode(errors="replace")
        is_right = (dial.login, password) == (self._username, self._password or "")
        is_right = is_right and not self.faults.strikes(RejectedLogin)
        writer.write(bytes((_LOGIN_VERSION, 0 if is_right else 1)))
        if not is_right:
            raise Rejected("login rejected")

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> None:
        """Dial where the client wants to go and relay until both sides are done."""
        dial.host, dial.port = await _destination(reader)
        await self.faults.pause(writer.is_closing)
        far_reader, far_writer = await _dial(dial.host, dial.port)
        self._writers.add(far_writer)
        try:
            name = far_writer.get_extra_info("sockname")
            dial.local_port, dial.outcome = name[1], "connected"
            self.source_ports[name[1]] = dial
            self._carried[name[1]] += 1
            writer.write(_reply(Reply.SUCCEEDED, name[0], name[1]))
            async with asyncio.TaskGroup() as relay:
                relay.create_task(self._pump(reader, far_writer, writer), name="out")
                relay.create_task(self._pump(far_reader, writer, far_writer), name="in")
        finally:
            if port := dial.local_port:
                asyncio.get_running_loop().call_later(LINGER_S, self._let_go, port)
            far_writer.close()
            self._writers.discard(far_writer)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
    ) -> None:
        """Pass on what comes, and its end; if one side breaks, break the other."""
        try:
            while data := await source.read(_CHUNK):
                await self.faults.hold(Freeze, sink.is_closing)
                sink.write(data)
                await sink.drain()
            await self.faults.hold(Freeze, sink.is_closing)
            if sink.can_write_eof() and not sink.is_closing():
                sink.write_eof()
        except OSError:
            sink.transport.abort()
            back.transport.abort()


async def _destination(reader: asyncio.StreamReader) -> tuple[str, int]:
    """The host and port of a CONNECT request."""
    version, command, _, kind = await reader.readexactly(4)
    if version != _VERSION:
        raise Rejected("bad request")
    if kind == _IPV4:
        host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    elif kind == _IPV6:
        host = socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    elif kind == _DOMAIN:
        length = (await reader.readexactly(1))[0]
        host = (await reader.readexactly(length)).decode(errors="replace")
    else:
        raise _rejected(Reply.ADDRESS_NOT_SUPPORTED)
    port = int.from_bytes(await reader.readexactly(2))
    if command != _CONNECT:
        raise _rejected(Reply.COMMAND_NOT_SUPPORTED)
    return host, port


async def _dial(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(_DIAL_LIMIT_S):
            return await asyncio.open_connection(host, port)
    except ConnectionRefusedError as exc:
        raise _rejected(Reply.REFUSED) from exc
    except (TimeoutError, socket.gaierror, UnicodeError) as exc:
        raise _rejected(Reply.HOST_UNREACHABLE) from exc
    except OSError as exc:
        raise _rejected(Reply.NETWORK_UNREACHABLE) from exc


def _rejected(reply: Reply) -> Rejected:
    return Rejected(reply.name.lower().replace("_", " "), reply)


def _reply(reply: Reply, host: str = "0.0.0.0", port: int = 0) -> bytes:  # noqa: S104 - the reply's "none"
    family, kind = (socket.AF_INET6, _IPV6) if ":" in host else (socket.AF_INET, _IPV4)
    return bytes((_VERSION, reply, 0, kind)) + socket.inet_pton(family, host) + port.to_bytes(2)
