"""Our transport: every write is gated, and it can be aborted at once."""

from collections.abc import Callable
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

from telethon.network import ConnectionTcpFull
from typing_extensions import override


class GatedConnection(ConnectionTcpFull):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's full transport with a gate in front of the socket.

    `may_write` is asked before every packet: past the lease's deadline no byte leaves.
    """

    may_write: Callable[[], bool]
    opened: "list[GatedConnection]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Telethon's signature
        super().__init__(*args, **kwargs)
        self.opened.append(self)

    @override
    def _init_conn(self) -> None:
        # asyncio leaves Nagle on for sockets it is handed, as those that come from a proxy are:
        # it costs 40 ms a send.
        socket = self._writer.get_extra_info("socket")
        socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        super()._init_conn()

    @override
    def _send(self, data: bytes) -> None:
        if not self.may_write():
            # Not an exception: Telethon would end its tasks before it reports the drop.
            self.abort()
            return
        super()._send(data)

    def abort(self) -> None:
        """Drop the socket now, unsent bytes with it."""
        if self._writer is not None:
            self._writer.transport.abort()

    async def closed(self) -> None:
        """Wait until the socket is closed."""
        if self._writer is not None:
            try:
                await self._writer.wait_closed()
            except OSError:
                return  # closed by an error is closed


def gated(
    may_write: Callable[[], bool],
) -> tuple[type[GatedConnection], list[GatedConnection]]:
    """A connection class for one line, and the list of the connections it makes.

    Telethon takes a class, not an instance, so what belongs to one line hangs on a class.
    """
    opened: list[GatedConnection] = []
    attributes = {"may_write": staticmethod(may_write), "opened": opened}
    return type("LineConnection", (GatedConnection,), attributes), opened
