"""Routes of the fake Bright Data: its stock and ledger, what it takes away, and its faults."""

from abc import abstractmethod
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from aiohttp import web
from pydantic import Field
from typing_extensions import override

from sandbox.brightdata import BrightData
from sandbox.brightdata.account import COUNTRIES, Entry
from sandbox.brightdata.faults import ApiFaults
from sandbox.control import proxy_faults
from sandbox.control.faults import all_lifted, lifted, shown
from sandbox.control.orders import Times
from sandbox.control.requests import Body, ControlError, read
from sandbox.faults import Fault


class Change(Body):
    """What to change of the account; what is left out stays."""

    api_key: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    price: Annotated[str, Field(pattern=r"^\d{1,6}(\.\d{1,2})?$")] | None = None
    is_empty_when_out_of_stock: bool | None = None
    """Whether it then answers 200 with no address, instead of an error."""


class Stock(Body):
    """Set how many addresses of a country are for sale."""

    country: str
    count: Annotated[int, Field(ge=0, le=100_000)]


class Address(Body):
    """Take an address away from the zone; what goes through it is cut."""

    ip: str


class Listing(Address):
    """Let the listing have an address in another country."""

    country: str


class Order(Body):
    kind: ClassVar[str]
    method: Literal["GET", "POST", "DELETE"] | None = None
    times: Times | None = None

    @abstractmethod
    def place(self, faults: ApiFaults) -> Fault: ...


class Throttle(Order):
    """429; without a number of seconds it does not say when to come back."""

    kind = "throttle"
    retry_after: Annotated[str, Field(max_length=100)] | None = "1"

    @override
    def place(self, faults: ApiFaults) -> Fault:
        return faults.throttle(self.retry_after, method=self.method, times=self.times)


class ServerError(Order):
    """A 5xx."""

    kind = "server_error"
    status: Annotated[int, Field(ge=500, le=599)] = 502
    late: bool = False
    """After the request took effect, instead of before."""

    @override
    def place(self, faults: ApiFaults) -> Fault:
        return faults.server_error(
            self.status, method=self.method, late=self.late, times=self.times
        )


class Hang(Order):
    """Never an answer; the connection stays open."""

    kind = "hang"
    late: bool = False
    """After the request took effect, instead of before."""

    @override
    def place(self, faults: ApiFaults) -> Fault:
        return faults.hang(method=self.method, late=self.late, times=self.times)


class DropReply(Order):
    """The connection is closed instead of an answer."""

    kind = "drop_reply"
    late: bool = True
    """After the request took effect, instead of before."""

    @override
    def place(self, faults: ApiFaults) -> Fault:
        return faults.drop_reply(method=self.method, late=self.late, times=self.times)


class Garble(Order):
    """A page instead of JSON."""

    kind = "garble"
    late: bool = True
    """After the request took effect, instead of before."""

    @override
    def place(self, faults: ApiFaults) -> Fault:
        return faults.garble(method=self.method, late=self.late, times=self.times)


T = TypeVar("T")

ORDERS: dict[str, type[Order]] = {
    order.kind: order for order in (Throttle, ServerError, Hang, DropReply, Garble)
}
"""By the last part of the path."""


