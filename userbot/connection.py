"""Our transports: dialled through the line's proxy, gated at every write, aborted at once."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telethon.network import ConnectionTcpFull, ConnectionTcpMTProxyRandomizedIntermediate
from typing_extensions import override

from storage.proxies import Endpoint
from userbot.meters import Meter
from userbot.proxies import for_telethon
from userbot.proxies.causes import DialFailed
from userbot.proxies.dial import Stream, dial, reach, unheard


@dataclass(slots=True)
class Route:
    """What belongs to one line. It goes through Telethon as its `proxy=`.

    Telethon takes a class for its connections, and a class for each line would cost 4 KiB.
    """

    endpoint: Endpoint | None
    """None: directly."""
    has_lease: Callable[[], bool]
    is_open: bool = True
    on_answer: Callable[[], None] = unheard
    """Called when the proxy has shown that it is one."""
    connections: "list[Gate]" = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    failure: DialFailed | None = None
    """Why no connection came about; Telethon only says that none did."""
    has_spoken: bool = False
    """Something went out: the data centre may know of the line."""
    was_hung_up: bool = False
    """Telegram ended it in good order."""
    was_cut_off: bool = False
    """The proxy ended it in good order: whether Telegram did, or heard of it, only the proxy knows."""

    def may_write(self) -> bool:
        """Asked before every packet: past the lease's deadline no byte leaves."""
        return self.is_open and self.has_lease()


class Gate(ABC):
    """What we change in Telethon's transports; stands before one of them."""

    _reader: Any
    _writer: Any
    _ip: str
    _port: int
    """Of the data centre, or of an MTProto proxy, which stands in its place."""
    _is_aborted = False

    def __init__(
        self,
        ip: str,
        port: int,
        dc_id: int,
        *,
        loggers: Any,  # noqa: ANN401 - Telethon's signature
        proxy: Route,
        local_addr: None = None,
    ) -> None:
        # Should Telethon ever dial by itself, then it goes through the proxy too.
        known: Any = {"proxy": for_telethon(proxy.endpoint) if proxy.endpoint else None}
        super().__init__(ip, port, dc_id, loggers=loggers, local_addr=local_addr, **known)  # type: ignore[call-arg]
        self._route = proxy
        proxy.connections.append(self)

    async def _connect(self, timeout: float | None = None, ssl: None = None) -> None:  # noqa: ARG002, ASYNC109 - Telethon's signature
        try:
            async with asyncio.timeout(timeout):
                self._reader, self._writer = await self._dial()
        except DialFailed as exc:
            self._route.failure = exc
            raise
        transport: Any = self
        transport._codec = transport.packet_codec(self)  # noqa: SLF001 - Telethon's own attribute
        transport._init_conn()  # noqa: SLF001
        await self._writer.drain()

    @abstractmethod
    async def _dial(self) -> Stream: ...

    def _init_conn(self) -> None:
        if not self._route.may_write():
            self.abort()
            raise ConnectionAbortedError("the gate is closed")
        super()._init_conn()  # type: ignore[misc]  # Telethon's

    def _send(self, data: bytes) -> None:
        if not self._route.may_write():
            # Not an exception: Telethon would end its tasks before it reports the drop.
            self.abort()
            return
        self._route.has_spoken = True
        self._route.meter.up += len(data)
        super()._send(data)  # type: ignore[misc]  # Telethon's

    async def _recv(self) -> bytes:
        try:
            packet = bytes(await super()._recv())  # type: ignore[misc]  # Telethon's
        except asyncio.IncompleteReadError:
            if not self._is_aborted:
                is_direct = self._route.endpoint is None
                self._route.was_hung_up |= is_direct
                self._route.was_cut_off |= not is_direct
            raise
        self._route.meter.down += len(packet)
        return packet

    async def open(self) -> None:
        """Connect, without the loops and tasks that a client's connection has."""
        await self._connect()

    async def exchange(self, packet: bytes) -> bytes:
        """Send one packet and return the next, on a connection that was opened alone."""
        self._send(packet)
        transport: Any = self
        return bytes(await transport._recv())  # noqa: SLF001 - Telethon's own method

    def abort(self) -> None:
        """Drop the socket now, unsent bytes with it."""
        self._is_aborted = True
        if self._writer is not None:
            self._writer.transport.abort()

    @property
    def has_failed(self) -> bool:
        """Whether an error of the socket ended it, of which the other side may know nothing."""
        return self._reader is not None and self._reader.exception() is not None

    async def closed(self) -> None:
        """Wait until the socket is closed."""
        if self._writer is not None:
            try:
                await self._writer.wait_closed()
            except OSError:
                return  # closed by an error is closed


class GatedConnection(Gate, ConnectionTcpFull):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's full transport: directly, or through a proxy that passes bytes on as they are."""

    @override
    async def _dial(self) -> Stream:
        endpoint = self._route.endpoint
        if endpoint is None:
            return await asyncio.open_connection(self._ip, self._port)
        return await dial(endpoint, self._ip, self._port, on_answer=self._route.on_answer)


class GatedMtproxyConnection(Gate, ConnectionTcpMTProxyRandomizedIntermediate):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's padded transport to an MTProto proxy, which takes it with every secret.

    Without Telethon's wait of two seconds for a proxy that hangs up: a line that is hung up on
    ends as any other.
    """

    @staticmethod
    def address_info(proxy: Any) -> tuple[str, int]:  # noqa: ANN401 - a Route, or what Telethon has
        """Which proxy it is; Telegram is told, for it may sponsor a channel."""
        endpoint = proxy.endpoint if isinstance(proxy, Route) else None
        return (endpoint.host, endpoint.port) if endpoint else (proxy[0], proxy[1])

    @override
    async def _dial(self) -> Stream:
        return await reach(
            self._ip, self._port
        )  # the proxy knows the place by the data centre's id


def connection_through(
    endpoint: Endpoint | None,
) -> type[GatedConnection | GatedMtproxyConnection]:
    """The transport for lines through that proxy. It refuses a kind that it does not know."""
    is_mtproto = endpoint is not None and endpoint.scheme == "mtproto"
    return GatedMtproxyConnection if is_mtproto else GatedConnection
