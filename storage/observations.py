"""What a supervisor sees of its account, and what follows from it: one change for the writer."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage import accounts, floods, incidents, journal
from storage.accounts import Observed
from storage.journal import Entry
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Observation:
    """An account's new state. The supervisor goes on; the row follows when the disk allows."""

    account_id: int
    seen: Observed
    is_online: bool = False
    came_from: str | None = None
    """The state before, where it is another: that goes to the journal."""
    opens: str | None = None
    """The kind of incident that it opens, or renews."""
    closes: bool = False
    """Whether it ends the account's incident."""
    may_connect_at: datetime | None = None
    """Until when Telegram wants no connection of the account."""
    over: Mapping[str, str | int] = field(default_factory=dict)
    """The proxy and the latency, as the journal tells them."""

    @property
    def key(self) -> Hashable:
        return "account", self.account_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Observation"]) -> Sequence[None]:
        """Of an account that moved several times, its last state is kept and the whole story."""
        await accounts.set_all_observed(tx, {c.account_id: c.seen for c in changes})
        online = {c.account_id: c.seen.since for c in changes if c.is_online}
        await accounts.set_last_online(tx, online)
        for change in changes:
            if change.may_connect_at is not None:
                until = change.may_connect_at
                await floods.store(tx, change.account_id, floods.CONNECTING, until)
        await _tell(tx, changes)
        await journal.note_all(tx, [_entry(c) for c in changes if c.came_from is not None])
        return [None] * len(changes)


async def _tell(tx: Tx, changes: Sequence[Observation]) -> None:
    """Open and close incidents in the order of what was seen."""
    closing: set[int] = set()
    for change in changes:
        if change.opens is not None:
            await incidents.close_open(tx, *closing)
            closing.clear()
            await incidents.open_one(
                tx, account_id=change.account_id, kind=change.opens, cause=change.seen.reason
            )
        elif change.closes and change.seen.state == "STOPPED":
            await incidents.close_open(tx, change.account_id, ending=incidents.Ending.STOPPED)
        elif change.closes:
            closing.add(change.account_id)
    await incidents.close_open(tx, *closing)


def _entry(change: Observation) -> Entry:
    return Entry(
        change.seen.since,
        f"state.{change.seen.state.lower()}",
        change.account_id,
        "mooring",
        change.seen.reason,
        {"from": change.came_from, "attempt": change.seen.attempt, **change.over},
    )