class BrightDataRoutes:
    def __init__(self, bright_data: BrightData) -> None:
        self._bright_data = bright_data
        self._account = bright_data.account

    def routes(self) -> list[web.RouteDef]:
        base = "/control/brightdata"
        return [
            web.get(base, self._show),
            web.patch(base, self._change),
            web.post(base + "/stock", self._set_stock),
            web.post(base + "/withdraw", self._withdraw),
            web.post(base + "/listed", self._list_as),
            web.get(base + "/faults", self._faults),
            web.delete(base + "/faults", self._lift_all),
            web.delete(base + r"/faults/{id:[0-9]{1,18}}", self._lift),
            web.post(base + r"/faults/{kind:[a-z_]{1,40}}", self._break),
            web.get(base + "/proxy/faults", self._proxy_faults),
            web.delete(base + "/proxy/faults", self._mend_proxy),
            web.delete(base + r"/proxy/faults/{id:[0-9]{1,18}}", self._lift_proxy),
            web.post(base + r"/proxy/faults/{kind:[a-z_]{1,40}}", self._break_proxy),
        ]

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response(self._described())

    def _described(self) -> dict[str, Any]:
        account = self._account
        return {
            "price": str(account.price),
            "spent": str(account.spent),
            "held": [{"ip": ip, "country": country} for ip, country in account.held.items()],
            "ledger": [_entry(entry) for entry in account.ledger],
            "requests": len(self._bright_data.requests),
        }

    async def _change(self, request: web.Request) -> web.Response:
        change = await read(request, Change)
        if change.api_key is not None:
            self._account.api_key = change.api_key
        if change.price is not None:
            self._account.price = Decimal(change.price)
        if change.is_empty_when_out_of_stock is not None:
            self._bright_data.is_empty_when_out_of_stock = change.is_empty_when_out_of_stock
        return web.json_response(self._described())

    async def _set_stock(self, request: web.Request) -> web.Response:
        stock = await read(request, Stock)
        self._account.set_stock(_country(stock.country), stock.count)
        return web.json_response({"country": stock.country, "count": stock.count})

    async def _withdraw(self, request: web.Request) -> web.Response:
        """The provider no longer has that address; what goes through it is cut."""
        address = await read(request, Address)
        self._check_held(address.ip)
        self._account.withdraw(address.ip)
        return web.json_response(self._described())

    async def _list_as(self, request: web.Request) -> web.Response:
        """From now on the listing has that address in another country."""
        listing = await read(request, Listing)
        self._check_held(listing.ip)
        self._account.listed_as[listing.ip] = _country(listing.country)
        return web.json_response({"ip": listing.ip, "country": listing.country})

    def _check_held(self, ip: str) -> None:
        if ip not in self._account.held:
            raise ControlError(404, f"the zone does not have {ip}")

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response([shown(fault) for fault in self._bright_data.faults.active()])

    async def _break(self, request: web.Request) -> web.Response:
        order = await read(request, _known(request, ORDERS))
        return web.json_response(shown(order.place(self._bright_data.faults)), status=201)

    async def _lift(self, request: web.Request) -> web.Response:
        return await lifted(self._bright_data.faults, int(request.match_info["id"]))

    async def _lift_all(self, _: web.Request) -> web.Response:
        return await all_lifted(self._bright_data.faults)

    async def _break_proxy(self, request: web.Request) -> web.Response:
        order = await read(request, _known(request, proxy_faults.ORDERS))
        fault = await order.place(self._bright_data.proxy.faults)
        return web.json_response(shown(fault), status=201)

    async def _proxy_faults(self, _: web.Request) -> web.Response:
        active = self._bright_data.proxy.faults.active()
        return web.json_response([shown(fault) for fault in active])

    async def _lift_proxy(self, request: web.Request) -> web.Response:
        return await lifted(self._bright_data.proxy.faults, int(request.match_info["id"]))

    async def _mend_proxy(self, _: web.Request) -> web.Response:
        return await all_lifted(self._bright_data.proxy.faults)


def _known(request: web.Request, orders: dict[str, T]) -> T:
    kind = request.match_info["kind"]
    if kind not in orders:
        raise ControlError(404, f"there is no fault {kind}; there are {', '.join(orders)}")
    return orders[kind]


def _country(code: str) -> str:
    if code not in COUNTRIES:
        raise ControlError(400, f"country: {code!r} is no country in two lower-case letters")
    return code


def _entry(entry: Entry) -> dict[str, str]:
    return {
        "at": entry.at.isoformat(),
        "act": entry.act,
        "ip": entry.ip,
        "country": entry.country,
        "price": str(entry.price),
    }
