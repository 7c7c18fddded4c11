"""Reads what is to be imported: a file, standard input, or the session itself."""

import fcntl
import re
import sys
from pathlib import Path
from typing import BinaryIO

from bot.cli.asking import warn_of_argument
from bot.cli.common import say
from userbot.foreign import BadSession, is_string_session
from userbot.importing import Source
from userbot.session_files import COMPANIONS, HEADER

MAX_BYTES = 256 * 1024 * 1024
LOCKS_AT, LOCKS_LENGTH = 0x40000000, 512
"""Where SQLite locks a file (sqlite.org/fileformat2.html, the lock-byte page)."""
_SECRET = re.compile(r"[A-Za-z0-9+/=_-]{64,}")


def open_source(word: str) -> Source:
    """Read it whole, and warn of what may harm the session. Raises `BadSession`."""
    if word == "-":
        return _sized(Source(sys.stdin.buffer.read(MAX_BYTES + 1)))
    if is_string_session(word):
        warn_of_argument("this session")
        return Source(word.encode())
    shown = "that" if _SECRET.search(word) else word
    try:
        return _sized(_from_file(Path(word)))
    except FileNotFoundError:
        raise BadSession(f"{shown} is no file that is there, and no StringSession") from None
    except IsADirectoryError:
        raise BadSession(f"{shown} is a directory") from None
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "no file has such a name"
        raise BadSession(f"{shown} can't be read: {why}") from None


def _sized(source: Source) -> Source:
    if len(source.content) > MAX_BYTES:
        raise BadSession("this is far too large for a session")
    return source


def _from_file(path: Path) -> Source:
    with path.open("rb") as file:
        begin = file.read(len(HEADER))
        if begin != HEADER:
            return Source(begin + file.read(MAX_BYTES))
        # Held until the file is closed: no other program writes to it while it is copied.
        if not _lock(file):
            say(f"Warning: a program is writing to {path.name} now. {_TWO_COPIES}")
        content = begin + file.read(MAX_BYTES)
        return Source(content, _companions(path))


_TWO_COPIES = "Stop it before the account is started here: two live copies kill a session."


def _lock(file: BinaryIO) -> bool:
    """Take SQLite's lock for readers; False where a writer is at work."""
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, LOCKS_LENGTH, LOCKS_AT)
    except OSError:
        return False
    return True


def _companions(path: Path) -> dict[str, bytes]:
    found = {}
    for end in COMPANIONS:
        beside = path.with_name(path.name + end)
        if beside.is_file() and (content := beside.read_bytes()):
            found[end] = content
            say(f"Warning: {beside.name} is there, so a program may be using it. {_TWO_COPIES}")
    return found
