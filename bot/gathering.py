"""Puts together what an operator sends at one go and Telegram delivers in several messages.

Albums come as a message each, and official apps cut a long text into several.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from userbot.nursery import Nursery

QUIET_S = 1.0
"""After so long without a further message nothing more belongs to it."""
T = TypeVar("T")


class Gathering(Generic[T]):
    """What has come in so far, by who sent it where.

    In memory only: what a restart cuts in two is asked for again.
    """

    def __init__(self, nursery: Nursery, quiet_s: float = QUIET_S) -> None:
        self._nursery = nursery
        self._quiet_s = quiet_s
        self._items: dict[tuple[int, int], list[T]] = {}

    def is_open(self, key: tuple[int, int]) -> bool:
        """Whether the next message belongs to what has come in."""
        return key in self._items

    def add(
        self, key: tuple[int, int], item: T, done: Callable[[list[T]], Awaitable[None]]
    ) -> None:
        """Add a message; once no more comes the first one's `done` gets them all, in order."""
        if key in self._items:
            self._items[key].append(item)
            return
        self._items[key] = [item]
        self._nursery.start(self._wait(key, done), name="gathering messages")

    def drop(self, key: tuple[int, int]) -> None:
        """Forget what has come in: the operator has left the dialog."""
        self._items.pop(key, None)

    async def _wait(
        self, key: tuple[int, int], done: Callable[[list[T]], Awaitable[None]]
    ) -> None:
        items = self._items[key]
        count = 0
        while count != len(items):
            count = len(items)
            await asyncio.sleep(self._quiet_s)
        if self._items.get(key) is items:
            del self._items[key]
            await done(items)
