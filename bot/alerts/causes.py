"""What accounts that are down have in common. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.alerts.rules import Rules
from storage.alerts import NO_PROXY, Alert
from storage.incidents import NETWORK, TELEGRAM, proxy_subject
from userbot.origins import Origin, origin_of

MANY = 3
"""From so many accounts on one cause is one message."""
SHARED = frozenset({"offline", "failed"})
"""Kinds of incidents that may have a cause in common."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Incidents that are to share a message from now on."""

    cause_key: str
    numbers: tuple[int, ...]
    place: tuple[int, int] | None
    """The message that others of the same cause have already."""


def cause_keys(down: Sequence[Alert], carried: Mapping[int, int]) -> dict[int, str]:
    """What each of these incidents waits for, by its number; its own trouble is not in it.

    `carried` says how many lines are up by proxy. Where nothing is up at all and several ways
    fail alike, it is what they have in common: the network before the proxies, or Telegram behind
    them.
    """
    origins = {a.incident.id: origin_of(a.incident.cause) for a in down}
    shared = [a for a in down if origins[a.incident.id] is not Origin.OWN]
    met = set(origins.values()) - {Origin.OWN}
    if not any(carried.values()) and len({a.route for a in shared}) > 1:
        if met <= {Origin.SILENT, Origin.DROPPED}:
            return dict.fromkeys((a.incident.id for a in shared), NETWORK)
        if met <= {Origin.BEYOND, Origin.TELEGRAM, Origin.DROPPED}:
            return dict.fromkeys((a.incident.id for a in shared), TELEGRAM)
    found = {
        a.incident.id: _key(origins[a.incident.id], a.route, has_lines=bool(carried.get(a.route)))
        for a in shared
    }
    return {number: key for number, key in found.items() if key is not None}


def _key(origin: Origin, route: int, *, has_lines: bool) -> str | None:
    """What one of them waits for; `has_lines`: others of its proxy are connected."""
    match origin:
        case Origin.TELEGRAM:
            return TELEGRAM
        case Origin.BEYOND if has_lines or route == NO_PROXY:
            return TELEGRAM
        case Origin.SILENT | Origin.DROPPED if has_lines:
            return None
        case _ if route == NO_PROXY:
            return NETWORK
        case _:
            return proxy_subject(route)


def joinings(
    alerts: Sequence[Alert], carried: Mapping[int, int], rules: Rules
) -> Sequence[Joining]:
    """Who is to share a message: with those that have one, or because there are many now."""
    down = [a for a in alerts if a.incident.closed_at is None and a.incident.kind in SHARED]
    fresh = [a for a in down if _is_free(a) and not rules.is_muted(a)]
    if not fresh:
        return []
    keys = cause_keys(down, carried)
    by_key: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in fresh:
        if key := keys.get(alert.incident.id):
            by_key[key].append(alert)
    places = _places(down)
    found = [_joining(key, together, places, rules) for key, together in by_key.items()]
    return [joining for joining in found if joining.numbers]


def _joining(
    key: str,
    together: Sequence[Alert],
    places: Mapping[str, tuple[int, int] | None],
    rules: Rules,
) -> Joining:
    ripe = [a for a in together if rules.is_ripe(a)]
    if key in places:
        return Joining(key, tuple(a.incident.id for a in ripe), places[key])
    joined = together if ripe and len(together) >= MANY else ()
    return Joining(key, tuple(a.incident.id for a in joined), None)


def _is_free(alert: Alert) -> bool:
    return alert.incident.cause_key is None and alert.incident.message_id is None


def _places(down: Sequence[Alert]) -> Mapping[str, tuple[int, int] | None]:
    """Where those that wait together have their message; None: nowhere yet."""
    places: dict[str, tuple[int, int] | None] = {}
    for incident in (a.incident for a in down):
        if incident.cause_key is None:
            continue
        if incident.chat_id is not None and incident.message_id is not None:
            places[incident.cause_key] = (incident.chat_id, incident.message_id)
        else:
            places.setdefault(incident.cause_key, None)
    return places
