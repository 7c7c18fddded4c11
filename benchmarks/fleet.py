"""Mooring's userbots in this process, without the bot, and bare clients beside them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.place import Place, client, enrol, settings_for
from bot.settings import Settings
from bot.vault import open_vault
from storage.database import Database, open_database
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Schedule
from userbot.sending.outbox import Outbox, nowhere
from userbot.states import State
from userbot.terms import Terms
from userbot.userbot import Userbot

LIMIT_S = 120.0
_LOOK_EVERY_S = 0.001


@dataclass(frozen=True)
class Fleet:
    """Userbots that are connected, in the order of the place's people."""

    userbots: list[Userbot]
    database: Database

    async def until(self, is_so: Callable[[Userbot], bool], limit_s: float = LIMIT_S) -> None:
        """Wait until that holds for all."""
        await until(lambda: all(is_so(each) for each in self.userbots), limit_s)


@asynccontextmanager
async def fleet(
    where: Place, limits: Limits, *, reached: Callable[[str], None] = nowhere, **more: object
) -> AsyncIterator[Fleet]:
    """All of its people, kept online with Mooring's own schedule; `reached` as for an outbox.

    `more` are settings.
    """
    with tempfile.TemporaryDirectory() as name:
        plain = await settings_for(where.sandbox, Path(name), **more)
        settings = Settings.model_validate(plain)
        await enrol(settings, where)
        database = await open_database(settings.database, open_vault(settings))
        terms = Terms(
            database=database,
            limits=limits,
            schedule=Schedule(),
            budget=Budget(per_second=1000, per_proxy=20),
            random=Random(1),  # noqa: S311 - jitter
            may_write=always,
        )
        try:
            async with Nursery() as nursery:
                registry = Registry(terms, nursery, Owned(terms.database, "bench"))
                await registry.start_all()
                outbox = Outbox(
                    database, registry, nursery, fallback_after_s=LIMIT_S, reached=reached
                )
                nursery.start(outbox.run(), name="outbox")
                found = Fleet(list(registry), database)
                await found.until(is_online)
                yield found
        finally:
            await database.close()


def is_online(userbot: Userbot) -> bool:
    return userbot.status.state is State.ONLINE


@asynccontextmanager
async def clients(where: Place, **more: object) -> AsyncIterator[list[Any]]:
    """Bare clients of all of its people, connected."""
    made = [client(person, proxy, **more) for person, proxy in where.pairs()]
    await asyncio.gather(*(each.connect() for each in made))
    try:
        yield made
    finally:
        await asyncio.gather(*(each.disconnect() for each in made), return_exceptions=True)


async def until(is_so: Callable[[], bool], limit_s: float) -> bool:
    """Wait until something holds; False where it did not come about."""
    try:
        async with asyncio.timeout(limit_s):
            while not is_so():  # noqa: ASYNC110 - it is in memory only, nothing tells
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError:
        return False
    return True
