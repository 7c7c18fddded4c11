"""Processes on the same machine: of them it can be known that they are gone, without a wait."""

import os
from collections.abc import Mapping
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


def place() -> str:
    """Names this boot of this machine, as this process numbers processes; empty if unknown.

    Only where two processes name the same place does the number of one mean anything to the
    other: containers have their own numbers, and may all have one host name.
    """
    try:
        return f"{_BOOT_ID.read_text().strip()} {_PID_NAMESPACE.readlink()}"
    except OSError:
        return ""


def gone_of(pids: Mapping[str, int]) -> list[str]:
    """Those instances at our own place whose processes are gone."""
    return [instance for instance, pid in pids.items() if is_gone(pid)]


def is_gone(pid: int, proc: Path = Path("/proc")) -> bool:
    """Whether no process of that number, at our own place, has a socket open any more.

    The kernel is asked, and not /proc alone: there a living process of others may be invisible.
    """
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
        stat = (proc / str(pid) / "stat").read_text()
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and not ours to look at
        return False
    state = stat.rpartition(")")[2].split()[0]  # a name may hold anything, brackets too
    return state in {"Z", "X"}  # it ended, and its parent has not looked yet
