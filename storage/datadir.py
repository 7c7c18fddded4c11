"""One long-running process per data directory, held by an exclusive `flock`."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DataDirectoryInUse

LOCK_NAME = "mooring.lock"


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Hold the directory until the block ends, or the process does, however it dies.

    Raises `DataDirectoryInUse` with the holder's PID and host. The kernel drops the lock with
    the process, so a stale file never locks anyone out.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / LOCK_NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise DataDirectoryInUse(str(directory), holder) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


def holder(directory: Path) -> str | None:
    """Who holds the directory, in words; None where nobody does. Makes nothing."""
    try:
        file = (directory / LOCK_NAME).open()
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "another process"
    return None
