"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    """It works, and somebody should look at it."""
    BAD = "bad"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. Its words never hold a secret or a whole phone number."""

    check: str
    """What was looked at, as `database` or `proxy 10.0.0.1:1080`."""
    verdict: Verdict
    words: str
    mend: str = ""
    """What to do about it; empty where nothing is to be done."""
    took_s: float = 0.0
    """How long this check took; those that were made together share it."""


def ok(check: str, words: str) -> Finding:
    return Finding(check, Verdict.OK, words)


def warn(check: str, words: str, mend: str) -> Finding:
    return Finding(check, Verdict.WARN, words, mend)


def bad(check: str, words: str, mend: str) -> Finding:
    return Finding(check, Verdict.BAD, words, mend)
