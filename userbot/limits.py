"""What a line keeps to: how long it waits for what, and what it does where nobody says otherwise."""

from asyncio import Future
from dataclasses import dataclass

LINGER_S = 33.0
"""So long after a line ended here Telegram has closed it, whatever it heard: 25 s after the last
ping, and 8 s for that ping's way and for clocks that drift."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a line waits for what. Seconds."""

    connect_s: float = 30.0
    request_s: float = 30.0
    ping_every_s: float = 15.0
    ping_answer_s: float = 10.0
    ping_retry_s: float = 5.0
    check_every_s: float = 300.0
    """How often the authorisation is proven on top of the pings (S3.3)."""
    disconnect_delay_s: int = 25
    """Telegram closes the connection when no ping came for this long."""
    linger_s: float = LINGER_S


def always() -> bool:
    """The gate where there is no lease: one process owns the data directory."""
    return True


async def nothing() -> None:
    """Where nobody wants to hear of proofs."""


async def ignored(_seconds: int) -> None:
    """Where nobody keeps waits."""


def looked_at(end: Future[object]) -> None:
    """Where nobody asks how it ended: else asyncio reports its error as never retrieved."""
    _ = end.cancelled() or end.exception()
