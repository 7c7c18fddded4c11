"""Faults of API calls that time heals: flood waits, slow mode, a first call that still runs."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from typing_extensions import override

from sandbox.datacentre.dispatcher import Asked, RpcFailure
from sandbox.datacentre.faults.calls import CallFault, CallFaults
from sandbox.datacentre.hazards import HazardKind, Hazards
from sandbox.datacentre.input_peers import stated_id
from sandbox.world import World
from sandbox.world.messages import Message

_SEND = "messages.sendM*"
"""messages.sendMessage, .sendMedia and .sendMultiMedia."""


class WaitFault(CallFault):
    """A wait for each caller, from their first call on; it is over by itself."""

    kind = "wait"

    def __init__(
        self,
        method: str,
        *,
        seconds: int,
        text: str,
        user_id: int | None,
        peer_id: int | None = None,
        world: World,
        hazards: Hazards,
    ) -> None:
        super().__init__(method, user_id=user_id)
        self.seconds = seconds
        self.text = text
        self.peer_id = peer_id
        self._now = world.now
        self._hazards = hazards
        self._until: dict[int, datetime] = {}
        self._refused: set[tuple[int, bytes]] = set()

    @override
    def applies(self, asked: Asked) -> bool:
        return super().applies(asked) and self.peer_id in {None, _peer_id(asked)}

    @override
    def before(self, asked: Asked) -> None:
        now, who = self._now(), asked.user_id or asked.key_id
        until = self._until.get(who)
        if until is None:
            until = self._until[who] = now + timedelta(seconds=self.seconds)
        elif now >= until:
            self._is_over()
            return
        left = ceil((until - now).total_seconds())
        self._judge(asked, who, now - until + timedelta(seconds=self.seconds), left)
        self.strike()
        raise RpcFailure(420, f"{self.text}_{left}")

    def _judge(self, asked: Asked, who: int, since: timedelta, left: int) -> None:
        """A call is a hazard if the caller can have known, or says again what was refused."""
        again = (who, bytes(asked.request))
        if again in self._refused or since > self._hazards.under_way:
            words = f"{asked.name} with {left} s of {self.text} left"
            self._hazards.note(HazardKind.WAIT_IGNORED, asked.user_id, words)
        self._refused.add(again)

    def _is_over(self) -> None:
        if self.user_id is not None:
            self.lift()

    @override
    def details(self) -> dict[str, Any]:
        until = {str(who): at.isoformat() for who, at in self._until.items()}
        own = {"seconds": self.seconds, "text": self.text, "peer": self.peer_id, "until": until}
        return super().details() | own


class FirstCallRuns(CallFault):
    """A repeated random_id gets RANDOM_ID_DUPLICATE, as long as the first call is said to run."""

    kind = "first_call_runs"

    def __init__(
        self,
        *,
        calls: int | None,
        seconds: float | None,
        random_id: int | None,
        user_id: int | None,
        world: World,
    ) -> None:
        super().__init__(_SEND, times=calls, user_id=user_id)
        self.seconds = seconds
        self.random_id = random_id
        self._world = world

    @override
    def before(self, asked: Asked) -> None:
        first = self._first(asked)
        if first is None:
            return
        ran_s = (self._world.now() - first.date).total_seconds()
        if self.seconds is None or ran_s < self.seconds:
            self.strike()
            raise RpcFailure(500, "RANDOM_ID_DUPLICATE")

    def _first(self, asked: Asked) -> Message | None:
        """A message that was sent with a random_id of this call."""
        items = getattr(asked.request, "multi_media", [asked.request])
        at = asked.user_id or 0, _peer_id(asked) or 0
        ids = [item.random_id for item in items if self.random_id in {None, item.random_id}]
        found = (self._world.messages.sent_with(*at, random_id) for random_id in ids)
        return next((message for message in found if message), None)

    @override
    def details(self) -> dict[str, Any]:
        own = {"seconds": self.seconds, "random_id": self.random_id}
        return super().details() | own


class WaitFaults(CallFaults):
    def flood_wait(self, method: str, seconds: int, user_id: int | None = None) -> WaitFault:
        """FLOOD_WAIT with the seconds left, once for each caller, from their first call on.

        A call before the wait is over goes into the hazard log.
        """
        return self._wait(method, seconds=seconds, text="FLOOD_WAIT", user_id=user_id)

    def slow_mode(self, peer_id: int, seconds: int, user_id: int | None = None) -> WaitFault:
        """SLOWMODE_WAIT on messages to that peer, counted as a flood wait is."""
        return self._wait(
            _SEND, seconds=seconds, text="SLOWMODE_WAIT", user_id=user_id, peer_id=peer_id
        )

    def first_call_runs(
        self,
        *,
        calls: int | None = None,
        seconds: float | None = None,
        random_id: int | None = None,
        user_id: int | None = None,
    ) -> FirstCallRuns:
        """RANDOM_ID_DUPLICATE to repeats of a sent message, so many times or for so long.

        The seconds count from the first call. After them, a repeat gets the message that was
        sent. The first call is answered, unless `drop_reply` is set too.
        """
        fault = FirstCallRuns(
            calls=calls,
            seconds=seconds,
            random_id=random_id,
            user_id=user_id,
            world=self._dc.world,
        )
        return self.place(fault)

    def _wait(
        self,
        method: str,
        *,
        seconds: int,
        text: str,
        user_id: int | None,
        peer_id: int | None = None,
    ) -> WaitFault:
        fault = WaitFault(
            method,
            seconds=seconds,
            text=text,
            user_id=user_id,
            peer_id=peer_id,
            world=self._dc.world,
            hazards=self._dc.hazards,
        )
        return self.place(fault)


def _peer_id(asked: Asked) -> int | None:
    return stated_id(getattr(asked.request, "peer", None), asked.user_id)
