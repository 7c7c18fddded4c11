"""What a delay holds back on its way to a client."""

import asyncio
from collections import deque
from collections.abc import Callable


class Late:
    """Passes payloads on when their delay is over, in the order in which they came."""

    __slots__ = ("_loop", "_put", "_waiting")

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, payload: bytes, delay_s: float) -> None:
        self._waiting.append((self._loop.time() + delay_s, payload))
        if len(self._waiting) == 1:
            self._loop.call_later(delay_s, self._pass_on)

    def _pass_on(self) -> None:
        while self._waiting:
            wait_s = self._waiting[0][0] - self._loop.time()
            if wait_s > 0:
                self._loop.call_later(wait_s, self._pass_on)
                return
            self._put(self._waiting.popleft()[1])
