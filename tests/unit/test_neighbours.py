"""Whether a process of this machine is gone: only then nobody waits for its lease to run out."""

import os
import subprocess
import sys
from pathlib import Path

from userbot import neighbours


def test_one_that_lives_is_not_gone_and_one_that_ended_is() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert not neighbours.is_gone(other.pid)
        assert neighbours.gone_of({"a": other.pid, "b": os.getpid()}) == []
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert neighbours.is_gone(other.pid), "its parent has not looked yet"
    assert neighbours.gone_of({"a": other.pid}) == ["a"]


def test_one_that_only_proc_does_not_show_is_not_gone(tmp_path: Path) -> None:
    """As where it is mounted with hidepid, or under systemd's ProtectProc=invisible."""
    assert not neighbours.is_gone(os.getppid(), tmp_path)
