"""The use cases: what an operator can do. Handlers call these; each is one transaction or order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage import (
    accounts,
    commands,
    deliveries,
    forgetting,
    journal,
    liveness,
    proxies,
    recoveries,
    shelf,
)
from storage.accounts import Account
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from storage.journal import Entry
from storage.liveness import Instance
from storage.proxies import Proxy
from storage.tx import Tx
from userbot import facts
from userbot.facts import Facts
from userbot.targets import BadPhone, parse_phone

MAX_TEXT = 4096
"""Telegram's limit for a message, in UTF-16 code units after parsing."""
OUTCOME_LIMIT_S = 150.0


@dataclass(frozen=True, slots=True)
class Backups:
    """How the automatic backups are doing."""

    newest_at: datetime | None
    failure: str = ""
    """Why the last attempt failed; empty where it did not."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment."""

    accounts: list[Account]
    proxies: list[Proxy]
    now: datetime
    backups: Backups | None = None
    """None where there are none to be: BACKUP_EVERY is 0."""
    instances: Sequence[Instance] = ()
    """The processes that run the accounts, or did; the newest first."""
    recovering: tuple[int, int] | None = None
    """How many accounts are back, and of how many, while a start brings them back."""


class TextTooLong(ValueError):
    """The text does not fit into one message; `length` is what it has."""

    def __init__(self, length: int) -> None:
        super().__init__(f"{length} characters")
        self.length = length


