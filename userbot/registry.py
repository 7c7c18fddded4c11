"""The registry of a process: every userbot it runs, each under its supervisor."""

import asyncio

from storage import accounts
from userbot.nursery import Nursery
from userbot.userbot import Terms, Userbot


class Registry:
    """Userbots by account number. One registry a process; across processes the rows are it."""

    def __init__(self, terms: Terms, nursery: Nursery, owner: str) -> None:
        self._terms = terms
        self._nursery = nursery
        self.owner = owner
        self._userbots: dict[int, Userbot] = {}
        # Two supervisors of one account would be one key on two lines.
        self._adopting = asyncio.Lock()

    async def start_all(self) -> int:
        """Register a supervisor for every account; returns how many. Does not wait for lines."""
        async with self._terms.database.read() as tx:
            found = await accounts.page(tx)
        for account in found:
            await self.adopt(account.id)
        return len(found)

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
            self._nursery.start(userbot.run(), name=f"userbot {account_id}")
            return userbot

    def get(self, account_id: int) -> Userbot | None:
        """The userbot, without any wait."""
        return self._userbots.get(account_id)

    def __len__(self) -> int:
        return len(self._userbots)
