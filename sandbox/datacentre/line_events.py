"""What a data centre tells its listeners of connections, as it happens."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection


class LineEvent(StrEnum):
    CONNECTED = "connected"
    """A connection shows a key that it has not shown before."""
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    """By the client's own wish."""
    CLOSED = "closed"
    """`end_cause` says why, where the data centre ended it."""


LineListener = Callable[[LineEvent, "Connection"], None]
