"""How many heaps glibc makes, asked of glibc itself, in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ASK = """
import ctypes, sys, threading
from bot.heaps import share_one

print(share_one())
together = threading.Barrier(6)

def allocate():
    together.wait()
    kept = bytearray(100_000)
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(6)]
for each in threads: each.start()
for each in threads: each.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def heaps(folder: Path, **environment: str) -> tuple[str, int]:
    told = folder / "heaps.xml"
    environment = {name: v for name, v in os.environ.items() if "MALLOC" not in name} | environment
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(told)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.strip(), told.read_text().count("<heap nr=")


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="it is glibc's option")
def test_all_threads_share_one_heap_unless_the_environment_says_how_many(tmp_path: Path) -> None:
    assert heaps(tmp_path) == ("True", 1)
    told, count = heaps(tmp_path, MALLOC_ARENA_MAX="8")
    assert told == "False"
    assert count > 1
