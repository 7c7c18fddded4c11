"""The composition root: builds every part, starts it in order, ends it in reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from loguru import logger

from bot.alone import held
from bot.http.server import Http
from bot.instance import Instance, Part, living
from bot.polling import Poller
from bot.settings import Settings
from bot.vault import open_vault
from storage import instances
from storage.database import Database, open_database
from storage.engines import sqlite_path
from storage.errors import DatabaseInUse, DatabaseTooOld, StorageError
from storage.link import Link
from storage.wakeups import Wakeups
from userbot.nursery import Nursery
from userbot.registry import Registry

MIGRATION_TRIES = 60
MIGRATION_RETRY_S = 1.0
"""Together longer than the 45 s for which an instance that was killed counts as one that runs."""
ANEW_AFTER_S = 2.0
"""Before an instance that lost its lease begins anew."""


class App:
    """The running parts, for whoever looks after them."""

    def __init__(self, database: Database, on_drained: Callable[[], None]) -> None:
        self.database = database
        self.http: Http | None = None
        self._on_drained = on_drained
        self._instance: Instance | None = None
        self._last = ""
        """The name of the last life."""
        self._is_stopping = False

    @property
    def instance(self) -> Instance | None:
        """The life that this process has now; None between two."""
        return self._instance

    @property
    def registry(self) -> Registry:
        """The userbots of the life that this process has now. Raises LookupError without any."""
        if self._instance is None or self._instance.fleet is None:
            raise LookupError("no userbots run here now")
        return self._instance.fleet.registry

    @property
    def poller(self) -> Poller:
        """Who polls. Raises LookupError where another instance does, or none yet."""
        if self._instance is None or self._instance.poller is None:
            raise LookupError("nothing polls here now")
        return self._instance.poller

    def in_words(self) -> str:
        """How it is, in a line, for whoever supervises the process."""
        try:
            userbots = self.registry
        except LookupError:
            return "no userbots run here"
        online = sum(userbot.line is not None for userbot in userbots)
        return f"{online} of {len(userbots)} accounts are connected"

    async def live(self, settings: Settings, part: Part, begun: asyncio.Future[None]) -> None:
        """One life after the other, until `stop` or a drain; `begun` has how the first one began."""
        while not self._is_stopping:
            try:
                is_to_end = await self._live_once(settings, part, begun)
            except Exception as exc:  # noqa: BLE001 - whatever it was, the next life may do better
                if not begun.done():
                    begun.set_exception(exc)
                    return
                log = logger.bind(event="instance.failed")
                log.opt(exception=None if isinstance(exc, StorageError) else exc).error(
                    "the instance begins anew soon: {}", exc
                )
            else:
                if is_to_end:
                    self._on_drained()
                    return
            if not self._is_stopping:
                await asyncio.sleep(ANEW_AFTER_S)

    async def _live_once(
        self, settings: Settings, part: Part, begun: asyncio.Future[None]
    ) -> bool:
        """One life, until it is over; True where the process has nothing to do any more."""
        if self._last and await self._was_to_end(self._last):
            return True
        try:
            async with living(settings, self.database, part) as self._instance:
                self._last = self._instance.name
                if not begun.done():
                    begun.set_result(None)
                if not self._is_stopping:
                    await self._instance.over.wait()
                return self._instance.is_drained
        finally:
            self._instance = None

    async def _was_to_end(self, name: str) -> bool:
        """Whether that life was told to hand over and end; it may have lost its lease instead."""
        async with self.database.read() as tx:
            return await instances.is_draining(tx, name)

    def stop(self) -> None:
        """End after this life."""
        self._is_stopping = True
        if self._instance is not None:
            self._instance.over.set()


@asynccontextmanager
async def running(
    settings: Settings,
    part: Part | None = None,
    *,
    on_evicted: Callable[[], None] = lambda: None,
    on_drained: Callable[[], None] = lambda: None,
) -> AsyncIterator[App]:
    """Mooring, from the data directory's lock to the polling bot, until the block ends.

    `on_evicted` is called where another process took the database over: stop at once. `on_drained`
    where all was handed over: nothing is left to do. Raises `AlreadyRunning`, `DatabaseTooNew` and
    `SecretKeyMismatch` before anything runs.
    """
    async with AsyncExitStack() as stack:
        is_alone = sqlite_path(settings.database) is not None
        if is_alone:
            stack.enter_context(held(settings))
        else:  # others may share it: which accounts are whose is in the database
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = await _opened(settings, is_alone=is_alone)
        stack.push_async_callback(database.close)
        background = await stack.enter_async_context(Nursery())
        if not is_alone:
            await _link(database, background, stack, on_evicted)
        app, part = App(database, on_drained), part or Part()
        app.http = Http(settings, database, part.role, lambda: app.instance, background)
        app.http.start()
        await stack.enter_async_context(_alive(app, settings, part, background))
        yield app


@asynccontextmanager
async def _alive(
    app: App, settings: Settings, part: Part, background: Nursery
) -> AsyncIterator[None]:
    """Its lives follow each other in a task of their own: each is to be ended where it began."""
    begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    lives = background.start(app.live(settings, part, begun), name="lives")
    try:
        await begun
        yield
    finally:
        app.stop()
        await asyncio.wait([lives])


async def _opened(settings: Settings, *, is_alone: bool) -> Database:
    """The database, migrated where it is older; not under an instance that runs on it.

    Of several that start together one migrates, and the others wait for it.
    """
    vault = open_vault(settings)
    if is_alone:
        return await open_database(settings.database, vault, backups=settings.backups)
    for tries_left in range(MIGRATION_TRIES, -1, -1):
        try:
            return await open_database(settings.database, vault, may_migrate=False)
        except DatabaseTooOld:
            link = Link(settings.database, Wakeups())
            try:
                await link.open()
            except DatabaseInUse:
                if not tries_left:
                    raise
                await asyncio.sleep(MIGRATION_RETRY_S)
                continue
            try:
                return await open_database(settings.database, vault, backups=settings.backups)
            finally:
                await link.close()
    raise AssertionError("the last try returns or raises")


async def _link(
    database: Database,
    background: Nursery,
    stack: AsyncExitStack,
    on_evicted: Callable[[], None],
) -> None:
    """On PostgreSQL: hear of what other processes commit, and keep out who must be alone."""
    link = Link(database.url, database.wakeups, is_shared=True, on_evicted=on_evicted)
    await link.open()
    stack.push_async_callback(link.close)
    background.keep(link.run, name="wake-ups")
