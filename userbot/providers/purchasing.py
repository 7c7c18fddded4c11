"""How a purchase is made so that nothing is bought twice, whatever crashes or gets lost. Pure.

A purchase is a row before it is a request, and a row makes at most one request:

1. `list()` the provider; write the row with what is held now (`held_before`), OPEN; commit.
2. `lease()`, unless `may_request` says that it is too late for it. What comes back makes the row
   BOUGHT, a definite error REFUSED; commit. One that comes too late (`is_in_time`) says nothing,
   and step 3 follows. One that comes to a row that was ABANDONED makes it BOUGHT all the same.
3. After `OutcomeUnknown` or a crash the row stays OPEN. Later: note the time, `list()`, then in
   one transaction read the open rows and the ids that are owned, `settle`, and write: `Bought`
   makes a row BOUGHT, `NotBought` makes it ABANDONED.

An account that needs a proxy gets a new row only once its last one is REFUSED or ABANDONED. The
listing of step 3 comes before the reading of the rows: a purchase that it shows has its row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from userbot.providers.protocol import Leased

START_S = 30.0
"""How long after its row a request may be made at the latest."""
GRACE_S = 180.0
"""How long after its row a purchase may still show up; more than the start and the call take."""
LATE_S = 24 * 3600.0
"""How long a purchase that was given up is still looked for."""


class State(StrEnum):
    """What is known of a purchase."""

    OPEN = "OPEN"
    """Requested, or about to be; possibly bought."""
    BOUGHT = "BOUGHT"
    """It has an id."""
    REFUSED = "REFUSED"
    """Certainly not bought: the provider said so, or nothing was sent."""
    ABANDONED = "ABANDONED"
    """Nothing was found of it. Should it show up late, it becomes BOUGHT, as a spare one."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What `settle` needs of a row."""

    id: int
    country: str
    requested_at: datetime
    """When the row was written; aware, by the clock that `now` is taken from."""
    held_before: frozenset[str]
    """The ids held at the provider just before."""
    state: State = State.OPEN

    def may_request(self, now: datetime) -> bool:
        """Whether its one request may still be made; after a standstill it may not."""
        since = now - self.requested_at
        return self.state is State.OPEN and since < timedelta(seconds=START_S)

    def may_get(self, leased: Leased) -> bool:
        """Whether that may be what it bought: it came after the row."""
        return leased.id not in self.held_before

    def is_in_time(self, now: datetime) -> bool:
        """Whether an answer still says whose purchase it was.

        One that a machine hears of when it wakes up, hours later, does not: others may have
        settled the row meanwhile, and given what it bought to another.
        """
        return now - self.requested_at < timedelta(seconds=GRACE_S)

    def is_running(self, now: datetime) -> bool:
        """Whether its request may still have an effect, or its answer still come."""
        return self.state is State.OPEN and self.is_in_time(now)

    def is_claimable(self, now: datetime) -> bool:
        """Whether `settle` should look at it: not settled, or given up not long ago."""
        if self.state is State.ABANDONED:
            return now - self.requested_at < timedelta(seconds=LATE_S)
        return self.state is State.OPEN


@dataclass(frozen=True, slots=True)
class Bought:
    """The purchase was made: money is spent, and `leased` is what there is for it.

    For a row that was given up: a spare one, to be given to the next account that needs one there.
    `leased.country` is what the provider lists, which may differ from what was asked for; whoever
    keeps it takes the row's, as with an answer that came, so that it is found and not bought again.
    """

    id: int
    leased: Leased


@dataclass(frozen=True, slots=True)
class NotBought:
    """The purchase was not made. A new row may try again."""

    id: int


@dataclass(frozen=True, slots=True)
class TooEarly:
    """Nothing can be said yet. Ask again at `at`, with a new listing."""

    id: int
    at: datetime


Verdict = Bought | NotBought | TooEarly


