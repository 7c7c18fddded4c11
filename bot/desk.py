"""The use cases: what an operator can do. Handlers call these; each is one transaction or order."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.lately import Lately, lately
from storage import (
    accounts,
    cards,
    commands,
    deliveries,
    forgetting,
    incidents,
    journal,
    lease,
    liveness,
    preferences,
    proxies,
    recoveries,
    shelf,
    standing,
    team,
)
from storage.accounts import Account
from storage.database import Database
from storage.delivery import Delivery
from storage.engines import is_sqlite
from storage.incidents import About
from storage.journal import Entry
from storage.liveness import Instance
from storage.proxies import Proxy
from storage.team import Member
from storage.tx import Tx
from storage.wakeups import Subscription
from userbot import facts
from userbot.facts import Facts
from userbot.states import State
from userbot.targets import BadPhone, parse_phone

OUTCOME_LIMIT_S = 150.0
TROUBLE = (State.NEEDS_LOGIN, State.BANNED, State.FAILED, State.WAITING, State.RETRYING)
"""The states in which an account should be connected and is not; what needs somebody first."""
MOST_TROUBLE = 10


@dataclass(frozen=True, slots=True)
class Backups:
    """How the automatic backups are doing."""

    newest_at: datetime | None
    failure: str = ""
    """Why the last attempt failed; empty where it did not."""
    unread: str = ""
    """Why nobody can tell how old the newest is; empty where that is known."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Every account and every proxy at one moment."""

    accounts: list[Account]
    proxies: list[Proxy]
    now: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """How many accounts are in each state, and how far a recovery is."""

    states: Mapping[str, int]
    recovering: tuple[int, int] | None = None
    """How many accounts are back, and of how many, while a start brings them back."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How everything stands at one moment."""

    totals: Totals
    trouble: Sequence[Account]
    """The first accounts that should be connected and are not."""
    proxies: int
    sick_proxies: int
    now: datetime
    backups: Backups | None = None
    """None where there are none to be: BACKUP_EVERY is 0."""
    instances: Sequence[Instance] = ()
    """The processes that run the accounts, or did, without their lines; the newest first."""
    members: Sequence[Member] = ()
    """The processes that share the accounts; none on SQLite, where there is one."""
    has_conflict: bool = False
    """Whether something else takes a part of the bot's updates."""


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

    def changes(self) -> AbstractContextManager[Subscription]:
        """Wakes when what the status shows may have changed."""
        topics = accounts.CHANGED, proxies.CHANGED, recoveries.CHANGED, preferences.CHANGED
        return self._database.wakeups.subscribe(*topics, lease.CHANGED)

    async def overview(self) -> Overview:
        async with self._database.read() as tx:
            return Overview(await accounts.page(tx), await proxies.page(tx), tx.now)

    async def totals(self) -> Totals:
        """Cheap, however many accounts there are."""
        async with self._database.read() as tx:
            return Totals(await accounts.count_by_state(tx), await recoveries.running(tx))

    async def situation(self) -> Situation:
        """The totals, and of the accounts only some that are in trouble."""
        async with self._database.read() as tx:
            fleet = await standing.standing(tx, trouble=TROUBLE, limit=MOST_TROUBLE)
            return Situation(
                Totals(fleet.states, await recoveries.running(tx)),
                fleet.trouble,
                fleet.proxies,
                fleet.sick_proxies,
                tx.now,
                await self._backups_now(tx),
                await liveness.page(tx, with_lines=False),
                () if is_sqlite(self._database.url) else await team.members(tx),
                bool(await incidents.open_subjects(tx, About.BOT_CONFLICT)),
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
        seen = shelf.look(self._backups, tx.now)
        return Backups(seen.newest_at, failure, seen.unread)

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

    async def lately(self, account_id: int) -> Lately:
        """How the account fared in the last days, for its card."""
        async with self._database.read() as tx:
            return await lately(tx, account_id)

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

    async def delivery(self, delivery_id: int) -> Delivery | None:
        async with self._database.read() as tx:
            return await deliveries.get(tx, delivery_id)

    async def put_card(self, delivery: Delivery, chat_id: int, message_id: int) -> None:
        """Remember where the delivery's card is."""
        async with self._database.transaction() as tx:
            await cards.set_place(tx, delivery.id, chat_id, message_id, delivery.version)
