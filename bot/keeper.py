"""Housekeeping: backs the database up when that is due, and deletes what is old enough to go."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from loguru import logger

from bot.backing_up import RETRY_AFTER, BackingUp
from storage import (
    attachments,
    commands,
    floods,
    forgetting,
    instances,
    journal,
    liveness,
    proxy_checks,
    sessions,
)
from storage.database import Database
from storage.errors import StorageError
from storage.tx import Tx

LOOK_EVERY_S = 60.0
TIDY_EVERY = timedelta(hours=1)
REPLACED_KEPT = timedelta(days=30)
"""How long a session stays that a later login replaced (S2.9)."""
FORGOTTEN_KEPT = timedelta(days=30)
"""How long an account can be taken back that was forgotten."""
FAILED_KEPT = timedelta(days=7)
"""How long a message with files that failed can be retried."""
CHECKS_KEPT = timedelta(days=30)
"""How long checks of proxies stay: at one every 10 minutes, 4,320 rows per proxy."""
PRIVATE_KEPT = timedelta(minutes=10)
"""How long an answer that holds what people wrote waits for whoever asked."""
GONE_KEPT = timedelta(days=30)
"""How long it is known of an instance that ended when and where it ran."""
CHUNK = 1000


class ForgetBefore(Protocol):
    """Deletes the oldest rows made before a time, at most `limit`; returns how many went."""

    def __call__(self, tx: Tx, before: datetime, *, limit: int) -> Awaitable[int]: ...


class Keeper:
    """Looks after the database for as long as the process runs."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        *,
        backup_every_s: float,
        backups_kept: int,
        events_kept_s: float,
    ) -> None:
        """`backup_every_s` 0 makes no backups, `events_kept_s` 0 keeps the journal for ever."""
        self._database = database
        every = timedelta(seconds=backup_every_s)
        self._backing_up = BackingUp(database, directory, every=every, keep=backups_kept)
        self._events_kept = timedelta(seconds=events_kept_s)
        self._tidy_at = database.now()

    async def run(self) -> None:
        """Keep house until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Do what is due now. What fails is tried again later, and never ends this."""
        now = self._database.now()
        await self._erase_private(now)
        if now >= self._tidy_at:
            await self._tidy(now)
        await self._backing_up.look(now)  # last: what is erased is in no backup

    async def _erase_private(self, now: datetime) -> None:
        """At every look: ten minutes are not to become an hour."""
        before = now - PRIVATE_KEPT
        try:
            async with self._database.read() as tx:
                is_any = await commands.is_any_to_erase(tx, before)
            if is_any:
                async with self._database.transaction() as tx:
                    await commands.erase_private(tx, before)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the rest is to be done
            _not_done("answers were not erased", exc)

    async def _tidy(self, now: datetime) -> None:
        try:
            await self._forget(now)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the rest is to be done
            self._tidy_at = now + RETRY_AFTER
            _not_done("old rows were not deleted", exc)
        else:
            self._tidy_at = now + TIDY_EVERY

    async def _forget(self, now: datetime) -> None:
        async with self._database.transaction() as tx:
            await floods.forget_past(tx)
            await sessions.forget_replaced(tx, now - REPLACED_KEPT)
            await liveness.forget_silent(tx)
            await instances.forget_gone(tx, now - GONE_KEPT)
            await commands.erase_unsealed(tx)
            await attachments.forget_data(tx, failed_before=now - FAILED_KEPT)
            for number in await forgetting.purge(tx, now - FORGOTTEN_KEPT):
                await journal.note(tx, "account.purged", actor="mooring", account_id=number)
        await self._forget_in_chunks(proxy_checks.forget_before, now - CHECKS_KEPT)
        if self._events_kept:
            await self._forget_in_chunks(journal.forget_before, now - self._events_kept)

    async def _forget_in_chunks(self, forget_before: ForgetBefore, before: datetime) -> None:
        gone = CHUNK
        while gone == CHUNK:
            async with self._database.transaction() as tx:  # a short one: others write between
                gone = await forget_before(tx, before, limit=CHUNK)


def _not_done(what: str, error: Exception) -> None:
    """With where it came from, unless it is the database's doing."""
    trace = None if isinstance(error, StorageError) else error
    log = logger.bind(event="keeper.failed").opt(exception=trace)
    log.warning("{}: {}", what, error)
