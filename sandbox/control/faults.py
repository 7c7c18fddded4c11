"""Routes that set and lift the faults of the data centre."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.orders import ORDERS
from sandbox.control.requests import ControlError, Scoped, read
from sandbox.control.seams import DataCentre
from sandbox.datacentre.faults.keys import Forgery
from sandbox.faults import Board, Fault
from sandbox.world import World


class Forge(Scoped):
    """Send messages that prove nothing on each open line, once."""

    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    wrong: Forgery = Forgery.MSG_KEY
    """What is wrong with them."""


def shown(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "kind": fault.kind,
        "user": fault.user_id,
        "key": None if fault.key_id is None else str(fault.key_id),
        "times": fault.times,
        "struck": fault.struck,
        **fault.details(),
    }


async def lifted(board: Board, number: int) -> web.Response:
    """Mend one fault; 404 where it is over already."""
    fault = board.get(number)
    if fault is None:
        raise ControlError(404, f"no fault {number} is set")
    await fault.mend()
    return web.json_response(shown(fault))


async def all_lifted(board: Board) -> web.Response:
    count = len(board.active())
    await board.lift_all()
    return web.json_response({"lifted": count})


class FaultRoutes:
    def __init__(self, world: World, data_centre: DataCentre) -> None:
        self._world = world
        self._data_centre = data_centre

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/faults", self._list),
            web.delete("/control/faults", self._lift_all),
            web.delete(r"/control/faults/{id:[0-9]{1,18}}", self._lift),
            web.post(r"/control/faults/{kind:[a-z_]{1,40}}", self._set),
            web.post("/control/connections/forge", self._forge),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([shown(fault) for fault in self._data_centre.faults.active()])

    async def _set(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind not in ORDERS:
            raise ControlError(404, f"there is no fault {kind}; there are {', '.join(ORDERS)}")
        order = await read(request, ORDERS[kind])
        order.check(self._world)
        fault = await order.place(self._data_centre.faults)
        return web.json_response(shown(fault), status=201)

    async def _lift(self, request: web.Request) -> web.Response:
        return await lifted(self._data_centre.faults, int(request.match_info["id"]))

    async def _lift_all(self, _: web.Request) -> web.Response:
        return await all_lifted(self._data_centre.faults)

    async def _forge(self, request: web.Request) -> web.Response:
        """Messages that prove nothing, now, on the lines that are open."""
        order = await read(request, Forge)
        order.check(self._world)
        count = self._data_centre.faults.forge(
            order.count, order.user, key_id=order.key_id, wrong=order.wrong
        )
        return web.json_response({"connections": count})
