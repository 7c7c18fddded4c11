"""The shelf of automatic backups: how they are called, how old the newest is, which may go.

Only files of these two name forms are ever deleted; whatever else lies there is left alone.
"""

import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.backup import DRAFTS

_TIME = "%Y%m%dT%H%M%SZ"
_PERIODIC = re.compile(r"mooring-(\d{8}T\d{6}Z)\.db")
_BEFORE = re.compile(r"before-\w+-(\d{8}T\d{6}Z)\.db")
LEFT_OVER_S = 24 * 3600
"""A draft this old is what a crash left behind."""


def make(directory: Path) -> None:
    """The shelf itself; only its owner sees what stands there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def periodic(directory: Path, at: datetime) -> Path:
    """Where the backup of every BACKUP_EVERY goes."""
    return directory / f"mooring-{at.astimezone(UTC).strftime(_TIME)}.db"


def before_migration(directory: Path, revision: str, at: datetime) -> Path:
    """Where the backup goes that is made before the database leaves `revision`."""
    return directory / f"before-{revision}-{at.astimezone(UTC).strftime(_TIME)}.db"


def newest(directory: Path, now: datetime) -> datetime | None:
    """When the latest backup was made; None where there is none.

    One that a wrong clock put into the future counts for nothing, or none would follow it.
    Raises OSError where the directory can't be read.
    """
    made = [*_made(directory, _PERIODIC).values(), *_made(directory, _BEFORE).values()]
    return max((at for at in made if at <= now), default=None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be told of the shelf."""

    newest_at: datetime | None
    unread: str = ""
    """Why it can't be looked at; empty where it can."""


def look(directory: Path, now: datetime) -> Seen:
    """`newest`, for those who tell of it: raises nothing where the directory can't be read."""
    try:
        return Seen(newest(directory, now))
    except OSError as exc:
        return Seen(None, f"{directory} can't be read: {exc.strerror or type(exc).__name__}")


def prune(directory: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` of each of the two kinds; returns what went."""
    gone = [*_pruned(directory, _PERIODIC, keep), *_pruned(directory, _BEFORE, keep)]
    for draft in directory.glob(f"{DRAFTS}*/"):
        if time.time() - draft.stat().st_mtime > LEFT_OVER_S:
            shutil.rmtree(draft, ignore_errors=True)
    return gone


def prune_before_migrations(directory: Path, keep: int) -> None:
    """Delete all but the newest `keep` of those that are made before migrations."""
    _pruned(directory, _BEFORE, keep)


def _pruned(directory: Path, form: re.Pattern[str], keep: int) -> list[Path]:
    made = _made(directory, form)
    gone = sorted(made, key=lambda path: (made[path], path.name))[:-keep]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _made(directory: Path, form: re.Pattern[str]) -> dict[Path, datetime]:
    if not directory.is_dir():
        return {}
    found: dict[Path, datetime] = {}
    for path in directory.iterdir():
        if match := form.fullmatch(path.name):
            try:
                found[path] = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
            except ValueError:
                continue  # looks like ours, but is no time: not ours
    return found
