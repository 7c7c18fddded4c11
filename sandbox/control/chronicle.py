"""Writes what happens at the servers into the world's timeline."""

from functools import partial
from typing import TYPE_CHECKING

from sandbox.control.boards import Boards, Placement, board_of
from sandbox.control.fault_words import fault_words
from sandbox.control.proxies import Placed, ProxyShelf
from sandbox.control.seams import DataCentre
from sandbox.datacentre.hazards import Hazard
from sandbox.datacentre.line_events import LineEvent
from sandbox.faults import Fault
from sandbox.world import World
from sandbox.world.timeline import EventKind

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection


class Chronicle:
    """Listens from its making on."""

    def __init__(
        self, world: World, data_centre: DataCentre, proxies: ProxyShelf, boards: Boards
    ) -> None:
        self._world = world
        self._note = world.timeline.note
        self._proxies = proxies
        self._known_proxies: set[int] = set()
        self._lines: dict[int, int] = {}
        """Whose each open connection is: at its end its key may be nobody's."""
        data_centre.line_listeners.append(self._line)
        data_centre.hazards.listeners.append(self._hazard)
        proxies.listeners.append(self._proxy)
        for placement in boards.fixed():
            placement.board.listeners.append(partial(self._fault, placement))

    def _line(self, event: LineEvent, connection: "Connection") -> None:
        user_id = connection.user_id
        match event:
            case LineEvent.CONNECTED if user_id is not None:
                self._lines[connection.id] = user_id
                words = f"{self._name(user_id)} connected{self._way(connection)}"
                self._note(EventKind.CONNECTED, words, user_id)
            case LineEvent.LOGGED_IN if user_id is not None:
                self._lines[connection.id] = user_id
                self._note(EventKind.LOGGED_IN, f"{self._name(user_id)} logged in", user_id)
            case LineEvent.LOGGED_OUT:
                words = f"{self._name(user_id)} was logged out by the client"
                self._note(EventKind.LOGGED_OUT, words, user_id)
            case LineEvent.CLOSED:
                self._closed(connection)
            case _:
                pass  # nobody is logged in on that line yet

    def _closed(self, connection: "Connection") -> None:
        user_id = self._lines.pop(connection.id, None)
        if user_id is not None:
            words = f"{self._name(user_id)} disconnected: {self._cause(connection)}"
            self._note(EventKind.DISCONNECTED, words, user_id)

    def _way(self, connection: "Connection") -> str:
        placed = self._proxies.through(connection.peer[1])
        return f" through proxy {placed.id}" if placed else ""

    def _cause(self, connection: "Connection") -> str:
        if connection.end_cause is not None:
            return connection.end_cause
        placed = self._proxies.through(connection.peer[1])
        if placed is not None and not placed.is_running:
            return f"proxy {placed.id} was stopped"
        return "the client left" if placed is None else f"the client or proxy {placed.id} left"

    def _hazard(self, hazard: Hazard) -> None:
        whose = f" of {self._name(hazard.user_id)}" if hazard.user_id else ""
        kind = hazard.kind.replace("_", " ")
        words = f"Hazard, {kind}{whose}: {hazard.words}"
        self._note(EventKind.HAZARD, words, hazard.user_id)

    def _proxy(self, placed: Placed) -> None:
        kind = EventKind.STARTED if placed.is_running else EventKind.STOPPED
        self._note(kind, f"Proxy {placed.id} ({placed.kind}) was {kind}")
        if placed.id not in self._known_proxies:
            self._known_proxies.add(placed.id)
            placement = board_of(placed)
            placement.board.listeners.append(partial(self._fault, placement))

    def _fault(self, placement: Placement, fault: Fault) -> None:
        words = fault_words(self._world, placement, fault)
        if fault.is_active:
            self._note(EventKind.FAULT, f"Set: {words}", fault.user_id)
            return
        is_used_up = fault.times is not None and fault.struck >= fault.times
        end = "Used up" if is_used_up else "Lifted"
        self._note(EventKind.MENDED, f"{end}: {words}", fault.user_id)

    def _name(self, user_id: int | None) -> str:
        user = self._world.people.by_id.get(user_id or 0)
        return user.first_name if user else "Somebody"
