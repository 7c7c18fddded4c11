"""What a row of the fault matrix says: the fault, and what becomes of an account and a message."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from sandbox.datacentre.faults import Faults
from sandbox.datacentre.hazards import HazardKind
from sandbox.faults import Fault
from sandbox.proxies.faults import ProxyFaults
from tests.faults.fleet import Fleet
from userbot.states import State


class Moment(StrEnum):
    """When the fault strikes."""

    IDLE = "idle"
    """The account is connected, and nothing goes on."""
    SENDING = "mid-send"
    """A message has been handed to the line, and its answer has not come."""
    CONNECTING = "mid-connect"
    """The line has dropped, and the fault is there when it is dialled anew."""
    RECOVERING = "during recovery"
    """The fault is there when five accounts start."""


class Fate(StrEnum):
    """What becomes of a message."""

    SENT = "sent, once"
    LATER = "waits; sent once when the fault is over"
    BOT = "goes to the bot, with the reason"
    HELD = "waits for the login: it may have been sent"


class Noticed(StrEnum):
    """How a line that is up learns of the fault."""

    AT_ONCE = "at once"
    BY_PINGS = "by the pings"
    BY_NEXT_PING = "by the next ping"
    BY_CHECK = "by the check"
    BY_A_SEND = "by the next message"
    NOT_AT_ALL = "not at all"


class Back(Enum):
    """How the account comes back when the fault is over."""

    STAYS = 0
    """It never went."""
    AT_ONCE = 1
    """The first dial, which waits for no schedule."""
    BY_SCHEDULE = 2
    SLOWLY = 3
    """On the slow half of the schedule."""
    AFTER_THE_WAIT = 4
    BY_OPERATOR = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be seen while the fault is there."""

    fate: Fate
    state: State | None = None
    """What the journal says that the account became; None: its line stays, or comes up."""
    reads: str = ""
    """The reason, as an operator reads it."""
    detour: str = ""
    """Why the bot sends instead, in an operator's words."""
    is_refused: bool = False
    """Whether Telegram refused the message itself, so that the bot need not wait."""


SetFault = Callable[[Fleet, Moment], Awaitable[Fault | None]]
Outcomes = Mapping[Moment, Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault."""

    name: str
    group: str
    does: str
    """What Mooring does about it: one sentence of the document."""
    set_fault: SetFault
    outcomes: Outcomes
    noticed: Noticed
    back: Back
    ends: State = State.ONLINE
    """What the account is when the fault has been lifted."""
    is_personal: bool = True
    """Whether it concerns the first account only, and the others come up undisturbed."""
    knows_target: bool = True
    """Whether the account has met the receiver before."""
    later: float = 0.0
    """Seconds that pass at once while the fault is there."""
    heals: bool = False
    """Whether it is over by itself: nobody lifts it."""
    hazards: frozenset[HazardKind] = frozenset()
    """What the fault itself brings about."""
    lacks: Mapping[Moment, str] = field(default_factory=dict)
    """Where it is not so yet, and what is amiss."""
    short: frozenset[Moment] = frozenset()
    """The moments that every run of the tests has; the others are in the full matrix."""


def everywhere(outcome: Outcome, **changed: Outcome) -> Outcomes:
    """The same at every moment, but for those named (`idle`, `sending`, …)."""
    return {moment: changed.get(moment.name.lower(), outcome) for moment in Moment}


def datacentre(place: Callable[[Faults, int], Fault]) -> SetFault:
    """A fault of the data centre; `place` is given the first account's user."""

    async def set_fault(fleet: Fleet, _: Moment) -> Fault | None:
        return place(fleet.datacentre.faults, fleet.first.person.id)

    return set_fault


def proxy(place: Callable[[ProxyFaults], Fault]) -> SetFault:
    """A fault of the proxy."""

    async def set_fault(fleet: Fleet, _: Moment) -> Fault | None:
        return place(fleet.proxy.faults)

    return set_fault
