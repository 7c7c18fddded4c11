"""What this instance owns, as far as it knows: each account with its epoch."""

import asyncio
from collections.abc import Iterable, Iterator

from storage import lease, ownership
from storage.database import Database
from storage.tx import Tx


class Owned:
    """The accounts of an instance. Who changes hands holds the lock, until it is committed.

    One that `is_alone` shares them with nobody: on SQLite there is no other.
    """

    def __init__(self, database: Database, instance: str, *, is_alone: bool = True) -> None:
        self.database = database
        self.instance = instance
        self.is_alone = is_alone
        self.lock = asyncio.Lock()
        self._epochs: dict[int, int] = {}
        self.unheard: set[int] = set()
        """Those whose lines Telegram may keep open when this instance has ended."""

    def __contains__(self, account_id: int) -> bool:
        return account_id in self._epochs

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._epochs))

    def __len__(self) -> int:
        return len(self._epochs)

    @property
    def epochs(self) -> int:
        """Their sum: with the number of accounts, what a renewal compares."""
        return sum(self._epochs.values())

    async def claim(self, tx: Tx, account_ids: Iterable[int]) -> dict[int, int]:
        """Claim these in a transaction of the caller's, who has the lock and calls `keep`.

        None where the database has just come back with what may be an older story.
        """
        if not (self.is_alone or await lease.is_settled(tx)):
            return {}
        return await ownership.claim(tx, account_ids, self.instance, is_alone=self.is_alone)

    def keep(self, claimed: dict[int, int]) -> None:
        """What was claimed is committed."""
        self._epochs |= claimed

    async def release(self, account_ids: Iterable[int]) -> None:
        """Nobody's any more; their lines are closed. The caller has the lock."""
        gone = list(account_ids)
        async with self.database.transaction() as tx:
            await ownership.release(tx, gone, self.instance)
        for account_id in gone:
            self._epochs.pop(account_id, None)

    async def surprise(self) -> str:
        """What the rows say that can't be, since only this instance changes them; or nothing.

        Rows that were deleted are let go of; those that it has without knowing are kept track of:
        a claim may have been committed although nobody heard of that.
        """
        async with self.lock:
            async with self.database.read() as tx:
                rows = await ownership.epochs_of(tx, self.instance)
                other = {i for i, epoch in self._epochs.items() if rows.get(i) != epoch}
                taken = await ownership.existing(tx, other)
            for account_id in other - taken:
                del self._epochs[account_id]
            if taken:
                return f"{len(taken)} of its accounts are not its own in the database"
            self._epochs |= rows
            return ""
