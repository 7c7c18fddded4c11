"""The accounts as the data centre sees them: who has a line, since when, by which way."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sandbox.control.network import shown_connection
from sandbox.control.proxies import ProxyShelf
from sandbox.control.seams import Connection, DataCentre
from sandbox.datacentre.faults.accounts import Ban, Denial, FrozenAccount, LimitedAccount
from sandbox.datacentre.faults.lines import Freeze
from sandbox.faults import Fault
from sandbox.world import World
from sandbox.world.people import TELEGRAM_ID, User

LISTED = 300
"""How many accounts are shown at most."""
_LINES = 10
_STATES: dict[type[Fault], str] = {
    Ban: "banned",
    FrozenAccount: "frozen",
    Denial: "logged out by a fault",
    LimitedAccount: "limited",
}
"""What a fault makes of an account, the worst first."""


class Light(StrEnum):
    ON = "on"
    HELD = "held"
    """There is a line, and a fault lets nothing through."""
    OFF = "off"
    """A key is logged in, and no line is open."""
    NONE = "none"
    """Nobody is logged in."""


class Accounts:
    def __init__(self, world: World, data_centre: DataCentre, proxies: ProxyShelf) -> None:
        self._world = world
        self._data_centre = data_centre
        self._proxies = proxies
        self._known: dict[int, None] = {}
        """Who has been logged in at some time: they stay listed before the others."""

    def shown(self, find: str = "") -> dict[str, Any]:
        """`{accounts, account_count, lights, line_count, lines_through}`; the list is bounded.

        `lights` counts the accounts by light, those that the list leaves out too.
        `find` is a part of a name, of a @username, or of a phone number.
        """
        lines: dict[int, list[Connection]] = defaultdict(list)
        through: dict[int, int] = defaultdict(int)
        for connection in self._data_centre.connections():
            if connection.user_id is not None:
                lines[connection.user_id].append(connection)
            if placed := self._proxies.through(connection.peer[1]):
                through[placed.id] += 1
        logged_in = {key.user_id for key in self._world.logins.keys.values()} - {None}
        codes = {code.phone for code in self._world.logins.codes_out()}
        self._known |= dict.fromkeys(user.id for user in self._people() if user.id in logged_in)
        found = [user for user in self._people() if _matches(user, find.casefold())]
        found.sort(key=lambda user: user.id not in self._known)
        lights = [
            self._light(lines.get(user.id, []), user, is_logged_in=user.id in logged_in)
            for user in found
        ]
        count = Counter(lights)
        return {
            "accounts": [
                self._account(user, lines[user.id])
                | {"light": light, "has_code": user.phone in codes}
                for user, light in zip(found[:LISTED], lights, strict=False)
            ],
            "account_count": len(found),
            "lights": {light: count[light] for light in Light},
            "line_count": sum(len(each) for each in lines.values()),
            "lines_through": through,
        }

    def _people(self) -> Iterable[User]:
        people = self._world.people.by_id.values()
        return (user for user in people if not user.is_bot and user.id != TELEGRAM_ID)

    def _account(self, user: User, lines: list[Connection]) -> dict[str, Any]:
        opened = sorted(lines, key=lambda line: line.opened_at)
        return {
            "id": user.id,
            "name": f"{user.first_name} {user.last_name}".strip(),
            "username": user.username,
            "phone": user.phone,
            "has_password": user.password is not None,
            "state": self._state(user),
            "since": opened[0].opened_at.isoformat() if opened else None,
            "lines": [self._line(line) for line in opened[:_LINES]],
            "line_count": len(lines),
        }

    def _line(self, line: Connection) -> dict[str, Any]:
        placed = self._proxies.through(line.peer[1])
        last = line.last_request_at
        return shown_connection(self._world, line) | {
            "proxy": placed.id if placed else None,
            "country": placed.country if placed else None,
            "last_request_at": last.isoformat(timespec="seconds") if last else None,
        }

    def _light(self, lines: list[Connection], user: User, *, is_logged_in: bool) -> Light:
        if not lines:
            return Light.OFF if is_logged_in else Light.NONE
        faults = self._data_centre.faults
        is_held = bool(faults) and all(
            faults.first(Freeze, user.id, line.key_id) is not None for line in lines
        )
        return Light.HELD if is_held else Light.ON

    def _state(self, user: User) -> str | None:
        faults = self._data_centre.faults
        if not faults:
            return None
        set_here = (
            words for kind, words in _STATES.items() if faults.first(kind, user.id) is not None
        )
        return next(set_here, None)


def _matches(user: User, wanted: str) -> bool:
    known = (user.first_name, user.last_name, user.username or "", user.phone or "")
    return not wanted or any(wanted.lstrip("@+") in each.casefold() for each in known)
