"""Every board of faults that the control API can reach, and where it is reached."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.brightdata import BrightData
from sandbox.control.proxies import Placed, ProxyShelf
from sandbox.control.seams import BotApi, DataCentre
from sandbox.faults import Board


class Place(StrEnum):
    """What can be broken."""

    DATA_CENTRE = "data_centre"
    BOT_API = "bot_api"
    PROXY = "proxy"
    BRIGHT_DATA = "bright_data"
    SUPER_PROXY = "super_proxy"
    """The proxy of Bright Data."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One board: of what, and the path to which `/<id>` is added to lift a fault."""

    place: Place
    board: Board
    path: str
    proxy: int | None = None


class Boards:
    def __init__(
        self,
        data_centre: DataCentre,
        bot_api: BotApi,
        proxies: ProxyShelf,
        bright_data: BrightData,
    ) -> None:
        self._proxies = proxies
        self._fixed = [
            Placement(Place.DATA_CENTRE, data_centre.faults, "/control/faults"),
            Placement(Place.BOT_API, bot_api.faults, "/control/botapi/faults"),
            Placement(Place.BRIGHT_DATA, bright_data.faults, "/control/brightdata/faults"),
            Placement(
                Place.SUPER_PROXY, bright_data.proxy.faults, "/control/brightdata/proxy/faults"
            ),
        ]

    def all(self) -> list[Placement]:
        return [*self._fixed, *(board_of(placed) for placed in self._proxies.all())]

    def fixed(self) -> list[Placement]:
        """Those that are there from the start."""
        return self._fixed


def board_of(placed: Placed) -> Placement:
    path = f"/control/proxies/{placed.id}/faults"
    return Placement(Place.PROXY, placed.proxy.faults, path, placed.id)
