"""The protocol as it should be, and the same with one rule left out at a time."""

from dataclasses import dataclass, replace

from docs.lease_model.protocol import Compare, Protocol, Seconds, in_ticks

DESIGN = Seconds(wait=15, delay=24, way=0, drift=0)
"""The design's numbers at their best: pings arrive at once, clocks agree, and the data centre
closes a second early (so that all are whole ticks of 3 s)."""
DESIGN_IN_TICKS = in_ticks(DESIGN, 3)

SMALL = Protocol(deadline=1, free=4, delay=2, way=1)
"""The least numbers with which ttl (2), margin (1), wait, delay and way can all be told apart."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One protocol to look through."""

    name: str
    protocol: Protocol
    tick_s: float = 0
    """What a tick stands for, where it stands for anything."""


def _small(name: str, **rules: bool | int | Compare) -> Variant:
    return Variant(name, replace(SMALL, **rules))  # type: ignore[arg-type]  # each by its own name


SAFE = (
    _small("as it should be"),
    _small("three instances", instances=3),
    _small("a wait too short, but no ping asks for longer", free=3, fits_delay=True),
)
SAFE_UNHEARD = _small("what ends may go unheard", ends_unheard=True)
SAFE_AFTER_FAILOVER = _small(
    "a fail-over that loses a commit", free=3, way=0, failovers=1, lost_commits=1
)

WEAKENED = (
    _small("no wait after the lease", free=2),
    _small("a wait one tick too short", free=3),
    _small("the deadline counted from the renewal's answer", deadline_from_answer=True),
    _small("a clock that stops in suspend", clock_stops_in_suspend=True),
    _small("no gate, only a timer that aborts", has_gate=False),
    _small("a gate, but no timer at the data centre", has_timer=False),
    _small("no ping in a line's first packet", pings_first=False),
    _small(
        "a late answer brings back what was held", free=3, way=0, fences_before_it_renews=False
    ),
    _small(
        "what was hung up unheard is handed over at once",
        ends_unheard=True,
        hands_over_unheard=True,
    ),
    _small(
        "others take at once what a process had that is gone",
        ends_unheard=True,
        frees_the_gone=True,
    ),
    _small("a wait one tick too short for what went unheard", free=3, ends_unheard=True),
    _small("takeover without comparing owner and epoch", compare=Compare.NOTHING),
    _small(
        "a renewal lost in a fail-over, and nobody looks at the timeline",
        failovers=1,
        lost_commits=1,
        loses_only_renewals=True,
        checks_timeline=False,
        waits_after_failover=False,
    ),
    _small(
        "a renewal lost in a fail-over, noticed by its owner, but others take over as ever",
        failovers=1,
        lost_commits=1,
        loses_only_renewals=True,
        waits_after_failover=False,
    ),
    _small(
        "a claim lost in a fail-over, noticed by its owner, but others claim at once",
        failovers=1,
        waits_after_failover=False,
    ),
    _small("not even the one packet past the gate is forgiven", counts_past_gate=True),
    Variant("the design's 15 s", DESIGN_IN_TICKS, 3),
)

THOROUGH = (
    Variant(
        "lease end + 30 s, pings within 5 s, in ticks of 5 s", in_ticks(Seconds(drift=0), 5), 5
    ),
    Variant(
        "lease end + 30 s, pings within 3 s, in ticks of 3 s",
        in_ticks(Seconds(way=3, drift=0), 3),
        3,
    ),
    Variant(
        "the design's 15 s, but no ping asks for longer",
        in_ticks(Seconds(wait=15, drift=0), 5, fits_delay=True),
        5,
    ),
    _small("three instances, larger numbers", instances=3, deadline=2, free=6, delay=3),
    _small("a fail-over that loses a commit, slow pings", failovers=1, lost_commits=1),
    _small("a fail-over, larger numbers", failovers=1, deadline=2, free=6, delay=3),
    _small("three instances, and what ends may go unheard", instances=3, ends_unheard=True),
    _small(
        "a fail-over that loses a commit, and what ends may go unheard",
        free=3,
        way=0,
        failovers=1,
        lost_commits=1,
        ends_unheard=True,
    ),
    _small("two commits lost over two ticks", failovers=1, lag=2),
    _small("nothing cut short", forgets=False),
)
