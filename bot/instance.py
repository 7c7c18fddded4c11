"""One life of an instance: its row, its lease, and all that runs under it, until that is over.

On PostgreSQL a lease can be lost while the process goes on; then everything that acts on accounts
is taken down, and built anew from the rows as another instance. On SQLite there is one life.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from aiogram import Bot
from loguru import logger

from bot.chat import start_chat
from bot.control import make_bot
from bot.descriptors import warn_if_few
from bot.fleet import Fleet, start_userbots
from bot.keeper import Keeper
from bot.paid import PaidWatch
from bot.polling import Poller
from bot.settings import Settings
from storage import deaths, instances, journal, lease, seats
from storage.database import Database
from storage.engines import sqlite_path
from storage.errors import StorageError
from storage.instances import Before, Role
from storage.seats import Seat
from userbot.lease import Lease
from userbot.limits import always
from userbot.neighbours import gone_of, place
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.tenure import Tenure
from userbot.workload import Workload

FINISH_LIMIT_S = 15.0
"""How long a shutdown waits for sends that are under way (S2.4)."""
SEAT_RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """What this process is to do."""

    role: Role = Role.RUN
    expected: int = 1
    """So many instances are started together, and share the accounts from the first moment."""


class Instance:
    """The running parts of one life."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name
        self.began_at = database.now()
        self.fleet: Fleet | None = None
        self.tenure: Tenure | None = None
        """Of its lease; None on SQLite."""
        self.poller: Poller | None = None
        self.waits_for: set[Seat] = set()
        """Another instance has them."""
        self.over = asyncio.Event()
        """It is to be taken down: its lease is lost, or it has handed over all it had."""
        self.is_drained = False
        self.workloads: list[Workload] = []

    async def let_finish(self) -> None:
        """What is half sent is better sent (S2.4); what does not end in time is cancelled."""
        if self.fleet is not None and self.fleet.share is not None:
            self.fleet.registry.close()
        await asyncio.gather(*(workload.finish(FINISH_LIMIT_S) for workload in self.workloads))


@asynccontextmanager
async def living(settings: Settings, database: Database, part: Part) -> AsyncIterator[Instance]:
    """One life, from its row to its end."""
    is_alone = sqlite_path(database.url) is not None
    async with AsyncExitStack() as stack:
        name, before = await stack.enter_async_context(
            _recorded(database, part.role, is_alone=is_alone)
        )
        instance = Instance(database, name)
        owned = Owned(database, name, is_alone=is_alone)
        tenure = None if is_alone else await _lease(instance, owned, part.role, stack)
        instance.tenure = tenure
        may_write = always if tenure is None else tenure.may_write
        fleet = None
        if part.role.runs_userbots:
            fleet = instance.fleet = await start_userbots(
                settings, owned, before, may_write, stack, tenure=tenure, expected=part.expected
            )
            instance.workloads.append(fleet.outbox.workload)
            warn_if_few(len(fleet.registry))
        bot = _bot(settings, stack) if part.role.runs_bot else None
        # Its own nursery, ended before: no press comes in while the userbots go down.
        chat = await stack.enter_async_context(Nursery())
        # Ended first of all: nothing begins any more.
        waiting = await stack.enter_async_context(Nursery())
        sitting = _Sitting(instance, waiting, is_alone=is_alone)
        if fleet is not None:
            await sitting.sit(Seat.HOUSE, partial(_keep_house, settings, database, fleet))
        if tenure is not None:
            share = fleet.share if fleet else None
            drained = share.drained if share else tenure.draining
            waiting.start(_until_drained(instance, drained), name="drain")
        if bot is not None:
            await sitting.sit(Seat.BOT, partial(_open_chat, settings, instance, bot, chat))
        stack.push_async_callback(instance.let_finish)
        yield instance