def settle(
    purchases: Iterable[Purchase],
    held_now: Sequence[Leased],
    *,
    owned: Collection[str],
    listed_at: datetime,
) -> list[Verdict]:
    """What became of the claimable purchases, one verdict each; other rows get none.

    `purchases` are all rows of this provider, those of other instances and those that still run
    too; `owned` the ids that other rows have. `listed_at` is when `held_now` was asked for, and
    not when it came: what it does not show may have come since.

    A row gets only an id that came after it, no id goes to two rows, and none is taken that a
    running purchase may be about to get.
    """
    rows = sorted((p for p in purchases if p.is_claimable(listed_at)), key=_age)
    running = [row for row in rows if row.is_running(listed_at)]
    quiet = [row for row in rows if not row.is_running(listed_at)]
    fresh = [leased for leased in held_now if leased.id not in owned]
    claimed = {each.id for row in running for each in fresh if row.may_get(each)}
    free = [leased for leased in fresh if leased.id not in claimed]
    found = _match(quiet, free)
    verdicts: list[Verdict] = []
    for row in rows:
        if row.is_running(listed_at):
            verdicts.append(TooEarly(row.id, row.requested_at + timedelta(seconds=GRACE_S)))
        elif row.id in found:
            verdicts.append(Bought(row.id, found[row.id]))
        elif any(each.id in claimed and row.may_get(each) for each in fresh):
            verdicts.append(TooEarly(row.id, _end(running)))
        else:
            verdicts.append(NotBought(row.id))
    return verdicts


def _end(running: Iterable[Purchase]) -> datetime:
    """When none of them runs any more."""
    return max(row.requested_at for row in running) + timedelta(seconds=GRACE_S)


def _age(row: Purchase) -> tuple[datetime, int]:
    return row.requested_at, row.id


def _match(rows: Sequence[Purchase], free: Sequence[Leased]) -> Mapping[int, Leased]:
    """As many rows as possible, each with an id of its own that came after it.

    Pending rows first, in the right country first. The provider's idea of an address's country may
    differ from what was asked for, and a purchase that was made must not be made again for that: so
    then any other. A row that was given up gets what is left in its own country only: elsewhere it
    is more likely something that the operator bought by hand.
    """
    near = {
        row.id: [e.id for e in free if row.may_get(e) and e.country == row.country] for row in rows
    }
    far = {
        row.id: [e.id for e in free if row.may_get(e) and e.country != row.country] for row in rows
    }
    pending = [row for row in rows if row.state is State.OPEN]
    taken: dict[str, Purchase] = {}
    _place(pending, near, taken)
    left = _unplaced(pending, taken)
    _place(left, near | {row.id: near[row.id] + far[row.id] for row in left}, taken)
    wide = near | {row.id: near[row.id] + far[row.id] for row in pending}
    _place(pending, wide, taken)
    _place(rows, wide, taken)
    by_id = {leased.id: leased for leased in free}
    return {row.id: by_id[leased_id] for leased_id, row in taken.items()}


def _place(
    rows: Iterable[Purchase], options: Mapping[int, list[str]], taken: dict[str, Purchase]
) -> None:
    """Find each of the rows an id among its options, where that is possible."""
    for row in _unplaced(rows, taken):
        _augment(row, options, taken, set())


def _unplaced(rows: Iterable[Purchase], taken: Mapping[str, Purchase]) -> list[Purchase]:
    placed = {row.id for row in taken.values()}
    return [row for row in rows if row.id not in placed]


def _augment(
    row: Purchase, options: Mapping[int, list[str]], taken: dict[str, Purchase], seen: set[str]
) -> bool:
    """Find the row an id, moving others to their other options if need be (Kuhn's algorithm)."""
    for leased_id in options[row.id]:
        if leased_id in seen:
            continue
        seen.add(leased_id)
        holder = taken.get(leased_id)
        if holder is None or _augment(holder, options, taken, seen):
            taken[leased_id] = row
            return True
    return False
