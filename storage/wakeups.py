"""Wake-ups. They are hints: rows are the truth, pollers find what was missed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Subscription:
    """Remembers whether a topic was woken since the last wait."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def set(self) -> None:
        self._woken.set()

    async def wait(self, limit_s: float) -> bool:
        """Return at the next wake-up (True), or after `limit_s` seconds (False)."""
        try:
            async with asyncio.timeout(limit_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Wakeups:
    """Who waits for which topic."""

    def __init__(self) -> None:
        self.relay: Callable[[str], None] | None = None
        """Tells other processes of a topic that was woken here."""
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        """One subscription to all these topics. Subscribe first, then read the rows."""
        subscription = Subscription()
        for topic in topics:
            self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._subscriptions[topic].discard(subscription)
                if not self._subscriptions[topic]:
                    del self._subscriptions[topic]

    def wake(self, topic: str) -> None:
        """Wake the subscribers of a topic, here and in other processes."""
        self.wake_here(topic)
        if self.relay is not None:
            self.relay(topic)

    def wake_all(self) -> None:
        """Wake every subscriber here: wake-ups may have been missed."""
        for topic in tuple(self._subscriptions):
            self.wake_here(topic)

    def wake_here(self, topic: str) -> None:
        """Wake the subscribers of a topic in this process alone."""
        for subscription in tuple(self._subscriptions.get(topic, ())):
            subscription.set()
