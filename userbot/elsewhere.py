"""Accounts whose session may be in use elsewhere: two live copies kill its key.

The account's row says so until an operator confirms that nothing else uses the session. Until
then only the button that says so starts it.
"""

from dataclasses import replace
from enum import StrEnum

from storage import accounts
from storage.accounts import Account
from storage.tx import Tx


class Elsewhere(StrEnum):
    """Why a session may be in use elsewhere."""

    IMPORTED = "imported"
    EXPORTED = "exported"


REASONS = {
    Elsewhere.IMPORTED: "imported, and nobody has confirmed that nothing else uses the session",
    Elsewhere.EXPORTED: "exported, the session may be in use elsewhere",
}
"""What operators read as the reason of an account that is stopped for it."""


def may_be(account: Account) -> bool:
    """Whether the account's session may be in use elsewhere."""
    return account.elsewhere is not None


async def mark(tx: Tx, account: Account, why: Elsewhere) -> None:
    """Keep that in the row of an account that is stopped."""
    await accounts.set_elsewhere(tx, account.id, why)
    await _give_reason(tx, account, REASONS[why])


async def clear(tx: Tx, account: Account) -> None:
    """An operator confirmed that nothing else uses the session."""
    if may_be(account):
        await accounts.set_elsewhere(tx, account.id, None)
        await _give_reason(tx, account, "")


async def _give_reason(tx: Tx, account: Account, reason: str) -> None:
    seen = replace(account.observed, reason=reason)
    await accounts.set_observed(tx, account.id, seen, is_online=False)
