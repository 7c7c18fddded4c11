"""Routes that set and lift the faults of the Bot API."""

from abc import abstractmethod
from typing import Annotated, ClassVar

from aiohttp import web
from pydantic import Field
from typing_extensions import override

from sandbox.botapi.faults import BotApiFaults
from sandbox.control.faults import all_lifted, lifted, shown
from sandbox.control.orders import Times
from sandbox.control.requests import Body, ControlError, read
from sandbox.control.seams import BotApi
from sandbox.faults import Fault

_EXAMPLE = "* stands for anything, download for getting a file."
Method = Annotated[str, Field(pattern=r"^[A-Za-z*]{1,100}$", description=_EXAMPLE)]


class Order(Body):
    kind: ClassVar[str]
    method: Method = "*"
    times: Times | None = 1

    @abstractmethod
    def place(self, faults: BotApiFaults) -> Fault: ...


class Throttle(Order):
    """429 with a number of seconds; the calls have no effect."""

    kind = "throttle"
    retry_after: Annotated[int, Field(ge=1, le=86_400)] = 1

    @override
    def place(self, faults: BotApiFaults) -> Fault:
        return faults.throttle(self.retry_after, self.method, times=self.times)


class Conflict(Order):
    """409, as when a second instance of the bot polls."""

    kind = "conflict"
    method: Method = "getUpdates"

    @override
    def place(self, faults: BotApiFaults) -> Fault:
        return faults.conflict(self.method, times=self.times)


class ServerError(Order):
    """A 5xx, before or after the call took effect."""

    kind = "server_error"
    status: Annotated[int, Field(ge=500, le=504)] = 502
    late: bool = False
    """After the call took effect, instead of before."""

    @override
    def place(self, faults: BotApiFaults) -> Fault:
        return faults.server_error(self.status, self.method, late=self.late, times=self.times)


class DropReply(Order):
    """The connection ends instead of an answer."""

    kind = "drop_reply"
    late: bool = True
    """After the call took effect, instead of before."""

    @override
    def place(self, faults: BotApiFaults) -> Fault:
        return faults.drop_reply(self.method, late=self.late, times=self.times)


ORDERS: dict[str, type[Order]] = {
    order.kind: order for order in (Throttle, ServerError, Conflict, DropReply)
}
"""By the last part of the path."""


class BotFaultRoutes:
    def __init__(self, bot_api: BotApi) -> None:
        self._bot_api = bot_api

    def routes(self) -> list[web.RouteDef]:
        base = "/control/botapi/faults"
        return [
            web.get(base, self._list),
            web.delete(base, self._lift_all),
            web.delete(base + r"/{id:[0-9]{1,18}}", self._lift),
            web.post(base + r"/{kind:[a-z_]{1,40}}", self._set),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([shown(fault) for fault in self._bot_api.faults.active()])

    async def _set(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind not in ORDERS:
            raise ControlError(404, f"there is no fault {kind}; there are {', '.join(ORDERS)}")
        order = await read(request, ORDERS[kind])
        return web.json_response(shown(order.place(self._bot_api.faults)), status=201)

    async def _lift(self, request: web.Request) -> web.Response:
        return await lifted(self._bot_api.faults, int(request.match_info["id"]))

    async def _lift_all(self, _: web.Request) -> web.Response:
        return await all_lifted(self._bot_api.faults)
