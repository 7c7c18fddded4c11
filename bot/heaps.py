"""The C library's heaps: glibc makes one for each thread, and what is free in one serves no other.

A connection of the database is a thread, and a busy minute in each leaves its heap behind.
mallopt(3) has the option, and glibc's MALLOC_ARENA_MAX in the environment goes before ours.
"""

import ctypes
import os
import platform

_M_ARENA_MAX = -8
"""malloc.h"""


def share_one() -> bool:
    """Let all threads that begin from now on use one heap; False where there is no such option."""
    if "MALLOC_ARENA_MAX" in os.environ or platform.libc_ver()[0] != "glibc":
        return False
    return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1))
