"""Lines that have ended here, and that Telegram may have open yet."""

import time

from userbot.limits import Limits
from userbot.line import Line


class Lingering:
    """Of one account: until when Telegram's own timer may not have closed what it never heard end.

    The account's own next line does not wait for that: it is a reconnect, and what ended here says
    nothing more. Another instance waits.
    """

    __slots__ = ("_limits", "_until")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._until = 0.0

    def ended(self, line: Line) -> None:
        """The line is about to be closed."""
        if line.may_linger:
            self._until = time.monotonic() + self._limits.linger_s

    @property
    def is_any(self) -> bool:
        return time.monotonic() < self._until
