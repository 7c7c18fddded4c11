"""Accounts whose session may be in use elsewhere: two live copies kill its key.

The account's row says so until an operator confirms that nothing else uses the session. Until
then only the button that says so starts it.
"""

from dataclasses import replace
from enum import StrEnum

from storage import accounts, standstill
from storage.accounts import Account
from storage.tx import Tx


class Elsewhere(StrEnum):
    """Why a session may be in use elsewhere."""

    IMPORTED = "imported"
    EXPORTED = "exported"
    RESTORED = standstill.RESTORED


REASONS = {
    Elsewhere.IMPORTED: "imported, and nobody has confirmed that nothing else uses the session",
    Elsewhere.EXPORTED: "exported, the session may be in use elsewhere",
    Elsewhere.RESTORED: standstill.WHY,
}
"""What operators read as the reason of an account that is stopped for it."""
_USERS: dict[str, str] = {
    Elsewhere.IMPORTED: "it was imported: the program that it comes from",
    Elsewhere.EXPORTED: "it was exported: the program that it went to",
    Elsewhere.RESTORED: "it comes from a backup: the Mooring that the backup was made of",
}


def may_be(account: Account) -> bool:
    """Whether the account's session may be in use elsewhere."""
    return account.elsewhere is not None


def doubt(account: Account) -> str:
    """Who may use the session besides, as a part of a sentence."""
    who = _USERS.get(account.elsewhere or "", "another program")
    return f"{who} may use the session, and two live copies kill it for good"


async def mark(tx: Tx, account: Account, why: Elsewhere) -> None:
    """Keep that in the row of an account that is stopped."""
    await accounts.set_elsewhere(tx, account.id, why)
    await _give_reason(tx, account, REASONS[why])


async def clear(tx: Tx, account: Account) -> None:
    """Nothing else uses the session: an operator confirmed it, or it was logged in anew."""
    if may_be(account):
        await accounts.set_elsewhere(tx, account.id, None)
        await _give_reason(tx, account, "")


async def _give_reason(tx: Tx, account: Account, reason: str) -> None:
    seen = replace(account.observed, reason=reason)
    await accounts.set_observed(tx, account.id, seen, is_online=False)
