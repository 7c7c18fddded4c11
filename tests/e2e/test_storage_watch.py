"""The admin chat hears that the database is locked, and that it is no more."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.admin_chat import AdminChat
from bot.control import make_bot
from bot.people import People
from bot.storagewatch import StorageWatch
from bot.texts import Texts
from storage import journal
from storage.accounts import Observed
from storage.database import Database, open_database
from storage.observations import Observation
from storage.vault import Vault
from tests.e2e.telegram import Telegram
from tests.storage.fleet import add_account, url_of
from tests.timing import limit


async def noted(database: Database) -> bool:
    async with database.read() as tx:
        return bool(await journal.latest(tx, kind="storage.busy"))


@pytest.mark.req("S2.2")
async def test_a_locked_database_is_told_and_what_waited_is_written(
    telegram: Telegram, tmp_path: Path
):
    path = tmp_path / "mooring.db"
    database = await open_database(
        url_of(path), Vault([Fernet.generate_key().decode()]), busy_limit_s=0.2
    )
    database.writer._retry_s = 0.2
    async with database.transaction() as tx:
        account = await add_account(tx)
    operator = await telegram.person("Olga")
    token, known = await telegram.bot()
    chat = await telegram.chat(operator, known)
    await chat.say("/start")
    bot = make_bot(token, api_url=telegram.addresses["bot_api"], proxy=None)
    admin_chat = AdminChat(bot, database, People(database, []), operator["id"])
    watch = StorageWatch(database, bot, Texts(), admin_chat=admin_chat, every_s=0.1)
    seen = Observed("ONLINE", "", 0, None, database.now())

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.run())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await database.writer.post(Observation(account, seen, is_online=True))
            await chat.shows("database can't be written", "locked by another process")
            other.execute("ROLLBACK")
        await chat.shows("It can again, and nothing was lost")
        async with asyncio.timeout(limit(20)):
            while not await noted(database):  # noqa: ASYNC110 - noted after it was told
                await asyncio.sleep(0.05)
        watching.cancel()

    await bot.session.close()
    await database.close()
