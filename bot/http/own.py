"""The figures of this instance alone: its accounts, its lines, its loop. Each exports its own."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from prometheus_client.core import InfoMetricFamily
from prometheus_client.metrics_core import Metric

from bot.http.families import Labelled, by, counters, gauge, gauges, histogram
from bot.http.health import Health
from bot.instance import Instance
from storage.database import Database
from storage.timings import Timings
from userbot.registry import Registry
from userbot.states import State
from userbot.tallies import CAUSES, Tallies


@dataclass(frozen=True, slots=True)
class Seen:
    """What the figures are read from."""

    health: Health
    instance: Instance | None
    database: Database
    lag: Timings
    heartbeat: bool | None
    """Whether the last call of HEARTBEAT_URL was heard; None where there was none."""
    now: datetime


def families(seen: Seen) -> Iterator[Metric]:
    yield from _instance(seen)
    yield from _seats(seen.instance)
    fleet = seen.instance.fleet if seen.instance else None
    yield from _accounts(fleet.registry if fleet else ())
    yield from _happened(fleet.registry if fleet else None)
    yield from _storage(seen.database)
    text = "How late the loop wakes a task; what is slow here delays every line."
    yield histogram("event_loop_lag_seconds", text, {"": seen.lag})


def _instance(seen: Seen) -> Iterator[Metric]:
    about = {"version": version("mooring"), "role": str(seen.health.role)}
    if seen.instance:
        about["instance_id"] = seen.instance.name
    info = InfoMetricFamily("mooring", "What runs here.")
    info.add_metric([], about)
    yield info
    yield gauge("ready", "1 while /readyz says yes.", seen.health.is_ready)
    parts: Labelled = {(str(part),): float(c.is_well) for part, c in seen.health.parts.items()}
    yield gauges("part_ready", "1 while this part of it is well.", ("part",), parts)
    began_at = seen.instance.began_at.timestamp() if seen.instance else None
    yield gauge("instance_start_time_seconds", "When this instance began; Unix time.", began_at)
    text = "1 where the last call of HEARTBEAT_URL was heard."
    yield gauge("heartbeat_heard", text, seen.heartbeat)
    monitor = seen.instance.fleet.monitor if seen.instance and seen.instance.fleet else None
    looked_at = monitor.looked_at if monitor else None
    age_s = (seen.now - looked_at).total_seconds() if looked_at else None
    yield gauge("monitor_age_seconds", "How long ago the slow monitor looked.", age_s)


def _seats(instance: Instance | None) -> Iterator[Metric]:
    tenure = instance.tenure if instance else None
    holds = tenure is not None and tenure.may_write()
    text = "How long ago the lease was renewed (PostgreSQL only)."
    yield gauge("lease_age_seconds", text, tenure.lease_age_s if tenure and holds else None)
    poller = instance.poller if instance else None
    keeps_house = bool(instance and instance.fleet and instance.fleet.keeps_house)
    seats = {"bot": float(poller is not None), "house": float(keeps_house)}
    text = "1 where this instance does what only one of them does."
    yield gauges("seat", text, ("seat",), by(seats))
    polls = None if poller is None else float(poller.trouble is None)
    yield gauge(
        "polling_up", "1 while the Bot API gives us updates; of the one that polls.", polls
    )


def _accounts(userbots: Registry | tuple[()]) -> Iterator[Metric]:
    states: Counter[str] = Counter(dict.fromkeys(State, 0))
    frozen = 0
    for userbot in userbots:
        states[userbot.status.state] += 1
        frozen += userbot.status.is_frozen
    if isinstance(userbots, Registry):
        states[State.STOPPED] += userbots.asleep
    text = "Accounts that this instance runs, by state."
    yield gauges("accounts", text, ("state",), {(str(s),): n for s, n in states.items()})
    yield gauge("accounts_frozen", "Those of them that Telegram froze.", frozen)


def _happened(registry: Registry | None) -> Iterator[Metric]:
    tallies = registry.tallies if registry else Tallies()
    moves: Labelled = {(str(a), str(b)): float(n) for (a, b), n in tallies.moves.items()}
    text = "Changes of accounts' states."
    yield counters("state_transitions", text, ("before", "after"), moves)
    text = "Lines that came up, by what kept them down before (asked: nothing did)."
    yield counters("reconnects", text, ("cause",), _each(tallies.reconnects))
    text = "Lines that ended and attempts that failed, by cause."
    yield counters("line_failures", text, ("cause",), _each(tallies.failures))
    text = "Round trips of pings over accounts' lines."
    yield histogram("ping_latency_seconds", text, {"": tallies.pings})


def _each(counted: Counter[str]) -> dict[tuple[str, ...], float]:
    """All causes, also those of which there was none: a rate needs the zero before the one."""
    return {(str(cause),): float(counted[cause]) for cause in CAUSES}


def _storage(database: Database) -> Iterator[Metric]:
    timings = {
        "write": database.timings.write,
        "read": database.timings.read,
        "commit": database.timings.commit,
    }
    text = "Transactions from asking to end, and COMMIT alone."
    yield histogram("storage_seconds", text, timings, "operation")
    yield gauge(
        "storage_queue", "Changes that wait for the group-commit writer.", database.writer.waiting
    )
