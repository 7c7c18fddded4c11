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
        now = asyncio.get_running_loop().time()
        mine = max(now, self._free_at)
        self._free_at = mine + self._pause_s
        if mine > now:
            await asyncio.sleep(mine - now)
