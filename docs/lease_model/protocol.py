"""The protocol's numbers and rules; each rule can be left out, to see what it is there for."""

from dataclasses import dataclass
from enum import Enum
from math import ceil, floor


class Compare(Enum):
    """What a write about the account's row is compared with."""

    OWNER_AND_EPOCH = "owner and epoch"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Seconds:
    """The numbers as they stand in the design."""

    ttl: float = 15
    """A lease ends so long after the database did the renewal."""
    margin: float = 3
    """The instance's own deadline is so much shorter, and counts from before it asked."""
    wait: float = 30
    """Others take over so long after the end of the lease."""
    delay: float = 25
    """`ping_delay_disconnect`: the data centre closes a line so long after the last ping came."""
    way: float = 5
    """The longest from the gate to the data centre; what is slower does not arrive."""
    drift: float = 1
    """The most that a clock is out over the longest of these periods."""

    @property
    def missing(self) -> float:
        """How much the wait is too short; the invariant needs that this is not above zero."""
        closed_at = (self.ttl - self.margin) + self.way + self.delay + 2 * self.drift
        taken_at = self.ttl + self.wait - self.drift
        return closed_at - taken_at


@dataclass(frozen=True, slots=True)
class Protocol:
    """Numbers in ticks, the rules, and what may go wrong."""

    deadline: int
    """From before the renewal is sent until the gate closes."""
    free: int
    """From a renewal until others may take over: ttl and wait."""
    delay: int
    way: int

    deadline_from_answer: bool = False
    """Count the deadline from the renewal's answer."""
    clock_stops_in_suspend: bool = False
    """Take CLOCK_MONOTONIC for the deadline."""
    has_gate: bool = True
    """Ask for the deadline in every write, not only by a timer that aborts the lines."""
    has_timer: bool = True
    """Let the data centre close lines by ping_delay_disconnect."""
    pings_first: bool = True
    """Let the first packet of a line carry a ping."""
    fences_before_it_renews: bool = True
    """A renewal that is answered after the deadline does not bring back what was held before."""
    fits_delay: bool = False
    """Ask for no longer delay than until somebody else may take over."""
    compare: Compare = Compare.OWNER_AND_EPOCH
    checks_timeline: bool = True
    """Fence when a renewal meets another timeline than the last one did."""
    ends_unheard: bool = False
    """Let lines drop, and let the data centre not hear of it where one is closed or drops."""
    hands_over_unheard: bool = False
    """Hand over also what the data centre may have open, since it did not hear it hang up."""
    frees_the_gone: bool = False
    """Let others take at once what a process had that is gone."""
    waits_after_failover: bool = True
    """On a new timeline nobody claims for ttl + wait but what it held without a break."""
    counts_past_gate: bool = False
    """Count a line too that is open only by the one packet that was past the gate."""

    forgets: bool = True
    """An instance that holds and wants nothing lets its lease go at the next tick."""
    instances: int = 2
    failovers: int = 0
    lost_commits: int = 2
    """The most that one fail-over loses."""
    loses_only_renewals: bool = False
    """The first commit that is lost is a renewal."""
    lag: int = 0
    """The most ticks from the first commit that is lost to the fail-over."""


def in_ticks(numbers: Seconds, tick: float, **rules: bool | int | Compare) -> Protocol:
    """The protocol at so many seconds a tick, every rounding and all drift to the worse side."""
    return Protocol(
        deadline=ceil((numbers.ttl - numbers.margin + numbers.drift) / tick),
        free=floor((numbers.ttl + numbers.wait - numbers.drift) / tick),
        delay=ceil((numbers.delay + numbers.drift) / tick),
        way=ceil(numbers.way / tick),
        **rules,  # type: ignore[arg-type]  # each by its own name
    )
