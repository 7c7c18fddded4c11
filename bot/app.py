"""The composition root: builds every part, starts it in order, ends it in reverse."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from loguru import logger

from bot.alone import held
from bot.chat import start_chat
from bot.control import make_bot
from bot.descriptors import warn_if_few
from bot.fleet import start_userbots
from bot.keeper import Keeper
from bot.paid import PaidWatch
from bot.polling import Poller
from bot.settings import Settings
from bot.vault import open_vault
from storage import instances, journal
from storage.database import Database, open_database
from storage.engines import sqlite_path
from storage.instances import Before
from storage.link import Link
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.workload import Workload

FINISH_LIMIT_S = 15.0
"""How long a shutdown waits for sends that are under way (S2.4)."""


@dataclass(frozen=True, slots=True)
class App:
    """The running parts, for whoever looks after them."""

    database: Database
    registry: Registry
    poller: Poller


@asynccontextmanager
async def running(
    settings: Settings, *, on_evicted: Callable[[], None] = lambda: None
) -> AsyncIterator[App]:
    """Mooring, from the data directory's lock to the polling bot, until the block ends.

    `on_evicted` is called where another process took the database over: stop at once.
    Raises `AlreadyRunning`, `DatabaseTooNew` and `SecretKeyMismatch` before anything runs.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(held(settings))
        database = await open_database(
            settings.database, open_vault(settings), backups=settings.backups
        )
        stack.push_async_callback(database.close)
        background = await stack.enter_async_context(Nursery())
        await _link(database, background, stack, on_evicted)
        instance, before = await stack.enter_async_context(_instance(database))
        keeper = Keeper(
            database,
            settings.backups,
            backup_every_s=settings.backup_every,
            backups_kept=settings.backup_keep,
            events_kept_s=settings.events_keep,
        )
        background.keep(keeper.run, name="keeper")
        background.keep(PaidWatch(database).run, name="paid watch")
        bot = make_bot(
            settings.bot_token.get_secret_value(),
            api_url=settings.bot_api_url,
            proxy=settings.bot_proxy.get_secret_value() if settings.bot_proxy else None,
        )
        stack.push_async_callback(bot.session.close)
        registry, outbox = await start_userbots(settings, database, instance, before, stack)
        warn_if_few(len(registry))
        # Its own nursery, ended first: no press comes in while the userbots go down.
        chat = await stack.enter_async_context(Nursery())
        poller, route = start_chat(settings, database, bot, chat)
        stack.push_async_callback(_let_finish, outbox.workload, route.workload)
        yield App(database, registry, poller)


async def _let_finish(*workloads: Workload) -> None:
    """What is half sent is better sent (S2.4); what does not end in time is cancelled."""
    await asyncio.gather(*(workload.finish(FINISH_LIMIT_S) for workload in workloads))


async def _link(
    database: Database,
    background: Nursery,
    stack: AsyncExitStack,
    on_evicted: Callable[[], None],
) -> None:
    """On PostgreSQL: hear of what other processes commit, and be the only one that runs."""
    if sqlite_path(database.url) is None:
        link = Link(database.url, database.wakeups, on_evicted=on_evicted)
        await link.open()
        stack.push_async_callback(link.close)
        background.keep(link.run, name="wake-ups")


@asynccontextmanager
async def _instance(database: Database) -> AsyncIterator[tuple[str, Before]]:
    """A row for this process, and how the one before ended; a graceful end is recorded."""
    instance = secrets.token_hex(8)
    async with database.transaction() as tx:
        before = await instances.start(
            tx, instance, host=socket.gethostname(), pid=os.getpid(), version=version("mooring")
        )
        await journal.note(tx, "instance.started", actor="mooring", cause=str(before))
    logger.bind(event="started").info("{}", before)
    yield instance, before
    async with database.transaction() as tx:
        await instances.stop(tx, instance)
