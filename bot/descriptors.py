"""File descriptors: every line takes one, and systems give a process few by default."""

import sys
from pathlib import Path

from loguru import logger

SPARE = 200
"""For the database, the bot, logs, and lines that are being opened."""

_HOW = (
    "LimitNOFILE={0} in a systemd unit, --ulimit nofile={0}:{0} for Docker, "
    "a line for nofile in /etc/security/limits.conf for a login"
)

if sys.platform == "win32":

    def make_room() -> None:
        """Windows has no such limit on sockets."""

    def limit() -> int | None:
        """None: there is none."""
        return None

else:
    import resource

    def make_room() -> None:
        """Raise this process's limit as far as the system lets it."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError) as exc:
            # macOS says "no limit", and has one.
            logger.bind(event="descriptors.kept").debug("the limit of open files stays: {}", exc)

    def limit() -> int | None:
        """How many files and sockets this process may have open; None where there is no limit."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return None if soft == resource.RLIM_INFINITY else soft


def limit_of(pid: int) -> tuple[int | None, bool]:
    """The same of another process, and whether the system tells it (Linux does)."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    except OSError:
        return None, False
    for line in lines:
        if line.startswith("Max open files"):
            soft = line.split()[3]
            return (int(soft), True) if soft.isdigit() else (None, True)
    return None, False


def how_to_raise(needed: int) -> str:
    """Where a limit of so many files is set."""
    return _HOW.format(needed)


def warn_if_few(accounts: int) -> None:
    """Say so where not every account can have a line; those that can't are retried as ever."""
    allowed, needed = limit(), accounts + SPARE
    if allowed is None or allowed >= needed:
        return
    logger.bind(event="descriptors.few").warning(
        "this process may open {} files and sockets, {} accounts need {}: some will not connect. "
        "Raise the limit and start again: " + how_to_raise(needed),
        allowed,
        accounts,
        needed,
    )
