"""`python -m docs.lease_model`: look through every variant and print what was found.

About a minute on one core. Ends with 1 where a variant is not what it should be.
"""

import sys
import time

from docs.lease_model.search import in_words, look_through
from docs.lease_model.variants import (
    SAFE,
    SAFE_AFTER_FAILOVER,
    SAFE_UNHEARD,
    THOROUGH,
    WEAKENED,
    Variant,
)


def report(variant: Variant, *, is_safe: bool) -> bool:
    """Print one variant; whether it is what it should be."""
    began = time.monotonic()
    found = look_through(variant.protocol)
    holds = "holds" if found.trace is None else "BREAKS"
    took_s = time.monotonic() - began
    say(f"{variant.name}: {holds} ({found.states:,} states, {took_s:.1f} s)")
    if found.trace is not None:
        for line in in_words(variant, found.trace):
            say("   " + line)
    return (found.trace is None) is is_safe


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Look through all."""
    fine = [report(variant, is_safe=False) for variant in WEAKENED]
    safe = (*SAFE, SAFE_UNHEARD, SAFE_AFTER_FAILOVER, *THOROUGH)
    fine += [report(variant, is_safe=True) for variant in safe]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
