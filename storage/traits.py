"""What an operator decides about an account besides whether it runs."""

from sqlalchemy import update

from storage.accounts import CHANGED
from storage.schema import accounts
from storage.tx import Tx


async def set_importance(tx: Tx, account_id: int, importance: int) -> None:
    """Where the account stands among all when a start brings them back; higher comes first."""
    await _set(tx, account_id, importance=importance)


async def set_always_online(tx: Tx, account_id: int, *, always_online: bool) -> None:
    """Whether a start brings it back always, or only if it was active lately (S0.6)."""
    await _set(tx, account_id, always_online=always_online)


async def set_one_time_phone(tx: Tx, account_id: int, *, one_time_phone: bool) -> None:
    """Whether its number may never log in again; clearing that is an owner's act (S0.6)."""
    await _set(tx, account_id, one_time_phone=one_time_phone)


async def set_country(tx: Tx, account_id: int, country: str | None) -> None:
    """Where its proxies are to be."""
    await _set(tx, account_id, country=country)


async def _set(tx: Tx, account_id: int, **values: object) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(values))
    tx.wake(CHANGED)
