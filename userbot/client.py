"""Telethon's client for a line: without what the line does itself, or does without."""

import asyncio
import logging
import secrets
from array import array
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

from telethon import TelegramClient
from telethon.tl import functions
from typing_extensions import override

KEEP_ALIVE_S = 15.0


class _Loggers(dict[str, logging.Logger]):
    """Telethon's loggers by the names of its modules."""

    def __missing__(self, name: str) -> logging.Logger:
        found = self[name] = logging.root.getChild(name if "." in name else f"telethon.{name}")
        return found


class LineClient(TelegramClient):  # type: ignore[misc]  # Telethon is untyped
    """Connects by one request, and then does nothing that it is not asked for.

    Telethon's own asks at every connect who it is and which updates it missed, asks that again
    every 15 minutes, and keeps two tasks for it. A line takes no updates and proves itself who
    it is, so all of that is left out, and what arrives unasked is dropped.
    """

    _loggers: ClassVar = _Loggers()

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Telethon's signature
        disconnect_delay_s: int,
        on_update: Callable[[Any], None] | None = None,
        **kwargs: Any,  # noqa: ANN401 - Telethon's signature
    ) -> None:
        """`on_update` gets what arrives unasked; without it Telegram is asked to send nothing.

        Telegram is asked to close the connection when it hears no ping for that long, before
        anything else: from then on a process that was stopped leaves no line behind for good.
        """
        super().__init__(*args, receive_updates=on_update is not None, **kwargs)
        self._disconnect_delay_s = disconnect_delay_s
        sender: Any = self._sender
        sender.connect = partial(self._connect_with_timer, sender.connect)
        # Telethon makes a class for each client's loggers: 2.7 KiB.
        self._log = sender._loggers = self._loggers  # noqa: SLF001 - see docs/telethon.md
        queue = _Told(on_update) if on_update else _Nowhere()
        self._updates_queue = sender._updates_queue = queue  # noqa: SLF001
        state = sender._state  # noqa: SLF001
        state._recent_remote_ids = RecentIds(state._recent_remote_ids.maxlen)  # noqa: SLF001

    @override
    async def get_me(self, input_peer: bool = False) -> None:
        """Nobody: where `connect()` knows who it is, it begins to look after updates."""

    @override
    async def _update_loop(self) -> None:
        """There is nothing to dispatch."""

    async def _connect_with_timer(
        self, connect: Callable[[Any], Awaitable[bool]], connection: object
    ) -> bool:
        is_new = await connect(connection)
        if is_new:
            self._set_timer()
        return is_new

    def _set_timer(self) -> None:
        """Have Telegram close the connection unless it is asked again in time.

        Nobody waits for the answer. https://core.telegram.org/method/ping_delay_disconnect
        """
        ping = functions.PingDelayDisconnectRequest(secrets.randbits(63), self._disconnect_delay_s)
        self._sender.send(ping).add_done_callback(lambda f: f.cancelled() or f.exception())

    @override
    async def _keepalive_loop(self) -> None:
        """Only where nobody serves the line: a login waits minutes for its operator."""
        while self.session.is_enrolling and self.is_connected():
            ended = self.disconnected
            # Looked at, or asyncio reports its error as never retrieved.
            ended.add_done_callback(lambda f: f.cancelled() or f.exception())
            await asyncio.wait([ended], timeout=KEEP_ALIVE_S)
            if not self.is_connected():
                return
            self._set_timer()


class _Nowhere:
    """A queue of updates that keeps none: no loop would ever take them out."""

    def put_nowait(self, update: object) -> None: ...


class _Told:
    """A queue of updates that hands each on at once."""

    def __init__(self, on_update: Callable[[Any], None]) -> None:
        self.put_nowait = on_update


class RecentIds:
    """The ids of the last messages from Telegram, by which Telethon knows a repeat.

    As many as Telethon's deque keeps, in a fifth of its memory.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._ids = array("q")
        self._oldest = 0

    def append(self, message_id: int) -> None:
        """Keep one more, in the place of the oldest where it is full."""
        if len(self._ids) < self._limit:
            self._ids.append(message_id)
        else:
            self._ids[self._oldest] = message_id
            self._oldest = (self._oldest + 1) % self._limit

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._ids

    def clear(self) -> None:
        """Forget all."""
        self._ids = array("q")
        self._oldest = 0
