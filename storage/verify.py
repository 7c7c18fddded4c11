"""Verify: a backup is restored into a copy that is thrown away, and every secret in it is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, and_, func, select, true

from storage.database import open_database
from storage.errors import SecretKeyMismatch, StorageError
from storage.restore import check, copy_of, settle, url_of
from storage.rotation import sealed_columns
from storage.schema import accounts, deliveries, events, proxies, sessions
from storage.sessions import SessionStatus
from storage.tx import Tx
from storage.vault import Vault

NAMED = 5
"""So many accounts of a proxy are named; the others are counted."""
_SESSIONS = {
    SessionStatus.CURRENT: "the session",
    SessionStatus.ENROLLING: "the session of an unfinished login",
    SessionStatus.REPLACED: "a session that a later login replaced",
}


class NotVerified(StorageError):
    """Whether the backup is good is not known; the text says why."""


@dataclass(frozen=True, slots=True)
class Holds:
    """How much of what is in a backup."""

    accounts: int
    forgotten: int
    """Accounts that were forgotten, and can be taken back."""
    sessions: int
    """Accounts with a session that was logged in."""
    old_sessions: int
    """Sessions that a later login replaced, and of unfinished logins."""
    proxies: int
    deliveries: int
    events: int
    """Entries of the journal."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A sealed value that the secret key does not open, though it opens the others."""

    words: str
    """Which one; without a secret."""
    account: int | None
    proxy: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a backup that can be restored holds."""

    taken_at: datetime
    size_bytes: int
    revision: str
    """Of its tables; a restore brings an older one up to date."""
    holds: Holds
    sealed: int
    """How many sealed values there are."""
    broken: Sequence[Broken]

    @property
    def is_good(self) -> bool:
        return not self.broken


async def verify(file: Path, vault: Vault, *, directory: Path | None, now: datetime) -> Verified:
    """Restore the backup into a private copy in `directory`, open every sealed value, delete it.

    The file is only read, and nothing is connected to. Raises `NotRestored`, `DatabaseTooNew` and
    `SecretKeyMismatch` as `restore` does, and `NotVerified`.
    """
    try:
        with copy_of(file, directory) as draft:
            size_bytes = draft.stat().st_size
            stamp = await check(draft, file, vault)
            database = await open_database(url_of(draft), vault, now=lambda: now)
            try:
                async with database.read() as tx:  # before settling, which erases orders
                    holds = await _holds(tx)
                    sealed, broken = await _open_all(tx)
                await settle(database, stamp, is_only_copy=False)
            finally:
                await database.close()
    except OSError as exc:
        raise NotVerified(f"{file} could not be verified: {exc.strerror or exc}.") from exc
    return Verified(stamp.taken_at, size_bytes, stamp.revision, holds, sealed, broken)


async def _holds(tx: Tx) -> Holds:
    is_there = accounts.c.removed_at.is_(None)
    has_key = sessions.c.sealed_auth_key.is_not(None)
    is_current = and_(sessions.c.status == SessionStatus.CURRENT, has_key)
    return Holds(
        accounts=await _count(tx, accounts, is_there),
        forgotten=await _count(tx, accounts, ~is_there),
        sessions=await _count(tx, sessions, is_current),
        old_sessions=await _count(tx, sessions, and_(has_key, ~is_current)),
        proxies=await _count(tx, proxies),
        deliveries=await _count(tx, deliveries),
        events=await _count(tx, events),
    )


async def _count(tx: Tx, table: Table, which: ColumnElement[bool] | None = None) -> int:
    where = true() if which is None else which
    row = await tx.one(select(func.count().label("n")).select_from(table).where(where))
    return row.n if row else 0


async def _open_all(tx: Tx) -> tuple[int, list[Broken]]:
    """How many sealed values there are, and those that do not open."""
    count = 0
    broken: list[Broken] = []
    for table, column in sealed_columns():
        rows = await tx.all(select(table).where(column.is_not(None)))
        count += len(rows)
        for row in rows:
            try:
                tx.vault.open(getattr(row, column.name))
            except SecretKeyMismatch:
                broken.append(await _broken(tx, table, column, row))
    return count, broken


async def _broken(tx: Tx, table: Table, column: Column[bytes], row: Row[Any]) -> Broken:
    if table is proxies:
        users = await tx.all(select(accounts.c.id).where(accounts.c.proxy_id == row.id))
        words = f"the password of proxy #{row.id}{_used_by([user.id for user in users])}"
        return Broken(words, None, row.id)
    if table is accounts:
        return Broken(f"the API hash of account #{row.id}", row.id)
    account: int | None = getattr(row, "account_id", None)
    if table is sessions:
        what = _SESSIONS[SessionStatus(row.status)]
    else:
        what = f"{table.name}.{column.name}"
    return Broken(f"{what} of account #{account}" if account else what, account)


def _used_by(numbers: Sequence[int]) -> str:
    if not numbers:
        return ", which no account uses"
    named = ", ".join(f"#{number}" for number in sorted(numbers)[:NAMED])
    rest = len(numbers) - NAMED
    return f", which {named}{f' and {rest} more' if rest > 0 else ''} connect through"
