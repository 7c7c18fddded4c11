"""Forgetting: an account leaves every list at once, and the database for good after a while."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, update

from storage.accounts import CHANGED, Desired, Identity
from storage.schema import accounts
from storage.tx import Tx


async def forget(tx: Tx, account_id: int) -> None:
    """Take it out of every list; `purge` deletes it later. Session and proxy are kept till then.

    Where it is forgotten already, its time begins anew.
    """
    gone = {"desired": Desired.STOP, "removed_at": tx.now}
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(gone))
    tx.wake(CHANGED)


async def restore(tx: Tx, account_id: int) -> bool:
    """Take it back into the lists, stopped; False where it was not forgotten."""
    result = await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.removed_at.is_not(None))
        .values(removed_at=None)
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def set_identity(tx: Tx, account_id: int, identity: Identity) -> None:
    """Give a forgotten account the identity of the session that it is taken up with again.

    Raises LookupError for any other: what an account presents itself with never changes.
    """
    own = asdict(identity) | {"sealed_api_hash": tx.vault.seal_text(identity.api_hash)}
    own.pop("api_hash")
    result = await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.removed_at.is_not(None))
        .values(own)
    )
    if result.rowcount != 1:
        raise LookupError(f"account {account_id} was not forgotten")


async def purge(tx: Tx, before: datetime) -> list[int]:
    """Delete what was forgotten before then, with all that belongs to it; the numbers."""
    rows = await tx.all(
        delete(accounts).where(accounts.c.removed_at < before).returning(accounts.c.id)
    )
    return sorted(row.id for row in rows)
