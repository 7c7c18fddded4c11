"""Which process runs which accounts."""

from collections.abc import Sequence

from sqlalchemy import select, update

from storage.schema import accounts
from storage.tx import Tx

AT_A_TIME = 1000
"""A statement has only so many parameters."""


async def claim(tx: Tx, account_id: int, owner: str) -> int:
    """Make `owner` the instance that runs the account; returns the new epoch."""
    await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(owner=owner, epoch=accounts.c.epoch + 1)
    )
    row = await tx.one(select(accounts.c.epoch).where(accounts.c.id == account_id))
    return int(row.epoch) if row else 0


async def claim_all(tx: Tx, account_ids: Sequence[int], owner: str) -> None:
    """Make `owner` the instance that runs all these accounts; each gets a new epoch."""
    for begin in range(0, len(account_ids), AT_A_TIME):
        await tx.execute(
            update(accounts)
            .where(accounts.c.id.in_(account_ids[begin : begin + AT_A_TIME]))
            .values(owner=owner, epoch=accounts.c.epoch + 1)
        )
