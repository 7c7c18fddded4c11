"""When an incident is told, and which never are. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.alert_switches import AlertKind, of_incident
from storage.alerts import Alert
from storage.incidents import FOR_OPERATORS, About

IMPORTANT_AFTER = timedelta(seconds=10)
LONG = timedelta(minutes=5)
"""The end of what lasted longer is told by a reply as well: an edit makes no sound."""
REMIND_EVERY = timedelta(days=1)
_ENDS_BY_ITSELF = frozenset(
    {
        AlertKind.PROVIDER,
        AlertKind.PROXY_COUNTRY,
        AlertKind.INSTANCE_DIED,
        AlertKind.BOT_CONFLICT,
        AlertKind.BACKUP_FAILED,
        AlertKind.ACCOUNT_FROZEN,
    }
)
"""Of what is about no account: these ends are news to whoever waits for them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds at one moment."""

    now: datetime
    after: timedelta
    """ALERT_AFTER: what heals sooner is not told."""
    off: AbstractSet[AlertKind] = frozenset()

    def is_ripe(self, alert: Alert) -> bool:
        """Whether it has lasted long enough to be told; some are told at once."""
        incident = alert.incident
        if incident.subject is not None or incident.kind in FOR_OPERATORS:
            return True
        return self._lasted(alert) >= self._patience(alert)

    def is_healed_early(self, alert: Alert) -> bool:
        """Whether it ended so soon that it need not be told any more.

        That a process died is told however soon others had its accounts connected again.
        """
        if alert.incident.kind == About.INSTANCE_DIED:
            return False
        is_over = alert.incident.closed_at is not None
        return is_over and self._lasted(alert) < self._patience(alert)

    def _patience(self, alert: Alert) -> timedelta:
        return min(IMPORTANT_AFTER, self.after) if alert.importance > 0 else self.after

    def _lasted(self, alert: Alert) -> timedelta:
        return (alert.incident.closed_at or self.now) - alert.incident.opened_at

    def is_muted(self, alert: Alert) -> bool:
        """Whether operators want to hear nothing of its account now.

        Important ones break through, and so does what can't heal by itself.
        """
        if alert.importance > 0 or alert.incident.kind in FOR_OPERATORS:
            return False
        return alert.muted_until is not None and alert.muted_until > self.now

    def is_silent(self, alert: Alert) -> bool:
        """Whether nothing new is said of it: muted, or its kind is off."""
        kind = of_incident(alert.incident.kind)
        return self.is_muted(alert) or (kind in self.off and not kind.is_fixed)

    def wants_reply(self, alert: Alert) -> bool:
        """Whether its end is worth a sound."""
        incident = alert.incident
        if incident.subject is not None and of_incident(incident.kind) not in _ENDS_BY_ITSELF:
            return False
        return self._lasted(alert) > LONG and not self.is_silent(alert)

    def wants_reminder(self, alert: Alert) -> bool:
        """Whether it is to be said (again) that only an operator can mend it.

        One that became so was told by an edit, which nobody heard.
        """
        incident = alert.incident
        if incident.kind not in FOR_OPERATORS or incident.told != "open":
            return False
        if incident.closed_at is not None or incident.message_id is None:
            return False
        said_at = incident.reminded_at
        if incident.kind == "needs_login":
            return said_at is None or said_at + REMIND_EVERY <= self.now
        return said_at is None
