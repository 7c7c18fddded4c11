"""What every command shares: exit codes, words for the operator, the database."""

import argparse
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TypeVar

from bot.alone import alone
from bot.settings import Settings
from bot.vault import open_vault
from storage.database import Database, open_database
from storage.errors import DatabaseTooOld

OK, FAILED, BAD_SETTINGS, IN_USE, UNWELL, UNCERTAIN, FORCED = 0, 1, 2, 3, 4, 5, 130
"""Exit codes. UNWELL: `mooring doctor` found something bad. UNCERTAIN: a message may be out, or
still waits. FORCED: a signal cut it short.
"""


def say(line: str) -> None:
    """Tell the operator; standard output is for what a command was asked to print."""
    sys.stderr.write(line + "\n")


def why(exc: Exception) -> str:
    """An error in an operator's words, without the system's number."""
    if isinstance(exc, OSError) and exc.strerror:
        return f"{exc.filename}: {exc.strerror}" if exc.filename else exc.strerror
    return str(exc)


E = TypeVar("E", bound=StrEnum)


def one_of(choices: type[E]) -> Callable[[str], E]:
    """Reads an option that is one of these, also in capitals; says what there is."""

    def read(text: str) -> E:
        try:
            return choices(text.lower())
        except ValueError:
            there_is = ", ".join(choices)
            raise argparse.ArgumentTypeError(f"{text!r} is none of {there_is}") from None

    return read


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, for a command that may run beside a running Mooring.

    Where it is of an older version it is migrated, but not under a process that runs on it:
    then this raises `AlreadyRunning`.
    """
    database = await _open(settings)
    try:
        yield database
    finally:
        await database.close()


async def _open(settings: Settings) -> Database:
    vault = open_vault(settings)
    try:
        return await open_database(settings.database, vault, may_migrate=False)
    except DatabaseTooOld:
        async with alone(settings):
            return await open_database(settings.database, vault, backups=settings.backups)
