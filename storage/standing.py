"""How everything stands, in counts: cheap to read however many accounts there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from storage import accounts
from storage.accounts import Account
from storage.schema import accounts as accounts_table
from storage.schema import proxies
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Standing:
    states: Mapping[str, int]
    """How many accounts are in each state."""
    trouble: Sequence[Account]
    """The first of those that are in one of the states that were asked for."""
    proxies: int
    sick_proxies: int
    """Whose last check failed, or found no kind for it."""


async def standing(tx: Tx, *, trouble: Sequence[str], limit: int) -> Standing:
    """The counts, and up to `limit` accounts in these states, in the states' order."""
    columns = accounts_table.c
    rank = case({state: place for place, state in enumerate(trouble)}, value=columns.state)
    bad = await tx.all(
        select(columns.id)
        .where(columns.removed_at.is_(None), columns.state.in_(trouble))
        .order_by(rank, columns.id)
        .limit(limit)
    )
    found = [await accounts.get(tx, row.id) for row in bad]
    return Standing(
        await accounts.count_by_state(tx),
        [account for account in found if account is not None],
        *await _proxies(tx),
    )


async def _proxies(tx: Tx) -> tuple[int, int]:
    """How many are in use or may be, and how many of them somebody should look at."""
    columns = proxies.c
    has_accounts = (
        select(accounts_table.c.id).where(accounts_table.c.proxy_id == columns.id).exists()
    )
    is_sick = (
        columns.released_at.is_(None)
        & columns.checked_at.is_not(None)
        & ((func.coalesce(columns.fault, "") != "") | columns.is_guess)
    )
    row = await tx.one(
        select(func.count().label("all"), func.count().filter(is_sick).label("sick"))
        .select_from(proxies)
        .where(columns.retired_at.is_(None) | has_accounts)
    )
    return (row.all, row.sick) if row else (0, 0)
