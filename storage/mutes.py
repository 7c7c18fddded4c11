"""Accounts that operators want to hear nothing of for a while."""

from datetime import UTC, datetime

from sqlalchemy import select, update

from storage import incidents
from storage.schema import accounts
from storage.tx import Tx

FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
"""Until somebody ends it."""


async def until(tx: Tx, account_id: int) -> datetime | None:
    """Until when the account is muted; None where it is not, now."""
    row = await tx.one(select(accounts.c.muted_until).where(accounts.c.id == account_id))
    at = row.muted_until if row else None
    return at if at is not None and at > tx.now else None


async def mute(tx: Tx, account_id: int, at: datetime | None) -> bool:
    """No alerts about it until then; None: from now on again. False where it is gone."""
    result = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(muted_until=at)
    )
    tx.wake(incidents.CHANGED)
    return result.rowcount == 1
