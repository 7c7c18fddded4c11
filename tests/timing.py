"""One scalable unit for everything that waits in tests.

Limits are there against hangs, not to measure: a slow machine sets TEST_TIME_SCALE=3.
"""

import os

SCALE = float(os.environ.get("TEST_TIME_SCALE", "1"))


def seconds(count: float) -> float:
    """`count` seconds on an ordinary machine, scaled for this one."""
    return count * SCALE
