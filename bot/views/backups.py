"""Alerts about backups that can't be made: why, what to do, and how old the last good one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.callbacks import Go, Room, below
from bot.texts import Html
from bot.views.alerts import Setting
from bot.views.view import View, age, lines, rows
from storage.incidents import Incident


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the backups were to go, and the newest that is there."""

    folder: str
    host: str
    """Empty where only one machine can be meant."""
    newest_at: datetime | None

    @classmethod
    def noted(cls, data: Mapping[str, Any], *, is_alone: bool) -> "Shelf":
        """As the journal has it."""
        newest = data.get("newest_at")
        return cls(
            str(data.get("folder") or ""),
            "" if is_alone else str(data.get("host") or ""),
            datetime.fromisoformat(newest) if newest else None,
        )


def failed(on: Setting, incident: Incident, shelf: Shelf) -> View:
    """Why, what to do about it, and what there is meanwhile."""
    t = on.t
    host = t("backup-host", host=shelf.host) if shelf.host else Html("")
    parts = [t("backup-failed", why=incident.cause, host=host, folder=shelf.folder)]
    if shelf.newest_at is None:
        parts.append(t("backup-none"))
    else:
        lasted = age(t, max(on.now, shelf.newest_at) - shelf.newest_at)
        parts.append(t("backup-newest", at=on.clock(shelf.newest_at), age=lasted))
    parts.append(t("backup-again"))
    status = below(Go(room=Room.STATUS))
    return View(lines(parts), rows([(t("button-status"), status)]))


def made_again(on: Setting, incident: Incident) -> View:
    """One was made, or none is wanted any more."""
    closed_at = incident.closed_at or on.now
    text = on.t(
        "backup-over",
        why=incident.cause,
        to=on.clock(closed_at),
        age=age(on.t, closed_at - incident.opened_at),
        **{"from": on.clock(incident.opened_at)},
    )
    return View(text)
