"""What is true at one moment: the instances, their lines, the database. All times are in ticks."""

from typing import NamedTuple

NOBODY = -1
PASSED = -1
"""Of a deadline: it is behind us, or there never was one."""
NEVER = -2
"""Of the data centre's timer: there is none, the line stays open."""
UNHEARD = -3
"""Of a line: no packet of it has reached the data centre, which knows nothing of the key."""
STALE = -1
"""An epoch that is behind every row's, so that it can't come again."""

ASKED, ANSWERED = range(2)
CLAIM, RELEASE = range(2)


class Line(NamedTuple):
    """An owner's open connection."""

    timer: int
    """Until the data centre closes it."""
    delay: int = 0
    """What the last ping asked for."""
    flight: int = PASSED
    """A ping is under way, and arrives within so many ticks or not at all."""
    holds_packet: bool = False
    """A packet is past the gate, and the process was stopped before it wrote it."""
    is_late: bool = False
    """Its timer runs by a packet that was past the gate when the deadline passed."""

    @property
    def is_open(self) -> bool:
        """Whether the data centre has it open."""
        return self.timer != UNHEARD


class Renewal(NamedTuple):
    """A renewal under way."""

    phase: int
    left: int
    """Until the deadline that it gives."""
    timeline: int = 0
    is_surprise: bool = False
    """The row is not what the instance holds."""


class Order(NamedTuple):
    """A claim or a release under way, with the row that it was decided on."""

    kind: int
    owner: int
    epoch: int
    is_orphan: bool = False
    """The instance has been fenced since: the database may still do it, nobody hears of it."""


class Instance(NamedTuple):
    """One process, as it sees itself."""

    is_stopped: bool = False
    right: int = PASSED
    """Until its deadline. PASSED: it has no lease."""
    timeline: int = 0
    renewal: Renewal | None = None
    order: Order | None = None
    mine: int | None = None
    """The epoch by which it holds the account."""
    kept: int | None = None
    """The epoch by which it held the account without a break until it met a new timeline."""
    line: Line | None = None
    left: Line | None = None
    """A line that is closed here, of which the data centre has not heard that."""
    free_in: int = 0
    """Until others could take over by the lease under which that line was closed."""


class Rows(NamedTuple):
    """What is committed."""

    owner: int
    epoch: int
    free_in: int
    """Until others may take over from the owner."""


class Doomed(NamedTuple):
    """The next fail-over brings these rows back."""

    rows: Rows
    may_lose: int
    """How many more commits."""
    lag: int
    """How many more ticks."""


class State(NamedTuple):
    """Everything."""

    instances: tuple[Instance, ...]
    rows: Rows
    doomed: Doomed | None = None
    timeline: int = 0
    grace: int = 0
    """Until claims are free again after a fail-over."""
    failovers: int = 0
    """How many may still come."""


def first(instances: int, failovers: int) -> State:
    """Nobody owns the account, nobody has a lease."""
    return State((Instance(),) * instances, Rows(NOBODY, 0, 0), failovers=failovers)
