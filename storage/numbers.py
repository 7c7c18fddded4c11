"""Phone numbers of accounts that are not known yet.

Who scans the picture of a login is known only when it has come through, and the account has its
row, its proxy and its key before that. Until then a placeholder stands for its number.
"""

import secrets

from sqlalchemy import update

from storage.schema import accounts
from storage.tx import Tx

_MARK = "qr-"
"""No phone number begins so."""


def placeholder() -> str:
    """Stands for a number that is not known yet; no two are the same."""
    return f"{_MARK}{secrets.token_hex(6)}"


def known(stored: str) -> str:
    """The number, or nothing where it is not known yet."""
    return "" if stored.startswith(_MARK) else stored


async def learn(tx: Tx, account_id: int, phone: str) -> None:
    """Keep the number that Telegram says an account has, where it was not known."""
    is_unknown = accounts.c.phone.startswith(_MARK, autoescape=True)
    where = accounts.c.id == account_id
    await tx.execute(update(accounts).where(where, is_unknown).values(phone=phone))


async def give_up(tx: Tx, account_id: int) -> None:
    """Let a forgotten account's number go: it belongs to another one now."""
    await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.removed_at.is_not(None))
        .values(phone=placeholder())
    )
