"""Work that a shutdown lets finish: what is half sent is better sent."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from loguru import logger


class Workload:
    """Pieces of work under way. Once it is closing, whoever takes work takes no more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_closing = False

    @contextmanager
    def piece(self) -> Iterator[None]:
        """One piece of work; a shutdown waits for its end."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if self._running == 0:
                self._idle.set()

    async def finish(self, limit_s: float) -> bool:
        """Take no more work, and wait for what runs; False where it did not end in time."""
        self.is_closing = True
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            log = logger.bind(event="shutdown.cut_short")
            log.warning("{}: {} pieces of work did not end in time", self._name, self._running)
            return False
        return True
