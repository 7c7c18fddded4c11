"""What Telegram says of accounts that it has frozen: since when, until when, where to appeal."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sqlalchemy import update

from storage.account import Freeze
from storage.accounts import CHANGED
from storage.schema import accounts
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class FreezeSeen:
    """Telegram has told; a change for the writer. An empty freeze: it holds no more."""

    account_id: int
    freeze: Freeze

    @property
    def key(self) -> Hashable:
        return "freeze", self.account_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["FreezeSeen"]) -> Sequence[None]:
        for seen in changes:
            told = {
                "frozen_since": seen.freeze.since,
                "frozen_until": seen.freeze.until,
                "appeal_url": seen.freeze.appeal_url,
            }
            of_account = update(accounts).where(accounts.c.id == seen.account_id)
            await tx.execute(of_account.values(told))
        tx.wake(CHANGED)
        return [None] * len(changes)
