"""What accounts that are down have in common. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.alerts.rules import Rules
from storage.alerts import NO_PROXY, Alert
from storage.incidents import NETWORK, TELEGRAM, instance_network, proxy_subject
from userbot.origins import Origin, origin_of

MANY = 3
"""From so many accounts on one cause is one message."""
SHARED = frozenset({"offline", "failed"})
"""Kinds of incidents that may have a cause in common."""
NONE: Mapping[str, int] = MappingProxyType({})
_NETWORKS = {Origin.SILENT, Origin.DROPPED}
_TELEGRAMS = {Origin.BEYOND, Origin.TELEGRAM, Origin.DROPPED}


@dataclass(frozen=True, slots=True)
class Joining:
    """Incidents that are to share a message from now on."""

    cause_key: str
    numbers: tuple[int, ...]
    place: tuple[int, int] | None
    """The message that others of the same cause have already."""


def cause_keys(
    down: Sequence[Alert], carried: Mapping[int, int], lines: Mapping[str, int] = NONE
) -> dict[int, str]:
    """What each of these incidents waits for, by its number; its own trouble is not in it.

    `carried` says how many lines are up by proxy, `lines` how many by instance. Where nothing is
    up at all and several ways fail alike, it is what they have in common: the network before the
    proxies, or Telegram behind them. Where that is so at one instance alone, it is its network.
    """
    origins = {a.incident.id: origin_of(a.incident.cause) for a in down}
    shared = [a for a in down if origins[a.incident.id] is not Origin.OWN]
    met = {origins[a.incident.id] for a in shared}
    if not any(carried.values()) and len({a.route for a in shared}) > 1:
        if met <= _NETWORKS:
            return dict.fromkeys((a.incident.id for a in shared), NETWORK)
        if met <= _TELEGRAMS:
            return dict.fromkeys((a.incident.id for a in shared), TELEGRAM)
    found = {
        a.incident.id: _key(origins[a.incident.id], a.route, has_lines=bool(carried.get(a.route)))
        for a in shared
    }
    found |= _cut_off(shared, origins, carried, lines)
    return {number: key for number, key in found.items() if key is not None}


def _cut_off(
    shared: Sequence[Alert],
    origins: Mapping[int, Origin],
    carried: Mapping[int, int],
    lines: Mapping[str, int],
) -> dict[int, str]:
    """Those whose instance has no line up while others have, and whose ways all fail alike."""
    found: dict[int, str] = {}
    for owner in {a.owner for a in shared if a.owner and not lines.get(a.owner)}:
        mine = [a for a in shared if a.owner == owner]
        ways = {a.route for a in mine}
        met = {origins[a.incident.id] for a in mine}
        is_alike = met <= _NETWORKS or met <= _TELEGRAMS
        # Another way, or the same way that carries others' lines: it is not the proxy.
        is_here = len(ways) > 1 or any(carried.get(way) for way in ways)
        if any(lines.values()) and is_alike and is_here:
            found |= dict.fromkeys((a.incident.id for a in mine), instance_network(owner))
    return found


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
    alerts: Sequence[Alert],
    carried: Mapping[int, int],
    rules: Rules,
    lines: Mapping[str, int] = NONE,
) -> Sequence[Joining]:
    """Who is to share a message: with those that have one, or because there are many now."""
    down = [a for a in alerts if a.incident.closed_at is None and a.incident.kind in SHARED]
    fresh = [a for a in down if _is_free(a) and not rules.is_muted(a)]
    if not fresh:
        return []
    keys = cause_keys(down, carried, lines)
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
