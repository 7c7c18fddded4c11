"""Which deliveries a list is to show, as operators say it."""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

from storage.delivery import DeliveryState
from storage.sent import Wanted
from userbot.targets import BadTarget, parse_target


class Sent(StrEnum):
    """Which deliveries are listed."""

    ALL = "all"
    DRAFTS = "drafts"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"

    @classmethod
    @override
    def _missing_(cls, value: object) -> "Sent | None":
        """Cards call it discarded."""
        return cls.CANCELLED if value == "discarded" else None


STATES: dict[Sent, frozenset[DeliveryState]] = {
    Sent.ALL: frozenset(),
    Sent.DRAFTS: frozenset({DeliveryState.DRAFT}),
    Sent.WAITING: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.SENDING,
            DeliveryState.BOT_PENDING,
            DeliveryState.BOT_SENDING,
        }
    ),
    Sent.SENT: frozenset({DeliveryState.SENT, DeliveryState.SENT_BY_BOT}),
    Sent.FAILED: frozenset({DeliveryState.FAILED}),
    Sent.UNKNOWN: frozenset({DeliveryState.UNKNOWN}),
    Sent.CANCELLED: frozenset({DeliveryState.CANCELLED}),
}


class BadFilter(ValueError):
    """A word that says nothing about deliveries; `word` is it."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries; what is not said is all."""

    which: Sent = Sent.ALL
    account_id: int | None = None
    target: str = ""

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.account_id, self.target, STATES[self.which])


def parse(text: str) -> Filter:
    """`failed`, `@bob`, `#7`, or several of these. Raises `BadFilter`."""
    which, account_id, target = Sent.ALL, None, ""
    for word in text.split():
        if (state := _state(word)) is not None:
            which = state
        elif word.startswith("#") and word[1:].isdecimal() and len(word) < 20:
            account_id = int(word[1:])
        else:
            target = target_of(word)
    return Filter(which, account_id, target)


def _state(word: str) -> Sent | None:
    try:
        return Sent(word.lower())
    except ValueError:
        return None


def target_of(word: str) -> str:
    """Raises `BadFilter`."""
    try:
        return parse_target(word)
    except BadTarget as exc:
        raise BadFilter(word) from exc
