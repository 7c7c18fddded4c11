"""The loop that tells of incidents, with the sandbox's chat and a clock that tests turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from aiogram import Bot
from cryptography.fernet import Fernet

from bot.admin_chat import AdminChat
from bot.alerts import Alerts
from bot.control import make_bot
from bot.people import People
from bot.texts import Texts
from storage import accounts, incidents, mutes, traits
from storage.accounts import Observed
from storage.database import Database, open_database
from storage.vault import Vault
from tests.e2e.telegram import Chat, Shown, Telegram
from tests.storage.fleet import Clock, add_account, url_of

DROPPED = "the connection dropped"


@dataclass
class Watch:
    """A database, its admin chat, and the loop between them."""

    database: Database
    clock: Clock
    bot: Bot
    chat: Chat
    operator: int
    accounts: list[int] = field(default_factory=list)

    def alerts(self) -> Alerts:
        admin_chat = AdminChat(self.bot, self.database, People(self.database, []), self.operator)
        return Alerts(
            self.database,
            self.bot,
            Texts(),
            admin_chat=admin_chat,
            after_s=60,
            attempts=10,
            zone=UTC,
        )

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """The loop runs; at the end of the block it is gone, as after a crash."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.alerts().run())
            try:
                yield
            finally:
                task.cancel()

    async def account(self, *, proxy_id: int | None = None, importance: int = 0) -> int:
        async with self.database.transaction() as tx:
            number = await add_account(tx, len(self.accounts) + 1, proxy_id=proxy_id)
            if importance:
                await traits.set_importance(tx, number, importance)
        self.accounts.append(number)
        return number

    async def down(self, number: int, kind: str = "offline", cause: str = DROPPED) -> None:
        async with self.database.transaction() as tx:
            seen = Observed("RETRYING", cause, 1, None, tx.now)
            await accounts.set_observed(tx, number, seen, is_online=False)
            await incidents.open_one(tx, account_id=number, kind=kind, cause=cause)

    async def back(self, *numbers: int) -> None:
        async with self.database.transaction() as tx:
            await incidents.close_open(tx, *numbers)

    async def mute(self, number: int) -> None:
        async with self.database.transaction() as tx:
            await mutes.mute(tx, number, mutes.FOREVER)

    async def forward(self, seconds: float) -> None:
        """Turn the clock, and have the loop look."""
        self.clock.forward(seconds)
        self.database.wakeups.wake(incidents.CHANGED)

    async def told(self, *parts: str) -> list[Shown]:
        """The bot's messages that hold all these parts."""
        seen = await self.chat.read()
        return [m for m in seen if not m.out and all(part in m.text for part in parts)]


@asynccontextmanager
async def watching(telegram: Telegram, path: Path) -> AsyncIterator[Watch]:
    """A watch on a database of its own."""
    clock = Clock()
    vault = Vault([Fernet.generate_key().decode()])
    database = await open_database(url_of(path), vault, now=clock)
    operator = await telegram.person("Olga")
    token, known = await telegram.bot()
    chat = await telegram.chat(operator, known)
    await chat.say("/start")
    bot = make_bot(token, api_url=telegram.addresses["bot_api"], proxy=None)
    try:
        yield Watch(database, clock, bot, chat, operator["id"])
    finally:
        await bot.session.close()
        await database.close()
