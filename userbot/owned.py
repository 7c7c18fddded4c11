"""What this instance owns, as far as it knows: each account with its epoch."""

import asyncio
import time
from collections.abc import Iterable, Iterator

from loguru import logger

from storage import lease, ownership
from storage.database import Database
from storage.errors import Fenced, StorageError
from storage.tx import Tx
from userbot.limits import LINGER_S

RETRY_S = 1.0


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
        """Those of which Telegram may have a line open that is closed here."""
        self._in_doubt_until = 0.0

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

    def doubt(self) -> None:
        """A process had them that was killed just now: its lines may have ended unheard, too."""
        self._in_doubt_until = time.monotonic() + LINGER_S

    @property
    def is_in_doubt(self) -> bool:
        """Whether Telegram may have any line open of those who had them before."""
        return time.monotonic() < self._in_doubt_until

    async def claim(self, tx: Tx, account_ids: Iterable[int]) -> dict[int, int]:
        """Claim these in a transaction of the caller's, who has the lock and calls `keep`.

        None where the database has just come back with what may be an older story. Of what was
        left just now by a process that is gone it is in doubt.
        """
        if not (self.is_alone or await lease.is_settled(tx)):
            return {}
        claimed = await ownership.claim(tx, account_ids, self.instance, is_alone=self.is_alone)
        if claimed and not self.is_alone and await ownership.is_any_early(tx, self.instance):
            self.doubt()
        return claimed

    def keep(self, claimed: dict[int, int]) -> None:
        """What was claimed is committed."""
        self._epochs |= claimed

    async def release(self, account_ids: Iterable[int]) -> None:
        """Nobody's any more; their lines are closed. The caller has the lock.

        Written again until it is known to be: nobody runs them, nor may dial them, before. Raises
        `Fenced`: then others see to them.
        """
        gone = list(account_ids)
        if not gone:
            return
        while not await self._is_released(gone):  # noqa: ASYNC110 - the database is away
            await asyncio.sleep(RETRY_S)
        for account_id in gone:
            self._epochs.pop(account_id, None)

    async def _is_released(self, account_ids: Iterable[int]) -> bool:
        try:
            async with self.database.transaction() as tx:
                await ownership.release(tx, account_ids, self.instance)
        except Fenced:
            raise
        except StorageError as exc:
            logger.bind(event="handover.waiting").warning("{}", exc)
            return False
        return True

    async def surprise(self) -> str:
        """What the rows say that can't be, since only this instance changes them; or nothing.

        Part of a renewal, and one at a time as that is.

        Rows that were deleted are let go of; those that it has without knowing are kept track of:
        a claim may have been committed although nobody heard of that.
        """
        async with self.lock:
            # By the renewal's own connection: it must not wait behind what keeps the others busy.
            async with self.database.transaction(is_urgent=True) as tx:
                rows = await ownership.epochs_of(tx, self.instance)
                other = {i for i, epoch in self._epochs.items() if rows.get(i) != epoch}
                taken = await ownership.existing(tx, other)
            for account_id in other - taken:
                del self._epochs[account_id]
            if taken:
                return f"{len(taken)} of its accounts are not its own in the database"
            self._epochs |= rows
            return ""