def _bot(settings: Settings, stack: AsyncExitStack) -> Bot:
    bot = make_bot(
        settings.bot_token.get_secret_value(),
        api_url=settings.bot_api_url,
        proxy=settings.bot_proxy.get_secret_value() if settings.bot_proxy else None,
    )
    stack.push_async_callback(bot.session.close)
    return bot


async def _lease(instance: Instance, owned: Owned, role: Role, stack: AsyncExitStack) -> Tenure:
    """Take the lease, and keep it until everything under it has been taken down."""

    def lost() -> None:
        instance.over.set()
        if instance.fleet is not None:
            instance.fleet.fence()

    tenure = Tenure(instance.database, Lease(), owned, on_lost=lost)
    await tenure.begin(runs_userbots=role.runs_userbots)
    stack.push_async_callback(tenure.end)
    nursery = await stack.enter_async_context(Nursery())
    nursery.keep(tenure.run, name="lease")
    return tenure


class _Sitting:
    """Starts what only one instance does, as soon as it is this one."""

    def __init__(self, instance: Instance, nursery: Nursery, *, is_alone: bool) -> None:
        self._instance = instance
        self._nursery = nursery
        self._is_alone = is_alone

    async def sit(self, seat: Seat, begin: Callable[[], None]) -> None:
        """Now, where the seat is free; else once it is."""
        if self._is_alone or await self._take(seat):
            begin()
        else:
            self._instance.waits_for.add(seat)
            logger.bind(event="seat.taken").info("another instance has the seat: {}", seat)
            self._nursery.start(self._wait(seat, begin), name=f"seat {seat}")

    async def _wait(self, seat: Seat, begin: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(SEAT_RETRY_S)
            try:
                is_mine = await self._take(seat)
            except StorageError as exc:
                logger.bind(event="seat.waiting").warning("{}", exc)
            else:
                if is_mine:
                    self._instance.waits_for.discard(seat)
                    logger.bind(event="seat.mine").info("this instance has the seat now: {}", seat)
                    begin()
                    return

    async def _take(self, seat: Seat) -> bool:
        database = self._instance.database
        async with database.read() as tx:
            if not await seats.is_free(tx, seat):
                return False
        async with database.transaction() as tx:
            return await seats.take(tx, seat, self._instance.name)


async def _until_drained(instance: Instance, drained: asyncio.Event) -> None:
    await drained.wait()
    instance.is_drained = True
    instance.over.set()


def _keep_house(settings: Settings, database: Database, fleet: Fleet) -> None:
    """What one instance does for all of them."""
    keeper = Keeper(
        database,
        settings.backups,
        backup_every_s=settings.backup_every,
        backups_kept=settings.backup_keep,
        events_kept_s=settings.events_keep,
    )
    fleet.nursery.keep(keeper.run, name="keeper")
    fleet.nursery.keep(PaidWatch(database).run, name="paid watch")
    fleet.keep_house()


def _open_chat(settings: Settings, instance: Instance, bot: Bot, nursery: Nursery) -> None:
    instance.poller, route = start_chat(settings, instance.database, bot, nursery)
    instance.workloads.append(route.workload)


@asynccontextmanager
async def _recorded(
    database: Database, role: Role, *, is_alone: bool
) -> AsyncIterator[tuple[str, Before]]:
    """A row for this life, and how the one before ended. A graceful end is recorded."""
    name, here = secrets.token_hex(8), place()
    async with database.transaction() as tx:
        near = {} if is_alone or not here else await lease.pids_at(tx, here)
        await deaths.bury_gone(tx, gone_of(near), goes_on=role.runs_userbots)
        before = await instances.start(
            tx,
            name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=version("mooring"),
            role=role,
            place=here,
        )
        await journal.note(tx, "instance.started", actor="mooring", cause=str(before))
    logger.bind(event="started").info("{}", before)
    yield name, before
    async with database.transaction() as tx:
        if await instances.stop(tx, name):
            cause = f"process {os.getpid()} on {socket.gethostname()}"
            await journal.note(tx, "instance.drained", actor="mooring", cause=cause)
