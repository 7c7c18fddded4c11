"""Accounts that Telegram has frozen: since when, until when, where to appeal; told while it lasts."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from storage import incidents, journal
from storage.account import Freeze
from storage.accounts import CHANGED
from storage.incidents import About, account_subject
from storage.schema import accounts
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class FreezeSeen:
    """That an account is frozen, or is no more; a change for the writer."""

    account_id: int
    is_frozen: bool = True
    freeze: Freeze | None = None
    """What Telegram tells of it; None where it did not: then what it told before stays."""

    @property
    def key(self) -> Hashable:
        return "freeze", self.account_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["FreezeSeen"]) -> Sequence[None]:
        for seen in changes:
            await (_frozen(tx, seen) if seen.is_frozen else _thawed(tx, seen.account_id))
        tx.wake(CHANGED)
        return [None] * len(changes)


async def _frozen(tx: Tx, seen: FreezeSeen) -> None:
    if seen.freeze is not None:
        await _store(tx, seen.account_id, seen.freeze)
    is_concern = select(accounts.c.id).where(
        accounts.c.id == seen.account_id,
        accounts.c.removed_at.is_(None),
        accounts.c.state != "BANNED",
    )
    # Locked: who forgets it now would close the incidents before this one is there.
    if await tx.one(is_concern.with_for_update()) is None:
        return  # forgotten or banned meanwhile: nobody wants to hear of it
    subject = account_subject(seen.account_id)
    is_news = subject not in await incidents.open_subjects(tx, About.ACCOUNT_FROZEN)
    if is_news:
        await journal.note(tx, "account.frozen", actor="mooring", account_id=seen.account_id)
    if is_news or seen.freeze is not None:
        # Another cause has the message edited: then it says until when, and where to appeal.
        told = _in_words(seen.freeze or Freeze())
        await incidents.open_about(tx, subject, About.ACCOUNT_FROZEN, cause=told)


async def _thawed(tx: Tx, account_id: int) -> None:
    await _store(tx, account_id, Freeze())
    if await incidents.close_about(tx, account_subject(account_id), About.ACCOUNT_FROZEN):
        await journal.note(tx, "account.thawed", actor="mooring", account_id=account_id)


async def _store(tx: Tx, account_id: int, freeze: Freeze) -> None:
    told = {
        "frozen_since": freeze.since,
        "frozen_until": freeze.until,
        "appeal_url": freeze.appeal_url,
    }
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(told))


def _in_words(freeze: Freeze) -> str:
    until = f"until {freeze.until:%Y-%m-%d}" if freeze.until else ""
    return " ".join(filter(None, (until, freeze.appeal_url)))