class Desk:
    """An operator's acts on the rows; whoever runs the account carries them out."""

    def __init__(
        self,
        database: Database,
        backups: Path | None = None,
    ) -> None:
        """`backups` is where the automatic backups stand, if any are made."""
        self._database = database
        self._backups = backups

    def now(self) -> datetime:
        return self._database.now()

    async def overview(self) -> Overview:
        async with self._database.read() as tx:
            found = await accounts.page(tx), await proxies.page(tx)
            instances = await liveness.page(tx)
            return Overview(
                *found,
                tx.now,
                await self._backups_now(tx),
                instances,
                await recoveries.running(tx),
            )

    async def recovering(self) -> tuple[int, int] | None:
        """How many accounts are back, and of how many, while a start brings them back."""
        async with self._database.read() as tx:
            return await recoveries.running(tx)

    async def _backups_now(self, tx: Tx) -> Backups | None:
        if self._backups is None:
            return None
        last = await journal.latest(tx, kind="backup.", limit=1)
        failure = last[0].cause if last and last[0].kind == "backup.failed" else ""
        return Backups(shelf.newest(self._backups, tx.now), failure)

    async def account(self, account_id: int, *, is_forgotten: bool = False) -> Account | None:
        """The account; one that was forgotten only where that is wanted too."""
        async with self._database.read() as tx:
            account = await accounts.get(tx, account_id)
        is_gone = account is not None and account.removed_at is not None
        return None if is_gone and not is_forgotten else account

    async def facts(self, account_id: int) -> Facts | None:
        """How the account is; None where it is gone."""
        async with self._database.read() as tx:
            try:
                return await facts.stored(tx, account_id)
            except LookupError:
                return None

    async def find(self, who: str) -> Facts | None:
        """How an account is that an operator names: 7, #7 or its phone; None where it is none."""
        number = who.removeprefix("#")
        try:
            named = int(number) if number.isdecimal() else parse_phone(who)
            async with self._database.read() as tx:
                return await facts.stored(tx, named)
        except (LookupError, BadPhone):
            return None

    async def history(self, account_id: int, limit: int) -> list[Entry]:
        """What happened to the account, the newest first."""
        async with self._database.read() as tx:
            return await journal.latest(tx, account_id=account_id, limit=limit)

    async def restore(self, account_id: int, *, by: int) -> bool:
        """Take a forgotten account back, stopped; False where it is not forgotten, or gone."""
        async with self._database.transaction() as tx:
            is_back = await forgetting.restore(tx, account_id)
            if is_back:
                actor = f"operator {by}"
                await journal.note(tx, "account.restored", actor=actor, account_id=account_id)
        return is_back

    async def order(
        self,
        kind: str,
        *,
        by: int,
        account_id: int | None = None,
        args: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Order something of a userbot and wait for its outcome.

        Raises TimeoutError where nobody answered in time; the order stands all the same.
        """
        async with self._database.transaction() as tx:
            command_id = await commands.order(
                tx, kind, account_id=account_id, args=args, ordered_by=by
            )
        return await commands.outcome_of(self._database, command_id, limit_s=OUTCOME_LIMIT_S)

    async def draft(self, *, account_id: int, target: str, text: str, by: int) -> Delivery:
        """Write a draft. Raises `TextTooLong`."""
        length = len(text.encode("utf-16-le")) // 2
        if length > MAX_TEXT:
            raise TextTooLong(length)
        async with self._database.transaction() as tx:
            delivery_id = await deliveries.draft(
                tx, account_id=account_id, target=target, text=text, ordered_by=by
            )
            found = await deliveries.get(tx, delivery_id)
        if found is None:
            raise LookupError(f"delivery {delivery_id} vanished")
        return found

    async def delivery(self, delivery_id: int) -> Delivery | None:
        async with self._database.read() as tx:
            return await deliveries.get(tx, delivery_id)

    async def put_card(self, delivery: Delivery, chat_id: int, message_id: int) -> None:
        """Remember where the delivery's card is."""
        async with self._database.transaction() as tx:
            await deliveries.set_card(tx, delivery.id, chat_id, message_id, delivery.version)

    async def send_as_account(self, delivery_id: int, *, by: int) -> bool:
        """Approve a draft, or retry a failed one; False where somebody was first."""
        delivery = await self.delivery(delivery_id)
        is_open = delivery is not None and delivery.is_possibly_sent
        to = DeliveryState.SENDING if is_open else DeliveryState.PENDING
        return await self._approve(delivery_id, to, by)

    async def send_as_bot(self, delivery_id: int, *, by: int) -> bool:
        """Approve a draft to go out as the bot.

        False where somebody was first, or where the account may have sent it already.
        """
        delivery = await self.delivery(delivery_id)
        if delivery is None or delivery.is_possibly_sent:
            return False
        return await self._approve(delivery_id, DeliveryState.BOT_PENDING, by)

    async def discard(self, delivery_id: int, *, by: int) -> bool:
        """Cancel what has certainly not gone out; False where it is too late."""
        waiting = {DeliveryState.DRAFT, DeliveryState.PENDING, DeliveryState.BOT_PENDING}
        return await self._move(delivery_id, waiting, DeliveryState.CANCELLED, "discarded", by)

    async def settle_unknown(self, delivery_id: int, *, has_arrived: bool, by: int) -> bool:
        """An operator looked: the message arrived, or is to be sent again the way it went."""
        delivery = await self.delivery(delivery_id)
        if delivery is not None and delivery.is_possibly_sent:
            to = DeliveryState.SENT if has_arrived else DeliveryState.SENDING
        else:
            to = DeliveryState.SENT_BY_BOT if has_arrived else DeliveryState.BOT_PENDING
        return await self._move(delivery_id, {DeliveryState.UNKNOWN}, to, "settled", by)

    async def _approve(self, delivery_id: int, to: DeliveryState, by: int) -> bool:
        open_to = {DeliveryState.DRAFT, DeliveryState.FAILED}
        return await self._move(delivery_id, open_to, to, "approved", by, approve=True)

    async def _move(
        self,
        delivery_id: int,
        allowed: set[DeliveryState],
        to: DeliveryState,
        word: str,
        by: int,
        *,
        approve: bool = False,
    ) -> bool:
        async with self._database.transaction() as tx:
            fresh: dict[str, object] = {"error": ""}
            if approve:
                fresh |= {"approved_at": tx.now, "not_before": None, "detour": "", "faults": 0}
            moved = await deliveries.move(tx, delivery_id, allowed, to, **fresh)
            if moved:
                await journal.note(
                    tx,
                    f"delivery.{word}",
                    actor=f"operator {by}",
                    data={"delivery": delivery_id, "to": str(to)},
                )
        return moved
