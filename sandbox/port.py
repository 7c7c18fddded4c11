"""A listening port that can be closed and opened again, and is nobody else's meanwhile."""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable

Serve = Callable[[socket.socket], Awaitable[asyncio.Server]]
"""Makes the server that accepts on a bound socket."""

_TURNS = 100
"""How many turns of the loop a closed listener may take to be gone."""


class Port:
    """While it is closed it stays bound without listening: dials are refused."""

    def __init__(self, host: str, serve: Serve) -> None:
        self.host = host
        self.number = 0
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._kept: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def open(self, number: int = 0) -> None:
        """Listen on that port, else on the one of before, else on a free one. Idempotent."""
        if self._server is not None:
            return
        if self._kept is None or number not in {0, self.number}:
            self._let_go()
            self._kept = _bound(self.host, number or self.number)
        try:
            _share(self._kept, is_shared=True)
            self._server = await self._serve(self._kept)
        except BaseException:
            self._let_go()
            raise
        self.number = self._kept.getsockname()[1]
        self._kept = None

    async def close(self) -> None:
        """Refuse new connections and keep the port; open connections stay."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for _ in range(_TURNS):
            try:
                self._kept = _bound(self.host, self.number)
                _share(self._kept, is_shared=False)
            except OSError as exc:
                if exc.errno != errno.EADDRINUSE:
                    raise
                await asyncio.sleep(0)
            else:
                return

    async def release(self) -> None:
        """Close it and keep nothing."""
        await self.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _share(bound: socket.socket, *, is_shared: bool) -> None:
    """Whether the port's old connections may live on beside this socket, and other servers too."""
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, is_shared)


def _bound(host: str, number: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        _share(made, is_shared=True)
        made.setblocking(False)  # noqa: FBT003 - the socket's own signature
        made.bind((host, number))
    except BaseException:
        made.close()
        raise
    return made
