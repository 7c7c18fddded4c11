"""Slow mode of a group: core.telegram.org/api/channel, SLOWMODE_WAIT_X of messages.sendMessage."""

from datetime import datetime
from math import ceil

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.hazards import HazardKind, Hazards
from sandbox.world.chats import Chat


class SlowMode:
    """Refuses what comes too soon; who was told of a wait and asks again is a hazard."""

    def __init__(self, hazards: Hazards) -> None:
        self._hazards = hazards
        self._told: dict[tuple[int, int], tuple[datetime, datetime]] = {}
        """By chat and user: until when they are to wait, and when they learned of it."""

    def check(self, chat: Chat, user_id: int, now: datetime) -> None:
        """SLOWMODE_WAIT with the seconds left, raised."""
        until = chat.slow_until(user_id)
        if until is None or now >= until:
            return
        left, at = ceil((until - now).total_seconds()), (chat.id, user_id)
        told = self._told.get(at)
        if told is None or told[0] != until:
            self._told[at] = (until, now)
        elif now - told[1] > self._hazards.under_way:
            words = f"a message to {chat.id} with {left} s of SLOWMODE_WAIT left"
            self._hazards.note(HazardKind.WAIT_IGNORED, user_id, words)
        raise RpcFailure(420, f"SLOWMODE_WAIT_{left}")
