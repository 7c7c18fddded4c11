"""Accounts that may sleep: they connect when they are needed."""

from collections.abc import Sequence

from storage.accounts import Account, Observed
from storage.observations import Observation
from storage.tx import Tx
from userbot.plan import ASLEEP
from userbot.states import State


async def lay_down(tx: Tx, asleep: Sequence[Account]) -> None:
    """STOPPED, and yet to RUN: the rows of accounts that get no supervisor before `wake`."""
    await Observation.apply(
        tx,
        [
            Observation(
                account.id,
                Observed(
                    State.STOPPED,
                    ASLEEP,
                    attempt=0,
                    retry_at=None,
                    since=tx.now,
                    is_frozen=account.observed.is_frozen,
                ),
                closes=True,
            )
            for account in asleep
        ],
    )
