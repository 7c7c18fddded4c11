"""How many lines may be dialled, and how fast: no stampede after an outage."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """Turns to dial. Whoever asks first has the first turn.

    `per_second` holds for the process; `per_proxy` is how many dials one proxy carries at a time
    (S1.4).
    """

    def __init__(self, *, per_second: float, per_proxy: int) -> None:
        self._pause_s = 1 / per_second
        self._free_at = 0.0
        self._next = asyncio.Lock()
        self._proxies: defaultdict[int, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(per_proxy)
        )

    @asynccontextmanager
    async def turn(self, proxy_id: int) -> AsyncIterator[None]:
        """Dial within this block."""
        async with self._proxies[proxy_id]:
            await self._pace()
            yield

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._next:  # in the order they came, however late the loop is
            await asyncio.sleep(max(0.0, self._free_at - loop.time()))
            self._free_at = max(self._free_at, loop.time()) + self._pause_s
