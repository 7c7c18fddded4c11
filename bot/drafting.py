"""Drafts of operators: written, changed, and answered to, as long as they are drafts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from bot.sending_rules import SendingRules
from bot.splitting import MAX_CAPTION, Piece, messages
from storage import accounts, deliveries, drafting, journal, senders, sessions
from storage.accounts import Account
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Fallback
from storage.drafting import NewDraft, Words
from storage.senders import Choice
from storage.tx import Tx
from userbot.states import State
from userbot.targets import parse_message_link

RECENT = 3
"""So many accounts that an operator used last are offered first."""


class LinkFlaw(StrEnum):
    """Why a link does not say what to answer to."""

    FORM = "form"
    """It is no link to a message."""
    ELSEWHERE = "elsewhere"
    """It leads to another chat."""
    LATE = "late"
    """What should answer is no draft any more."""


class NoAccount(LookupError):
    """The account was forgotten, or has not logged in."""


class Drafting:
    """What operators do to drafts. Once somebody has said what becomes of one, it stays."""

    def __init__(self, database: Database, rules: SendingRules) -> None:
        self._database = database
        self._rules = rules

    def now(self) -> datetime:
        return self._database.now()

    async def candidates(self, operator: int) -> list[Account]:
        """Who may send: those this operator used last, then the connected ones, then the rest."""
        async with self._database.read() as tx:
            found = [a for a in await accounts.page(tx) if has_logged_in(a)]
            latest = await senders.recent(tx, operator, limit=RECENT)
        place = {number: at for at, number in enumerate(latest)}
        found.sort(key=lambda a: (place.get(a.id, RECENT), not _is_online(a), a.id))
        return found

    async def can_send(self, account_id: int) -> bool:
        """Whether there is such an account, and it has logged in."""
        async with self._database.read() as tx:
            return await _can_send(tx, account_id)

    async def choose(self, target: str) -> Choice:
        """The best account for that target."""
        async with self._database.read() as tx:
            return await senders.choose(tx, target, online=State.ONLINE)

    async def write(self, new: NewDraft) -> Delivery:
        """Write it, with the usual fallback. Raises `NoAccount`."""
        async with self._database.transaction() as tx:
            if not await _can_send(tx, new.account_id):
                raise NoAccount(f"no account {new.account_id}")
            usual = replace(new, fallback=await self._rules.fallback_in(tx))
            written = await deliveries.get(tx, await drafting.write(tx, usual))
        if written is None:
            raise LookupError("a draft vanished in its own transaction")
        return written

    async def withdraw(self, delivery_id: int) -> None:
        """Cancel a draft that nobody has seen."""
        async with self._database.transaction() as tx:
            to = DeliveryState.CANCELLED
            await deliveries.move(tx, delivery_id, {DeliveryState.DRAFT}, to)

    async def draft(self, delivery_id: int) -> Delivery | None:
        """The draft; None where it is gone, or no draft any more."""
        async with self._database.read() as tx:
            found = await deliveries.get(tx, delivery_id)
        return found if found is not None and found.state is DeliveryState.DRAFT else None

    async def rewrite(self, delivery_id: int, parts: Sequence[Words], *, by: int) -> bool:
        """Give a draft another text; False where it is no draft any more."""
        async with self._database.transaction() as tx:
            is_done = await drafting.rewrite(tx, delivery_id, parts)
            if is_done:
                edited = {"delivery": delivery_id}
                await journal.note(tx, "delivery.edited", actor=f"operator {by}", data=edited)
        return is_done

    async def set_silent(self, delivery_id: int, *, is_silent: bool) -> bool:
        async with self._database.transaction() as tx:
            return await drafting.change_all(tx, delivery_id, is_silent=is_silent)

    async def set_fallback(self, delivery_id: int, fallback: Fallback) -> bool:
        async with self._database.transaction() as tx:
            return await drafting.change_all(tx, delivery_id, fallback=fallback)

    async def set_time(self, delivery_id: int, at: datetime | None) -> bool:
        """When it goes out once it is approved; None: at once."""
        async with self._database.transaction() as tx:
            return await drafting.change(tx, delivery_id, not_before=at)

    async def answer_nothing(self, delivery_id: int) -> bool:
        async with self._database.transaction() as tx:
            return await drafting.change(tx, delivery_id, reply_to=None)

    async def answer(self, delivery: Delivery, link: str) -> LinkFlaw | None:
        """Let it answer to the message that a link leads to; else why not."""
        async with self._database.transaction() as tx:
            found = await message_in(tx, delivery.account_id, delivery.target, link)
            if isinstance(found, LinkFlaw):
                return found
            is_done = await drafting.change(tx, delivery.id, reply_to=found)
        return None if is_done else LinkFlaw.LATE


def texts(pieces: Sequence[Piece], *, has_files: bool) -> list[Words]:
    """The messages that these make; where there are files the first is their caption.

    A caption that is too long follows the files as a message.
    """
    parts = [part for piece in pieces for part in messages(piece)]
    has_caption = bool(parts) and parts[0].length <= MAX_CAPTION
    if has_files and not has_caption:
        parts.insert(0, Piece(""))
    return [Words(part.text, part.entities) for part in parts]


async def message_in(tx: Tx, account_id: int, target: str, link: str) -> int | LinkFlaw:
    """The message that a link leads to, if that is in the chat with the target."""
    found = parse_message_link(link)
    if found is None:
        return LinkFlaw.FORM
    named, wanted = found.target.lower(), target.lower()
    if named == wanted:
        return found.message_id
    # One chat may be called by its name here, and by its id there.
    ids = {await _id_of(tx, account_id, name) for name in (named, wanted)}
    return found.message_id if len(ids) == 1 and ids != {None} else LinkFlaw.ELSEWHERE


async def _id_of(tx: Tx, account_id: int, target: str) -> int | None:
    if target.startswith("@"):
        peer = await sessions.peer_by_username(tx, account_id, target[1:])
        return peer.id if peer else None
    return int(target) if target.lstrip("-").isdecimal() else None


async def _can_send(tx: Tx, account_id: int) -> bool:
    account = await accounts.get(tx, account_id)
    return account is not None and account.removed_at is None and has_logged_in(account)


def has_logged_in(account: Account) -> bool:
    return account.observed.state != State.NEW


def _is_online(account: Account) -> bool:
    return account.observed.state == State.ONLINE
