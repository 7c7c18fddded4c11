"""`mooring rotate-key`: seal everything anew with another secret key."""

import argparse
from pathlib import Path
from typing import Any

from bot.alone import alone
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import existing
from bot.settings import Settings
from bot.vault import key_file
from storage.database import Database
from storage.errors import StorageError
from storage.rotation import add_key, drop_old_keys, reseal_all
from storage.vault import Vault, split_keys


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "rotate-key", help="seal everything anew with another secret key; nothing may run"
    )
    parser.set_defaults(act=_rotate)


async def _rotate(settings: Settings, _: argparse.Namespace) -> int:
    # Opened with the keys as they are: a wrong one is refused before anything is touched.
    async with alone(settings), existing(settings, may_migrate=True) as database:
        if (file := key_file(settings)) is not None:
            return await _with_file(database, file)
        return await _with_given(database, settings)


async def _with_given(database: Database, settings: Settings) -> int:
    """The operator has put a new key in front of the old one."""
    given = settings.mooring_secret_key
    keys = split_keys(given.get_secret_value()) if given is not None else []
    if len(keys) < 2:
        say(
            "Not rotated: MOORING_SECRET_KEY holds one key. Put a new one in front of it, "
            "NEW,OLD, and run this again."
        )
        return FAILED
    count = await _reseal(database, Vault(keys))
    say(
        f"Sealed {count} secrets with the first key. The others may leave MOORING_SECRET_KEY "
        "now; keep them for the backups made until today."
    )
    return OK


async def _with_file(database: Database, file: Path) -> int:
    keys, kept = add_key(file, database.now())
    try:
        count = await _reseal(database, Vault(keys))
    except StorageError:
        say(f"Not rotated. {file} holds a new key and the old ones, which is safe.")
        raise
    drop_old_keys(file, keys[0])
    say(f"Sealed {count} secrets with a new key, which is in {file}: back it up now.")
    say(f"The old key is in {kept}: the backups made until today need it.")
    return OK


async def _reseal(database: Database, vault: Vault) -> int:
    async with database.transaction() as tx:
        return await reseal_all(tx, vault)
