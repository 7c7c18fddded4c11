"""`mooring backup` and `mooring restore`: copies of the database, made and put back."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.alone import alone
from bot.cli.common import OK, say
from bot.settings import Settings
from bot.vault import existing_vault
from storage.backup import back_up
from storage.restore import Restored, restore


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    backing_up = commands.add_parser(
        "backup", help="copy the database into a new file, beside a running Mooring"
    )
    backing_up.add_argument("file", type=Path, help="a file that is not there yet")
    backing_up.set_defaults(act=_back_up)
    restoring = commands.add_parser(
        "restore", help="make a backup the database of an empty data directory, all stopped"
    )
    restoring.add_argument("file", type=Path, help="what `mooring backup` made")
    restoring.set_defaults(act=_restore)


async def _back_up(settings: Settings, arguments: argparse.Namespace) -> int:
    made = await back_up(settings.database, arguments.file)
    say(
        f"Backed up into {made.path}, {made.size_bytes:,} bytes. "
        "It opens only with the secret key, which is not in it: keep that safe elsewhere."
    )
    return OK


async def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    vault = existing_vault(settings)
    async with alone(settings):
        now = datetime.now(UTC)
        restored = await restore(arguments.file, settings.database, vault, now=now)
    _tell(restored)
    return OK


def _tell(restored: Restored) -> None:
    as_of = f"{restored.taken_at:%Y-%m-%d %H:%M} UTC"
    say(f"Restored as of {as_of}; all {restored.accounts} accounts are stopped.")
    if restored.in_doubt:
        say(f"{restored.in_doubt} messages may have been sent since: their cards ask you to look.")
    say(
        "Make sure that the original does not run any more, here or elsewhere: two live copies of "
        "one session kill it for good."
    )
    say(
        "Then start each account, in the chat or with "
        "`mooring account start NUMBER --nothing-else-uses-it`."
    )
