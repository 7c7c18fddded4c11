"""Something that is read from the database, kept for a while, and read anew when that is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from storage.database import Database
from storage.errors import StorageError
from storage.tx import Tx
from userbot.nursery import Nursery

T = TypeVar("T")
WAIT_S = 3.0
"""So long who asks waits for a fresh answer."""
STALE_AFTER = 5
"""After so many times its age limit an old answer is none any more."""


class Kept(Generic[T]):
    """One read at a time, whoever asks, and never one that holds them up for long."""

    def __init__(
        self,
        database: Database,
        nursery: Nursery,
        read: Callable[[Tx], Awaitable[T]],
        *,
        name: str,
        for_s: float,
    ) -> None:
        self._database = database
        self._nursery = nursery
        self._read = read
        self._name = name
        self._for_s = for_s
        self._clock = asyncio.get_running_loop().time
        self._value: T | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def get(self) -> T | None:
        """The latest, read anew where it is old; None where the database does not answer."""
        if self._age_s() > self._for_s:
            if self._reading is None or self._reading.done():
                self._reading = self._nursery.start(self._renew(), name=self._name)
            await asyncio.wait([self._reading], timeout=WAIT_S)
        return self._value if self._age_s() <= STALE_AFTER * self._for_s else None

    def _age_s(self) -> float:
        return self._clock() - self._read_at

    async def _renew(self) -> None:
        began_at = self._clock()
        try:
            async with self._database.read() as tx:
                value = await self._read(tx)
        except StorageError:
            return  # the probe and everybody else say so
        self._value, self._read_at = value, began_at
