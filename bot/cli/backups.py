"""`mooring backup` and `mooring restore`: copies of the database, made, checked and put back."""

import argparse
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.alone import alone
from bot.cli.common import FAILED, OK, say
from bot.cli.output import show, show_json
from bot.doctor.machine import span
from bot.settings import Settings
from bot.vault import existing_vault
from storage.backup import BackupInfo, back_up
from storage.errors import DatabaseTooNew, SecretKeyMismatch, StorageError
from storage.migrate import HEAD
from storage.restore import NotRestored, Restored, restore
from storage.verify import Verified, verify

MOST_FAULTS = 20
_SETTINGS_FROM = (
    ".env.example explains them. `mooring init` makes a database as well, and a restore takes none"
)
"""So many are told in words; the others are counted."""
_KINDS: dict[type[StorageError], str] = {
    NotRestored: "bad_file",
    SecretKeyMismatch: "wrong_key",
    DatabaseTooNew: "newer_version",
}
"""What scripts know a fault by; of any other error nobody knows whether the backup is good."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a backup."""

    kind: str
    words: str
    account: int | None = None
    proxy: int | None = None


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    backing_up = commands.add_parser(
        "backup",
        help="copy the database into a new file, beside a running Mooring; or check such a file",
    )
    backing_up.add_argument("file", type=Path, help="a file that is not there yet")
    backing_up.add_argument(
        "--verify",
        action="store_true",
        help="make none: check the backup that FILE is, by restoring a copy of it that is thrown "
        "away and opening every secret in it; nothing is connected to",
    )
    backing_up.add_argument("--json", action="store_true", help="what came of it, as JSON")
    backing_up.set_defaults(act=_back_up, settings_from=_SETTINGS_FROM)
    restoring = commands.add_parser(
        "restore", help="make a backup the database of an empty data directory, all stopped"
    )
    restoring.add_argument("file", type=Path, help="what `mooring backup` made")
    restoring.add_argument(
        "--nothing-else-uses-them",
        action="store_true",
        help="you are sure that the Mooring the backup was made of is gone for good, and that "
        "no other program uses its sessions: then no start asks for that",
    )
    restoring.set_defaults(act=_restore, settings_from=_SETTINGS_FROM)


@contextmanager
def _nothing_left() -> Iterator[None]:
    """SIGTERM, as of `timeout` or a service, ends it as Ctrl-C does: the copies are deleted."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    if not callable(ctrl_c):  # a shell's background: nothing is to answer it
        yield
        return
    before = signal.signal(signal.SIGTERM, ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _back_up(settings: Settings, arguments: argparse.Namespace) -> int:
    with _nothing_left():
        if arguments.verify:
            return await _verify(settings, arguments.file, as_json=arguments.json)
        made = await back_up(settings.database, arguments.file)
    if arguments.json:
        show_json(_made(made))
        return OK
    say(
        f"Backed up into {made.path}, {made.size_bytes:,} bytes. "
        "It opens only with the secret key, which is not in it: keep that safe elsewhere."
    )
    return OK


def _made(made: BackupInfo) -> dict[str, object]:
    return {"file": str(made.path), "size_bytes": made.size_bytes, "taken_at": _time(made.at)}


async def _verify(settings: Settings, file: Path, *, as_json: bool) -> int:
    now = datetime.now(UTC)
    # On the disk that has room for such files; elsewhere may be memory.
    directory = settings.backups if settings.backups.is_dir() else None
    found: Verified | None = None
    try:
        found = await verify(file, existing_vault(settings), directory=directory, now=now)
    except StorageError as exc:
        kind = _KINDS.get(type(exc), "not_verified")
        faults = [Fault(kind, str(exc))]
    else:
        faults = [
            Fault(
                "broken_secret",
                f"The secret key does not open {broken.words}.",
                broken.account,
                broken.proxy,
            )
            for broken in found.broken
        ]
    if as_json:
        show_json(_document(file, found, faults, now))
    else:
        _tell_verified(file, found, faults, now)
    return FAILED if faults else OK


def _document(
    file: Path, found: Verified | None, faults: Sequence[Fault], now: datetime
) -> dict[str, object]:
    return {
        "file": str(file),
        "is_good": not faults,
        "faults": [asdict(fault) for fault in faults],
        "taken_at": _time(found.taken_at) if found else None,
        "age_s": round((now - found.taken_at).total_seconds()) if found else None,
        "size_bytes": found.size_bytes if found else None,
        "revision": found.revision if found else None,
        "secrets": found.sealed if found else None,
        "holds": asdict(found.holds) if found else None,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _tell_verified(
    file: Path, found: Verified | None, faults: Sequence[Fault], now: datetime
) -> None:
    if found is not None:
        show(_in_words(file, found, now))
    for fault in faults[:MOST_FAULTS]:
        say(fault.words)
    if len(faults) > MOST_FAULTS:
        say(f"… and {len(faults) - MOST_FAULTS} more.")
    if found is not None and faults:
        say("All else can be restored. What does not open is lost here: see an older backup.")


def _in_words(file: Path, found: Verified, now: datetime) -> str:
    holds = found.holds
    head = "is a good backup" if found.is_good else "can be restored, but not all of it"
    version = "" if found.revision == HEAD else ", of an older version: a restore brings it up"
    forgotten = f" and {holds.forgotten} forgotten" if holds.forgotten else ""
    opened = found.sealed - len(found.broken)
    lines = [
        f"{file} {head}.",
        f"made      {found.taken_at:%Y-%m-%d %H:%M} UTC, {span(now - found.taken_at)} ago{version}",
        f"size      {found.size_bytes:,} bytes",
        f"accounts  {holds.accounts}{forgotten}",
        f"sessions  {holds.sessions} and {holds.old_sessions} old ones",
        f"proxies   {holds.proxies}",
        f"messages  {holds.deliveries}",
        f"journal   {holds.events} {'entry' if holds.events == 1 else 'entries'}",
        f"secrets   {opened} of {found.sealed} open with this key",
    ]
    return "\n".join(lines) + "\n"


async def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    vault = existing_vault(settings)
    is_sure = arguments.nothing_else_uses_them
    async with alone(settings):
        with _nothing_left():
            restored = await restore(
                arguments.file,
                settings.database,
                vault,
                now=datetime.now(UTC),
                nothing_else_uses_them=is_sure,
            )
    _tell(restored, is_sure=is_sure)
    return OK


def _tell(restored: Restored, *, is_sure: bool) -> None:
    as_of = f"{restored.taken_at:%Y-%m-%d %H:%M} UTC"
    stopped = "all {} accounts are" if restored.accounts != 1 else "its {} account is"
    say(f"Restored as of {as_of}; {stopped.format(restored.accounts)} stopped.")
    if restored.in_doubt == 1:
        say("1 message may have been sent since: its card asks you to look.")
    elif restored.in_doubt:
        say(f"{restored.in_doubt} messages may have been sent since: their cards ask you to look.")
    if is_sure:
        say(
            "Start them in the chat (/accounts, Act on these, Start), or each with "
            "`mooring start NUMBER`."
        )
        return
    say(
        "Make sure that the original does not run any more, here or elsewhere: two live copies of "
        "one session kill it for good."
    )
    say(
        "Then start them in the chat, which asks that once for a whole list (/accounts, Act on "
        "these, Start), or each with `mooring start NUMBER --nothing-else-uses-it`."
    )
