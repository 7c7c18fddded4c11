"""The fence: what an instance may not write any more."""

from sqlalchemy import select

from storage.errors import Fenced
from storage.schema import leases
from storage.tx import Tx


async def require(tx: Tx, instance: str) -> None:
    """Go on only while the instance has its lease; nobody can end that before this commits.

    Raises `Fenced`. The lock is the weakest there is: renewing the lease does not wait for it,
    and to delete it does.
    """
    mine = select(leases.c.instance).where(leases.c.instance == instance)
    if await tx.one(mine.with_for_update(read=True, key_share=True)) is None:
        raise Fenced
