"""Another program polls with our token: what is told, and that polling goes on once it is gone."""

import asyncio
from contextlib import suppress
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramConflictError

from bot.conflict import Conflict
from bot.control import make_bot
from bot.polling import Poller
from tests.e2e.alerting import watching
from tests.e2e.telegram import Telegram
from tests.timing import limit
from userbot.nursery import Nursery


async def poll_for_ever(bot: Bot) -> None:
    while True:
        with suppress(TelegramConflictError):
            await bot.get_updates(timeout=5)


async def test_a_foreign_poller_is_told_after_a_while_and_its_end_too(
    telegram: Telegram, tmp_path: Path
) -> None:
    async with watching(telegram, tmp_path / "mooring.db") as watch, Nursery() as nursery:
        conflict = Conflict(watch.database, patience_s=1.5, every_s=0.1)
        poller = Poller(watch.bot, Dispatcher(), nursery, conflict)
        nursery.keep(poller.run, name="polling")
        nursery.keep(conflict.run, name="conflicts")
        foreign = make_bot(watch.bot.token, api_url=telegram.addresses["bot_api"], proxy=None)
        async with watch.telling(), asyncio.TaskGroup() as group:
            task = group.create_task(poll_for_ever(foreign))
            told = await watch.chat.shows("does not reach me", "the same BOT_TOKEN")
            task.cancel()
            over = await watch.chat.shows("reaches me again")
        assert over.id == told.id
        async with asyncio.timeout(limit(20)):
            while poller.trouble is not None:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.05)
        await foreign.session.close()
