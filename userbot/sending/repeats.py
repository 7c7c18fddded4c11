"""When what did not go through is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeats:
    """The pauses before a delivery is tried again. All in seconds."""

    faults_s: Sequence[float] = (10, 20, 40, 80, 120)
    """After faults of Telegram's and time-outs (S2.8); after the last one it fails."""
    still_running_s: float = 2.0
    """While Telegram says that the first try still runs."""
    in_doubt_after_s: float = 60.0
    """So long it may say so; then the chat is looked through."""
