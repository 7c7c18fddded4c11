"""A process that sends, as an account or as the bot, until a named point; there it is killed.

It is forked from one that has imported Mooring: it must need nothing else.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from random import Random

from loguru import logger

from bot.botroute import BotRoute
from bot.control import make_bot
from bot.texts import Texts
from storage.database import open_database
from storage.vault import Vault
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Schedule
from userbot.sending.outbox import Outbox
from userbot.terms import Terms

NOWHERE = ""
"""Instead of a point: somebody else ends it."""
_LONGER_THAN_ANY_TEST_S = 120


def send_as_account(point: str, url: str, key: str, account_id: int) -> None:
    asyncio.run(_send_as_account(_killing_at(point), url, key, account_id))


def send_as_bot(point: str, url: str, key: str, token: str, api_url: str) -> None:
    asyncio.run(_send_as_bot(_killing_at(point), url, key, token, api_url))


def _killing_at(point: str) -> Callable[[str], None]:
    logger.remove()
    signal.alarm(_LONGER_THAN_ANY_TEST_S)

    def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


async def _send_as_account(
    reached: Callable[[str], None], url: str, key: str, account_id: int
) -> None:
    database = await open_database(url, Vault([key]), may_migrate=False)
    terms = Terms(
        database=database,
        limits=Limits(),
        schedule=Schedule.starting_with(0.05, 10),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    async with Nursery() as nursery:
        registry = Registry(terms, nursery, Owned(terms.database, "here"))
        await registry.adopt(account_id)
        await Outbox(database, registry, nursery, fallback_after_s=60, reached=reached).run()


async def _send_as_bot(
    reached: Callable[[str], None], url: str, key: str, token: str, api_url: str
) -> None:
    database = await open_database(url, Vault([key]), may_migrate=False)
    bot = make_bot(token, api_url=api_url, proxy=None)
    async with Nursery() as nursery:
        await BotRoute(database, bot, Texts(), nursery, reached=reached).run()
