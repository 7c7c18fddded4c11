"""What the chat is to be told next, and in which order. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.alerts.rules import Rules
from storage.alert_switches import AlertKind
from storage.alerts import Alert
from storage.incidents import FOR_OPERATORS


class Rank(IntEnum):
    """The lower, the sooner: the Bot API may bear only one at a time."""

    FOR_OPERATORS = 0
    OUTAGE = 1
    IMPORTANT = 2
    DOWN = 3
    REMINDER = 4
    END = 5
    PROGRESS = 6


@dataclass(frozen=True, slots=True)
class Tell:
    """One incident's message is to say how it is now."""

    alert: Alert
    rank: Rank

    @property
    def key(self) -> tuple[object, ...]:
        return ("incident", self.alert.incident.id)


@dataclass(frozen=True, slots=True)
class TellTogether:
    """The message of many incidents with one cause is to say how they are now."""

    cause_key: str
    members: tuple[Alert, ...]
    rank: Rank

    @property
    def key(self) -> tuple[object, ...]:
        return ("outage", self.cause_key, self.place)

    @property
    def place(self) -> tuple[int, int] | None:
        """Where its message is."""
        first = self.members[0].incident
        if first.chat_id is None or first.message_id is None:
            return None
        return first.chat_id, first.message_id

    @property
    def is_over(self) -> bool:
        return all(a.incident.closed_at is not None for a in self.members)

    @property
    def numbers(self) -> list[int]:
        return [a.incident.id for a in self.members]


@dataclass(frozen=True, slots=True)
class Remind:
    """Say aloud that only an operator can mend it."""

    alert: Alert
    rank: Rank = Rank.REMINDER

    @property
    def key(self) -> tuple[object, ...]:
        return ("reminder", self.alert.incident.id)


Act = Tell | TellTogether | Remind


@dataclass(frozen=True, slots=True)
class Plan:
    acts: Sequence[Act]
    """The most urgent first."""
    unsaid: Sequence[int]
    """Incidents that have ended, and that nobody is to hear of."""


def make_plan(alerts: Sequence[Alert], rules: Rules) -> Plan:
    """What is to be said of these incidents."""
    acts: list[Act] = []
    unsaid: list[int] = []
    for alert in (a for a in alerts if a.incident.cause_key is None):
        if alert.incident.message_id is None and _is_unheard(alert, rules):
            if alert.incident.closed_at is not None:
                unsaid.append(alert.incident.id)
        elif rules.wants_reminder(alert):
            acts.append(Remind(alert))
        elif _is_news(alert, rules):
            acts.append(Tell(alert, _rank(alert)))
    for together in _together(alerts):
        if together.place is None and _is_nothing(together, rules):
            unsaid += together.numbers if together.is_over else []
        else:
            acts.append(together)
    return Plan(sorted(acts, key=lambda act: act.rank), unsaid)


def _is_unheard(alert: Alert, rules: Rules) -> bool:
    return rules.is_silent(alert) or rules.is_healed_early(alert)


def _is_news(alert: Alert, rules: Rules) -> bool:
    if alert.incident.closed_at is not None:
        return True
    return alert.incident.told == "" and rules.is_ripe(alert)


def _is_nothing(together: TellTogether, rules: Rules) -> bool:
    """Nobody was told of it, and nobody is to be."""
    if AlertKind.OUTAGE in rules.off:
        return True
    return together.is_over and all(rules.is_healed_early(a) for a in together.members)


def _rank(alert: Alert) -> Rank:
    if alert.incident.closed_at is not None:
        return Rank.END
    if alert.incident.kind in FOR_OPERATORS:
        return Rank.FOR_OPERATORS
    return Rank.IMPORTANT if alert.importance > 0 else Rank.DOWN


def _together(alerts: Sequence[Alert]) -> list[TellTogether]:
    """Those that share a message; those that are to share their first one, too."""
    by_message: defaultdict[tuple[str, int | None, int | None], list[Alert]] = defaultdict(list)
    for alert in alerts:
        incident = alert.incident
        if incident.cause_key is not None:
            key = (incident.cause_key, incident.chat_id, incident.message_id)
            by_message[key].append(alert)
    found = []
    for (cause_key, _, message_id), members in by_message.items():
        is_over = all(a.incident.closed_at is not None for a in members)
        going_on = Rank.OUTAGE if message_id is None else Rank.PROGRESS
        found.append(TellTogether(cause_key, tuple(members), Rank.END if is_over else going_on))
    return found
