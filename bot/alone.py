"""Who may run on the data: one process that holds it, whichever database it is."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

from bot.settings import Settings
from storage.datadir import hold
from storage.engines import sqlite_path
from storage.errors import AlreadyRunning
from storage.link import Link
from storage.wakeups import Wakeups


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold the data directory, and the SQLite file's own where it lies elsewhere.

    Raises `DataDirectoryInUse`.
    """
    with ExitStack() as stack:
        stack.enter_context(hold(settings.data_dir))
        path = sqlite_path(settings.database)
        if path is not None and path.parent.resolve() != settings.data_dir.resolve():
            stack.enter_context(hold(path.parent))
        yield


@asynccontextmanager
async def alone(settings: Settings) -> AsyncIterator[None]:
    """Nothing else runs on the data until the block ends. Raises `AlreadyRunning`.

    On PostgreSQL also within 45 s of the last sign of life of an instance that was killed: it
    may have lost no more than its way to the database.
    """
    with held(settings):
        if sqlite_path(settings.database) is not None:
            yield
            return
        link = Link(settings.database, Wakeups())
        await link.open()
        try:
            yield
        finally:
            await link.close()


@asynccontextmanager
async def alone_or_beside(settings: Settings) -> AsyncIterator[bool]:
    """Whether no Mooring runs on the data; then none begins within the block."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(alone(settings))
        except AlreadyRunning:
            yield False
        else:
            yield True
