"""One scalable unit for everything that waits in tests: a slow machine sets TEST_TIME_SCALE=3."""

import os

SCALE = float(os.environ.get("TEST_TIME_SCALE", "1"))


def seconds(count: float) -> float:
    """`count` seconds on an ordinary machine, scaled for this one."""
    return count * SCALE


def limit(count: float) -> float:
    """How long to wait at most for what takes far less than `count` seconds of its own.

    It is there against hangs and measures nothing: other tests, and other work of the machine,
    may take the processor meanwhile.
    """
    return 3 * seconds(count)
