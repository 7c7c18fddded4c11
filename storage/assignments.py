"""Which account has which proxy: one for life, and a history of every exception (S0.1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from storage.schema import accounts, proxy_assignments
from storage.tx import Tx

ENROLMENT = "enrolment"
_ACCOUNTS_CHANGED = "accounts"  # `accounts.CHANGED`, which is built on this


@dataclass(frozen=True, slots=True)
class Assignment:
    """A proxy that an account has, or had until `ended_at`."""

    account_id: int
    proxy_id: int
    assigned_at: datetime
    ended_at: datetime | None
    is_permanent: bool
    reason: str
    actor: str
    wanted_country: str | None
    country: str | None
    is_fallback: bool
    """Whether it is in another country than was wanted, since there was none to be had (S1.5)."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a proxy was found for an account: the country wanted, and the one that it is in."""

    wanted_country: str | None = None
    country: str | None = None

    @property
    def is_fallback(self) -> bool:
        return self.wanted_country is not None and self.country != self.wanted_country


async def begin(
    tx: Tx,
    account_id: int,
    proxy_id: int,
    *,
    reason: str,
    actor: str = "mooring",
    found: Found | None = None,
) -> None:
    """Note that an account has this proxy from now on."""
    found = found or Found()
    await tx.execute(
        insert(proxy_assignments).values(
            account_id=account_id,
            proxy_id=proxy_id,
            assigned_at=tx.now,
            is_permanent=True,
            reason=reason,
            actor=actor,
            wanted_country=found.wanted_country,
            country=found.country,
            is_fallback=found.is_fallback,
        )
    )


async def move(
    tx: Tx,
    account_id: int,
    proxy_id: int,
    *,
    reason: str,
    actor: str,
    found: Found | None = None,
) -> bool:
    """Give an account another proxy; False where it has that one already, or is gone.

    Only an operator's act and S1.5 call this: nothing moves an account off its proxy by itself.
    """
    result = await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.proxy_id.is_distinct_from(proxy_id))
        .values(proxy_id=proxy_id, without_proxy=False)
    )
    if result.rowcount != 1:
        return False
    await tx.execute(
        update(proxy_assignments)
        .where(
            proxy_assignments.c.account_id == account_id, proxy_assignments.c.ended_at.is_(None)
        )
        .values(ended_at=tx.now)
    )
    await begin(tx, account_id, proxy_id, reason=reason, actor=actor, found=found)
    tx.wake(_ACCOUNTS_CHANGED)
    return True


async def allow_none(tx: Tx, account_id: int) -> None:
    """An operator wants the account to run without a proxy, if it has none."""
    await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(without_proxy=True)
    )
    tx.wake(_ACCOUNTS_CHANGED)


async def history(tx: Tx, account_id: int) -> list[Assignment]:
    """The proxies that the account has had, the one it has last."""
    rows = await tx.all(
        select(proxy_assignments)
        .where(proxy_assignments.c.account_id == account_id)
        .order_by(proxy_assignments.c.id)
    )
    return [_assignment(row) for row in rows]


async def current(tx: Tx, account_id: int) -> int | None:
    """The proxy that the account has."""
    row = await tx.one(select(accounts.c.proxy_id).where(accounts.c.id == account_id))
    return row.proxy_id if row else None


async def accounts_on(tx: Tx, proxy_id: int) -> list[int]:
    """The accounts that have this proxy, forgotten ones too."""
    rows = await tx.all(
        select(accounts.c.id).where(accounts.c.proxy_id == proxy_id).order_by(accounts.c.id)
    )
    return [row.id for row in rows]


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        row.account_id,
        row.proxy_id,
        row.assigned_at,
        row.ended_at,
        row.is_permanent,
        row.reason,
        row.actor,
        row.wanted_country,
        row.country,
        row.is_fallback,
    )
