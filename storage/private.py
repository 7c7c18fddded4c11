"""Files that only their owner reads, and that a power cut leaves whole: the old or the new one."""

import os
import tempfile
from pathlib import Path


def sync_directory(directory: Path) -> None:
    """Make what was created, renamed or removed in it last."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(draft: Path, target: Path) -> int:
    """Give a finished file its name, synced to disk; returns its size in bytes.

    Raises FileExistsError: nothing is ever overwritten.
    """
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    target.touch(mode=0o600, exist_ok=False)  # the name is ours now
    try:
        draft.replace(target)
    except BaseException:
        target.unlink()
        raise
    sync_directory(target.parent)
    return target.stat().st_size


def draft_beside(path: Path, text: str) -> Path:
    """A new file beside `path` that holds the text: 0600 and synced, to be given its name."""
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # is 0600
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft


def create_text(path: Path, text: str) -> None:
    """Write a new file. Raises FileExistsError."""
    draft = draft_beside(path, text)
    try:
        put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file anew; at no time is it half written."""
    draft = draft_beside(path, text)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may do anything with the file."""
    return bool(path.stat().st_mode & 0o077)
