"""Whether Mooring is ready for its work, part by part, each in words. Nothing here waits.

An account that is down does not make it unready: for that there are alerts and metrics.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.instance import Instance
from storage.instances import Role
from storage.seats import Seat
from userbot.monitor import LOOK_EVERY_S

SILENT_AFTER_S = 3 * LOOK_EVERY_S


class Part(StrEnum):
    """What has to be well."""

    INSTANCE = "instance"
    DATABASE = "database"
    LEASE = "lease"
    MONITORS = "monitors"
    POLLING = "polling"


@dataclass(frozen=True, slots=True)
class Condition:
    is_well: bool
    words: str


@dataclass(frozen=True, slots=True)
class Health:
    role: Role
    parts: Mapping[Part, Condition]

    @property
    def is_ready(self) -> bool:
        return all(condition.is_well for condition in self.parts.values())


def judge(
    instance: Instance | None, role: Role, *, storage_trouble: str | None, now: datetime
) -> Health:
    """How it is now; `instance` None while one life has ended and the next has not begun."""
    database = _well("it answers") if storage_trouble is None else _ill(storage_trouble)
    if instance is None:
        none = _ill("no instance runs: it starts, begins anew, or ends")
        return Health(role, dict.fromkeys(Part, none) | {Part.DATABASE: database})
    ending = instance.over.is_set()
    running = _ill("it ends") if ending else _well(f"{instance.name} runs")
    parts = {
        Part.INSTANCE: running,
        Part.DATABASE: database,
        Part.LEASE: _lease(instance),
        Part.MONITORS: _monitors(instance, role, now),
        Part.POLLING: _polling(instance, role),
    }
    return Health(role, parts)


def _well(words: str) -> Condition:
    return Condition(is_well=True, words=words)


def _ill(words: str) -> Condition:
    return Condition(is_well=False, words=words)


def _lease(instance: Instance) -> Condition:
    tenure = instance.tenure
    if tenure is None:
        return _well("none is needed: this process has the database for itself")
    if tenure.lost.is_set():
        return _ill(f"it is lost: {tenure.why_lost}")
    if not tenure.may_write():
        return _ill("it is over")
    return _well(f"renewed {tenure.lease_age_s:.0f} s ago")


def _monitors(instance: Instance, role: Role, now: datetime) -> Condition:
    if not role.runs_userbots:
        return _well("none here: this instance runs the bot only")
    fleet = instance.fleet
    if fleet is None or fleet.monitor is None:
        return _ill("the userbots are being started")
    looked_at = fleet.monitor.looked_at
    silent_s = (now - (looked_at or instance.began_at)).total_seconds()
    if silent_s > SILENT_AFTER_S:
        return _ill(f"the monitor has not looked for {silent_s:.0f} s")
    return _well("not looked yet" if looked_at is None else f"looked {silent_s:.0f} s ago")


def _polling(instance: Instance, role: Role) -> Condition:
    if not role.runs_bot:
        return _well("none here: this instance runs userbots only")
    if Seat.BOT in instance.waits_for:
        return _well("another instance polls; this one stands by")
    if instance.poller is None:
        return _ill("the bot is being started")
    trouble = instance.poller.trouble
    return _well("it polls the Bot API") if trouble is None else _ill(trouble)
