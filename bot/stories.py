"""All that a delivery's card tells, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from storage import accounts, attachments, deliveries, names, preferences
from storage.attachments import Attachment
from storage.delivery import Delivery, DeliveryState
from storage.tx import Tx

GONE = frozenset({DeliveryState.SENT, DeliveryState.SENT_BY_BOT})


@dataclass(frozen=True, slots=True)
class Story:
    """A delivery with the parts of its text, its files, and what everybody is called."""

    parts: Sequence[Delivery]
    """In order, the first of them the delivery itself; never empty."""
    sender: accounts.Account | None = None
    files: Sequence[Attachment] = ()
    people: Mapping[int, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    is_paused: bool = False
    """Whether an operator holds all sending."""

    @property
    def head(self) -> Delivery:
        return self.parts[0]

    @property
    def current(self) -> Delivery:
        """The part that is to go out next; the last one where all have gone out."""
        return next((part for part in self.parts if part.state not in GONE), self.parts[-1])

    @property
    def gone(self) -> int:
        """How many parts have gone out."""
        return sum(part.state in GONE for part in self.parts)

    @property
    def standing(self) -> Sequence[Delivery]:
        """The parts that are out and have not been deleted."""
        return [p for p in self.parts if p.state in GONE and p.deleted_at is None]

    def name_of(self, person: int) -> str:
        return self.people.get(person, str(person))


async def story_of(tx: Tx, delivery_id: int, zone: tzinfo) -> Story | None:
    """The story of a delivery, or of that which it is a part of; None where it is gone."""
    found = await deliveries.get(tx, delivery_id)
    if found is None:
        return None
    parts = await deliveries.parts(tx, found.head_id or found.id)
    if not parts:
        return None
    head = parts[0]
    paused = await preferences.get(tx, preferences.PAUSED)
    who = {person for person in (head.ordered_by, head.acted_by) if person is not None}
    return Story(
        parts,
        await accounts.get(tx, head.account_id),
        await attachments.of(tx, head.id),
        await names.of(tx, who),
        zone,
        is_paused=paused is not None and bool(paused.value),
    )
