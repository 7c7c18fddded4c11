"""Tells systemd how we are (`sd_notify(3)`): ready, turning, stopping. Elsewhere nothing is told."""

import asyncio
import os
import socket
from collections.abc import Callable, MutableMapping

from loguru import logger

EVERY_S = 15.0
"""How often it hears how many accounts are connected, where it wants no watchdog fed."""


class Notifier:
    """One datagram for each message, sent without waiting: what is not taken is said again."""

    def __init__(self, address: str, watchdog_s: float | None = None) -> None:
        # "@" stands for the zero byte of an abstract address.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_s = watchdog_s
        self._owes_ready = False

    @property
    def every_s(self) -> float:
        """Three messages to each time that the watchdog waits."""
        return EVERY_S if self._watchdog_s is None else self._watchdog_s / 3

    def ready(self) -> None:
        """Without it the start fails in the end: `keep` says it again until it was taken."""
        self._owes_ready = not self._say("READY=1")

    def stopping(self) -> None:
        self._owes_ready = False
        self._say("STOPPING=1", "STATUS=finishing what is under way, closing the lines")

    async def keep(self, status: Callable[[], str]) -> None:
        """Feed the watchdog for as long as the loop turns; it ends what hangs."""
        while True:
            owed = ["READY=1"] if self._owes_ready else []
            feed = [] if self._watchdog_s is None else ["WATCHDOG=1"]
            if self._say(*owed, *feed, f"STATUS={status()}"):
                self._owes_ready = False
            await asyncio.sleep(self.every_s)

    def _say(self, *lines: str) -> bool:
        """Whether it was taken, or nobody wants to hear it."""
        if not self._address:
            return True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, self._address)
        except OSError as exc:
            logger.bind(event="notify.failed").debug("systemd was not told: {}", exc)
            return False
        return True


def notifier(environment: MutableMapping[str, str] = os.environ) -> Notifier:
    """The one that the environment asks for. It is taken out: our children do not speak for us."""
    address = environment.pop("NOTIFY_SOCKET", "")
    every_us = environment.pop("WATCHDOG_USEC", "")
    meant = environment.pop("WATCHDOG_PID", str(os.getpid()))
    is_ours = every_us.isdigit() and int(every_us) > 0 and meant == str(os.getpid())
    return Notifier(address, int(every_us) / 1_000_000 if is_ours else None)
