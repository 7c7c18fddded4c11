"""The registry of a process: every userbot it runs, each under its supervisor."""

import asyncio
from collections.abc import Iterator

from loguru import logger

from storage import accounts, incidents
from userbot.nursery import Nursery
from userbot.userbot import Terms, Userbot


class Registry:
    """Userbots by account number. One registry a process; across processes the rows are it."""

    def __init__(self, terms: Terms, nursery: Nursery, owner: str) -> None:
        self._terms = terms
        self._nursery = nursery
        self.owner = owner
        self._userbots: dict[int, Userbot] = {}
        self._supervisors: dict[int, asyncio.Task[None]] = {}
        # Two supervisors of one account would be one key on two lines.
        self._adopting = asyncio.Lock()

    async def start_all(self) -> bool:
        """Register a supervisor for every account that has none; does not wait for lines.

        One that can't be started stops no other: it is logged, the admin chat hears of it, and
        the answer is False: call again.
        """
        async with self._terms.database.read() as tx:
            found = await accounts.page(tx)
        is_whole = True
        for account in found:
            try:
                await self.adopt(account.id)
            except Exception:
                is_whole = False
                log = logger.bind(account=account.id, event="userbot.start_failed")
                log.exception("the userbot could not be started")
                await self._tell(account.id)
        logger.bind(event="userbots.registered").info("{} accounts registered", len(self))
        return is_whole

    async def _tell(self, account_id: int) -> None:
        cause = "it could not be started, the log says why"
        async with self._terms.database.transaction() as tx:
            await incidents.open_one(tx, account_id=account_id, kind="offline", cause=cause)

    async def adopt(self, account_id: int) -> Userbot:
        """The account's userbot; where it has none yet, one is started. LookupError if unknown."""
        async with self._adopting:
            if found := self._userbots.get(account_id):
                return found
            async with self._terms.database.transaction() as tx:
                account = await accounts.get(tx, account_id)
                if account is None:
                    raise LookupError(f"no account {account_id}")
                await accounts.claim(tx, account_id, self.owner)
            userbot = Userbot(account, self._terms)
            self._userbots[account_id] = userbot
            self._supervise(userbot)
            return userbot

    def _supervise(self, userbot: Userbot) -> None:
        number = userbot.account_id
        self._supervisors[number] = self._nursery.start(userbot.run(), name=f"userbot {number}")

    def revive(self) -> list[int]:
        """Start the supervisors that have ended, which none ever should; returns whose."""
        ended = [number for number, task in self._supervisors.items() if task.done()]
        for number in ended:
            self._supervise(self._userbots[number])
        return ended

    def get(self, account_id: int) -> Userbot | None:
        """The userbot, without any wait."""
        return self._userbots.get(account_id)

    def __iter__(self) -> Iterator[Userbot]:
        return iter(tuple(self._userbots.values()))

    def __len__(self) -> int:
        return len(self._userbots)
