"""Which instance runs which accounts. Each change of hands has a new epoch."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import ColumnElement, func, literal, or_, select, true, update

from storage.schema import UtcTime, accounts, instances, leases
from storage.tx import Tx

AT_A_TIME = 1000
"""A statement has only so many parameters."""
NO_LINE_AFTER = timedelta(seconds=45)
"""After an owner's last sign of life: by then Telegram has closed every line of it."""
FREE = "accounts.free"
"""Topic: accounts are to be had."""


async def claim(
    tx: Tx, account_ids: Iterable[int], owner: str, *, is_alone: bool = True
) -> dict[int, int]:
    """Make `owner` the instance that runs these accounts; returns the new epoch of each it got.

    One that `is_alone` takes them from anybody: there can't be another. Others get only what
    nobody has; and what was freed before Telegram has closed its lines only at the same place,
    where it is reached as before (see `is_any_early`).
    """
    got: dict[int, int] = {}
    for ids in _portions(account_ids):
        may_have = true() if is_alone else _is_for(owner)
        changed = await tx.execute(
            update(accounts)
            .where(accounts.c.id.in_(ids), may_have)
            .values(owner=owner, epoch=accounts.c.epoch + 1)
            .returning(accounts.c.id, accounts.c.epoch)
        )
        got |= {row.id: row.epoch for row in changed}
    return got


async def is_any_early(tx: Tx, owner: str) -> bool:
    """Whether Telegram may have lines open of those who had any of its accounts before."""
    early = select(literal(1)).where(
        accounts.c.owner == owner,
        accounts.c.left_by.in_(select(instances.c.id).where(_died_just_now())),
    )
    return await tx.one(early.limit(1)) is not None


def _is_for(owner: str) -> ColumnElement[bool]:
    place = select(instances.c.place).where(instances.c.id == owner).scalar_subquery()
    elsewhere = select(instances.c.id).where(_died_just_now(), instances.c.place != place)
    left_there = accounts.c.left_by.is_not(None) & accounts.c.left_by.in_(elsewhere)
    return or_(accounts.c.owner == owner, accounts.c.owner.is_(None) & ~left_there)


def _died_just_now() -> ColumnElement[bool]:
    """Of an instance that was buried early, by the server's clock: the others died before."""
    return instances.c.died_at > func.clock_timestamp(type_=UtcTime) - NO_LINE_AFTER


async def release(tx: Tx, account_ids: Iterable[int], owner: str) -> None:
    """Nobody's from now on, where they were the owner's; their lines are closed."""
    for ids in _portions(account_ids):
        await tx.execute(
            update(accounts)
            .where(accounts.c.id.in_(ids), accounts.c.owner == owner)
            .values(owner=None, epoch=accounts.c.epoch + 1)
        )
    tx.wake(FREE)


async def free_all(tx: Tx, owner: str, *, is_dead: bool = False) -> int:
    """The same for all that it has; returns how many. What the dead had is remembered as that."""
    left = {"left_by": owner} if is_dead else {}
    result = await tx.execute(
        update(accounts)
        .where(accounts.c.owner == owner)
        .values(owner=None, epoch=accounts.c.epoch + 1, **left)
    )
    tx.wake(FREE)
    return result.rowcount


async def free_orphans(tx: Tx) -> int:
    """The same for all whose owner has no lease; returns how many."""
    result = await tx.execute(
        update(accounts)
        .where(accounts.c.owner.not_in(select(leases.c.instance)))
        .values(owner=None, epoch=accounts.c.epoch + 1)
    )
    return result.rowcount


async def count_free(tx: Tx) -> int:
    """How many accounts nobody has."""
    row = await tx.one(
        select(func.count().label("free")).where(
            accounts.c.owner.is_(None), accounts.c.removed_at.is_(None)
        )
    )
    return row.free if row else 0


async def epochs_of(tx: Tx, owner: str) -> dict[int, int]:
    """All that it has, each with its epoch."""
    rows = await tx.all(select(accounts.c.id, accounts.c.epoch).where(accounts.c.owner == owner))
    return {row.id: row.epoch for row in rows}


async def existing(tx: Tx, account_ids: Iterable[int]) -> set[int]:
    """Those of them that have a row."""
    found: set[int] = set()
    for ids in _portions(account_ids):
        rows = await tx.all(select(accounts.c.id).where(accounts.c.id.in_(ids)))
        found |= {row.id for row in rows}
    return found


def _portions(account_ids: Iterable[int]) -> Iterator[Sequence[int]]:
    left = iter(account_ids)
    while portion := list(islice(left, AT_A_TIME)):
        yield portion
