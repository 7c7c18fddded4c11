"""How many lines may be dialled, and how fast: no stampede after an outage."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

BUSY_S = 0.1
"""A loop whose round takes longer has more to do than it can."""
ROUNDS = 5
"""So many of them a dial waits at most."""


class Budget:
    """Turns to dial. Whoever asks first has the first turn.

    `per_second` holds for the process; `per_proxy` is how many dials one proxy carries at a time
    (S1.4). Where the loop can't keep up, dials are the work that waits: lines that are up must
    answer, and the lease must be renewed.
    """

    def __init__(self, *, per_second: float, per_proxy: int) -> None:
        self._pause_s = 1 / per_second
        self._free_at = 0.0
        self._next = asyncio.Lock()
        self._is_closed = False
        self._proxies: defaultdict[int, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(per_proxy)
        )

    def close(self) -> None:
        """Nobody has a turn any more: what still waits is to be cancelled soon."""
        self._is_closed = True

    async def hold_if_closed(self) -> None:
        """Return at once while anybody may dial; never, where nobody may any more."""
        if self._is_closed:
            await asyncio.Event().wait()

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
            for _ in range(ROUNDS):
                began_at = loop.time()
                await asyncio.sleep(0)
                if loop.time() - began_at <= BUSY_S:
                    break
            await self.hold_if_closed()
            self._free_at = max(self._free_at, loop.time()) + self._pause_s


class Queueing:
    """Waiting for a turn to dial, which an order may end."""

    def __init__(self) -> None:
        self._limit: asyncio.Timeout | None = None

    async def wait(self, held: AsyncExitStack, turn: AbstractAsyncContextManager[None]) -> bool:
        """Enter the turn, which `held` then holds; False where it was left meanwhile."""
        try:
            async with asyncio.timeout(None) as self._limit:
                await held.enter_async_context(turn)
        except TimeoutError:
            return False
        finally:
            self._limit = None
        return True

    def leave(self) -> None:
        """Wait no more, where anybody does."""
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())
