"""Routes that set and lift the faults of a proxy."""

from abc import abstractmethod
from typing import Annotated, ClassVar

from aiohttp import web
from pydantic import Field
from typing_extensions import override

from sandbox.control.faults import all_lifted, lifted, shown
from sandbox.control.orders import Times
from sandbox.control.proxies import ProxyShelf
from sandbox.control.requests import Body, ControlError, read
from sandbox.control.seams import Proxy
from sandbox.faults import Fault
from sandbox.proxies.faults import ProxyFaults


class Order(Body):
    kind: ClassVar[str]

    @abstractmethod
    async def place(self, faults: ProxyFaults) -> Fault: ...


class RejectLogin(Order):
    """Every client is turned away at its login."""

    kind = "reject_login"
    times: Times | None = None

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.reject_login(times=self.times)


class CloseAtOnce(Order):
    """Clients are accepted and closed."""

    kind = "close_at_once"
    times: Times | None = None

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.close_at_once(times=self.times)


class SayNothing(Order):
    """Clients are accepted and never answered."""

    kind = "say_nothing"

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.say_nothing()


class Slow(Order):
    """The proxy waits before it dials."""

    kind = "slow"
    seconds: Annotated[float, Field(ge=0, le=86_400)]

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.slow(self.seconds)


class Forbid(Order):
    """The proxy dials for nobody, and says so."""

    kind = "forbid"

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.forbid()


class Freeze(Order):
    """Nothing is relayed; when lifted, what waited goes on."""

    kind = "freeze"

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return faults.freeze()


class Refuse(Order):
    """Dials to the proxy are refused."""

    kind = "refuse"
    cut: bool = False
    """Whether relays end too: the proxy is down."""

    @override
    async def place(self, faults: ProxyFaults) -> Fault:
        return await (faults.go_down() if self.cut else faults.refuse())


class Cut(Body):
    """End every connection through the proxy, once."""

    reset: bool = False
    """With a TCP reset instead of a proper close."""


ORDERS: dict[str, type[Order]] = {
    order.kind: order
    for order in (RejectLogin, CloseAtOnce, SayNothing, Slow, Forbid, Freeze, Refuse)
}
"""By the last part of the path."""


class ProxyFaultRoutes:
    def __init__(self, shelf: ProxyShelf) -> None:
        self._shelf = shelf

    def routes(self) -> list[web.RouteDef]:
        one = r"/control/proxies/{id:[0-9]{1,18}}"
        return [
            web.get(one + "/faults", self._list),
            web.delete(one + "/faults", self._lift_all),
            web.delete(one + r"/faults/{fault:[0-9]{1,18}}", self._lift),
            web.post(one + r"/faults/{kind:[a-z_]{1,40}}", self._set),
            web.post(one + "/cut", self._cut),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([shown(fault) for fault in self._proxy(request).faults.active()])

    async def _set(self, request: web.Request) -> web.Response:
        proxy, kind = self._proxy(request), request.match_info["kind"]
        if kind not in ORDERS:
            raise ControlError(404, f"there is no fault {kind}; there are {', '.join(ORDERS)}")
        order = await read(request, ORDERS[kind])
        return web.json_response(shown(await order.place(proxy.faults)), status=201)

    async def _lift(self, request: web.Request) -> web.Response:
        return await lifted(self._proxy(request).faults, int(request.match_info["fault"]))

    async def _lift_all(self, request: web.Request) -> web.Response:
        return await all_lifted(self._proxy(request).faults)

    async def _cut(self, request: web.Request) -> web.Response:
        order, proxy = await read(request, Cut), self._proxy(request)
        proxy.cut(reset=order.reset)
        return web.json_response({"cut": True})

    def _proxy(self, request: web.Request) -> Proxy:
        return self._shelf.named(int(request.match_info["id"])).proxy
