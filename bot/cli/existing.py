"""The database for commands that have nothing to do where there is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cli.common import opened
from bot.settings import Settings
from bot.vault import existing_vault
from storage.database import Database, open_database
from storage.engines import sqlite_path
from storage.errors import StorageError


class NoDatabase(StorageError):
    """There is no database where the settings say."""


@asynccontextmanager
async def stored(settings: Settings) -> AsyncIterator[Database]:
    """As `opened`, but where there is nothing it makes nothing. Raises `NoDatabase`."""
    _refuse_nothing(settings)
    async with opened(settings) as database:
        yield database


@asynccontextmanager
async def existing(settings: Settings, *, may_migrate: bool) -> AsyncIterator[Database]:
    """The database that is there. Raises `NoDatabase` and `NoSecretKey`, and creates nothing.

    Only who is alone may migrate: beside a running Mooring it would pull the tables from under
    it.
    """
    _refuse_nothing(settings)
    database = await open_database(
        settings.database,
        existing_vault(settings),
        may_migrate=may_migrate,
        backups=settings.backups,
    )
    try:
        yield database
    finally:
        await database.close()


def _refuse_nothing(settings: Settings) -> None:
    path = sqlite_path(settings.database)
    if path is not None and not path.is_file():
        raise NoDatabase(f"There is no database at {path}.")
