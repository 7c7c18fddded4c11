"""The registry of a process: every userbot it runs, each under its supervisor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial

from loguru import logger

from storage import accounts, incidents
from storage.accounts import Account
from storage.database import Database
from storage.errors import StorageError
from storage.traffic import Traffic
from storage.tx import Tx
from userbot.hearing import silent
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.plan import Plan, Rules, make_plan
from userbot.sleeping import lay_down
from userbot.tallies import Tallies
from userbot.terms import Terms
from userbot.userbot import Userbot

AT_A_TIME = 50
"""After so many new supervisors others get their turn on the loop."""


class Elsewhere(Exception):
    """Another instance has the account."""

    def __init__(self, account_id: int) -> None:
        super().__init__(f"another instance has account {account_id}")
        self.account_id = account_id


class Registry:
    """Userbots by account number. One registry a process; across processes the rows are it.

    `rules` say which accounts a start brings back, and in which order.
    """

    def __init__(
        self, terms: Terms, nursery: Nursery, owned: Owned, *, rules: Rules | None = None
    ) -> None:
        self._terms = terms
        self._nursery = nursery
        self.owned = owned
        self._rules = rules or Rules()
        self._userbots: dict[int, Userbot] = {}
        self._supervisors: dict[int, asyncio.Task[None]] = {}
        self._asleep: set[int] = set()
        self.is_closing = False

    @property
    def instance(self) -> str:
        """Whose userbots these are."""
        return self.owned.instance

    @property
    def tallies(self) -> Tallies:
        """What happened to them."""
        return self._terms.tallies

    @property
    def asleep(self) -> int:
        """How many connect when they are needed: they have no userbot."""
        return len(self._asleep)

    @property
    def _database(self) -> Database:
        return self._terms.database

    async def start_all(self) -> Plan:
        """Register a supervisor for every account that has none; does not wait for lines.

        Those that come back are registered in recovery order, and dial in it. An account that
        may sleep gets no supervisor before `wake`. One that can't be started stops no other: it
        is logged and the admin chat hears of it; see `is_whole`, and call again.
        """
        return await self._start(accounts.page)

    async def take(self, limit: int) -> Plan:
        """The same for so many accounts at most that no instance has."""
        return await self._start(partial(accounts.to_be_had, limit=limit))

    async def _start(self, find: Callable[[Tx], Awaitable[Sequence[Account]]]) -> Plan:
        async with self.owned.lock:
            plan, are_ours = await self._claim_together(find)
            if are_ours:
                await self._take_up(plan)
        if not are_ours:
            await self._take_up_apart(plan)
        logger.bind(event="userbots.registered").info("{} accounts registered", len(self))
        return plan

    def is_whole(self, plan: Plan) -> bool:
        """Whether every account of the plan was taken up."""
        return all(self._has(a) for a in [*plan.returning, *plan.parked, *plan.asleep])

    def _has(self, account: Account) -> bool:
        return account.id in self._userbots or account.id in self._asleep

    async def _claim_together(
        self, find: Callable[[Tx], Awaitable[Sequence[Account]]]
    ) -> tuple[Plan, bool]:
        """Claim all in one transaction: what is to be done, and False where one was refused."""
        claimed: dict[int, int] = {}
        async with self._database.transaction() as tx:
            found = [account for account in await find(tx) if not self._has(account)]
            plan = make_plan(found, self._rules, tx.now)
            try:
                async with tx.savepoint():
                    claimed = await self.owned.claim(tx, [account.id for account in found])
                    plan = plan.of(claimed)
                    await lay_down(tx, plan.asleep)
            except StorageError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, it is one account's: each alone
                logger.bind(event="userbots.apart").warning("the accounts are claimed one by one")
                return plan, False
        self.owned.keep(claimed)
        return plan, True

    async def _take_up(self, plan: Plan) -> None:
        self._asleep.update(account.id for account in plan.asleep)
        for count, account in enumerate([*plan.returning, *plan.parked], start=1):
            self._register(account)
            if count % AT_A_TIME == 0:
                await asyncio.sleep(0)

    async def _take_up_apart(self, plan: Plan) -> None:
        """One transaction for each account, so that the one at fault fails alone."""
        asleep = {account.id for account in plan.asleep}
        for account in [*plan.returning, *plan.parked, *plan.asleep]:
            try:
                if account.id in asleep:
                    await self._send_to_sleep(account)
                else:
                    await self.adopt(account.id)
            except Exception:
                log = logger.bind(account=account.id, event="userbot.start_failed")
                log.exception("the userbot could not be started")
                await self._tell(account.id)

    async def _send_to_sleep(self, account: Account) -> None:
        async with self.owned.lock:
            async with self._database.transaction() as tx:
                claimed = await self.owned.claim(tx, [account.id])
                await lay_down(tx, [account] if claimed else [])
            self.owned.keep(claimed)
        if claimed:
            self._asleep.add(account.id)

    async def _tell(self, account_id: int) -> None:
        cause = "it could not be started, the log says why"
        async with self._database.transaction() as tx:
            await incidents.open_one(tx, account_id=account_id, kind="offline", cause=cause)

    async def adopt(self, account_id: int) -> Userbot:
        """The account's userbot; where it has none yet, one is started.

        Raises LookupError where there is no such account, and `Elsewhere`.
        """
        async with self.owned.lock:
            if found := self._userbots.get(account_id):
                return found
            async with self._database.transaction() as tx:
                account = await accounts.get(tx, account_id)
                if account is None:
                    raise LookupError(f"no account {account_id}")
                claimed = await self.owned.claim(tx, [account_id])
                if not claimed:
                    raise Elsewhere(account_id)
            self.owned.keep(claimed)
            return self._register(account)

    async def claim(self, account_id: int) -> None:
        """Make it this instance's, without a userbot yet: a login is to begin.

        Raises `Elsewhere`.
        """
        async with self.owned.lock:
            if self.is_closing:
                raise Elsewhere(account_id)
            if account_id in self.owned:
                return
            async with self._database.transaction() as tx:
                claimed = await self.owned.claim(tx, [account_id])
            if not claimed:
                raise Elsewhere(account_id)
            self.owned.keep(claimed)

    async def give(
        self, account_ids: Iterable[int], *, is_busy: Callable[[int], bool] = lambda _: False
    ) -> None:
        """Hand these over: their lines are closed, then they are anybody's.

        Those stay that are `unheard`, whose line has ended since they were asked, or with which
        something else is under way: `is_busy` is asked when nothing of ours can begin any more.
        """
        async with self.owned.lock:
            gone = [n for n in account_ids if self.may_leave(n) and not is_busy(n)]
            if not gone:  # who is woken for nothing would look again at once
                return
            supervisors = [self._supervisors.pop(n) for n in gone if n in self._supervisors]
            for supervisor in supervisors:
                supervisor.cancel()
            if supervisors:
                await asyncio.wait(supervisors)
            gone = self._without_unheard(gone)
            for number in gone:
                self._userbots.pop(number, None)
                self._asleep.discard(number)
            await self._database.writer.flush()  # what was seen of them last
            await self.owned.release(gone)

    def _without_unheard(self, closed: Iterable[int]) -> list[int]:
        """Those whose lines were heard to be closed; the others are supervised again."""
        heard = []
        for number in closed:
            userbot = self._userbots.get(number)
            if userbot is not None and userbot.may_linger:
                self._supervise(userbot)
            else:
                heard.append(number)
        return heard

    def may_leave(self, account_id: int) -> bool:
        """Whether Telegram has nothing open of it but the line that is up, if one is."""
        userbot = self._userbots.get(account_id)
        is_unheard = self.owned.is_in_doubt or account_id in self.owned.unheard
        lingers = is_unheard or (userbot is not None and userbot.may_linger)
        return account_id in self.owned and not lingers

    async def unheard(self, account_ids: Iterable[int]) -> set[int]:
        """Those of them of which Telegram may keep a line open: it would not hear them hang up now.

        It closes their lines by its own timer; until then nobody else may dial.
        """
        asked = set(account_ids)
        if self.owned.is_in_doubt:
            return asked
        userbots = [found for number in asked if (found := self._userbots.get(number))]
        return await silent(userbots) | (self.owned.unheard & asked)

    def close(self) -> None:
        """Nothing is taken or dialled any more: all ends soon."""
        self.is_closing = True
        self._terms.budget.close()

    async def note_unheard(self) -> None:
        """Before the lines are closed: which of that Telegram would not hear."""
        self.close()
        self.owned.unheard |= await self.unheard(self.owned)

    def without_userbot(self) -> list[int]:
        """Those that this instance owns and does not run: their claim was in doubt, or it failed."""
        return [n for n in self.owned if n not in self._userbots and n not in self._asleep]

    def fence(self) -> None:
        """Abort every line now: they are others' accounts, or may be."""
        for userbot in self._userbots.values():
            userbot.abort()

    async def wake(self, account_id: int) -> Userbot | None:
        """The account's userbot, started where the account was asleep: it is needed now."""
        return await self.adopt(account_id) if account_id in self._asleep else self.get(account_id)

    def _register(self, account: Account) -> Userbot:
        userbot = Userbot(account, self._terms)
        self._userbots[account.id] = userbot
        self._asleep.discard(account.id)
        self._supervise(userbot)
        return userbot

    def _supervise(self, userbot: Userbot) -> None:
        number = userbot.account_id
        self._supervisors[number] = self._nursery.keep(userbot.run, name=f"userbot {number}")

    def revive(self) -> list[int]:
        """Start the supervisors that have ended, which none ever should; returns whose."""
        ended = [number for number, task in self._supervisors.items() if task.done()]
        for number in ended:
            self._supervise(self._userbots[number])
        return ended

    def take_traffic(self) -> list[Traffic]:
        """What went over each proxy since the last time."""
        return self._terms.meters.take()

    def get(self, account_id: int) -> Userbot | None:
        """The userbot, without any wait."""
        return self._userbots.get(account_id)

    def __iter__(self) -> Iterator[Userbot]:
        return iter(tuple(self._userbots.values()))

    def __len__(self) -> int:
        return len(self._userbots)
