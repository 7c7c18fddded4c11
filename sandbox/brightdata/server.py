"""The account API over HTTP: strict about key, customer, zone, country and every field.

Source: docs.brightdata.com/api-reference/account-management-api. Errors are plain text, and their
words are not documented: a client had better not depend on them.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Annotated, TypeVar

from aiohttp import web
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.brightdata.account import COUNTRIES, Account, NotInStock
from sandbox.brightdata.faults import ApiFaults, Garble, Hang, ServerError, Throttle, Trouble
from sandbox.brightdata.super_proxy import SuperProxy
from sandbox.listener import Listener

_LOOK_AGAIN_S = 0.02
_MOST = 100


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Add(_Body):
    customer: str
    zone: str
    count: Annotated[int, Field(ge=1, le=_MOST)]
    country: str


class _Remove(_Body):
    zone: str
    ips: Annotated[list[str], Field(min_length=1)]


B = TypeVar("B", bound=_Body)


class _Refusal(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class BrightData:
    """The account API on one port and the super proxy on another. The account survives a stop."""

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self.account = Account()
        self.faults = ApiFaults()
        self.proxy = SuperProxy(self.account, host=host)
        self.account.on_gone = self.proxy.cut_address
        self.requests: list[str] = []
        """Method and path of each request, in order."""
        self.is_empty_when_out_of_stock = False
        """Whether it then answers 200 with no address, instead of an error."""
        self._listener = Listener(host=host)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def url(self) -> str:
        host = f"[{self._listener.host}]" if ":" in self._listener.host else self._listener.host
        return f"http://{host}:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen; after `stop()` on the ports of before, unless another is given."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        await self._listener.start(application, port)
        await self.proxy.start()

    async def stop(self) -> None:
        await self._listener.stop()
        await self.proxy.stop()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        trouble = self.faults.met(request.method)
        if trouble is not None and not trouble.is_late:
            return await _troubled(trouble, request)
        try:
            answer = await self._answer(request)
        except _Refusal as refusal:
            logger.debug("Bright Data refuses {}: {}", request.path, refusal.reason)
            return web.Response(status=refusal.status, text=refusal.reason)
        if trouble is not None:
            return await _troubled(trouble, request)
        return web.json_response(answer)

    async def _answer(self, request: web.Request) -> object:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.account.api_key}".encode()):
            raise _Refusal(401, "Invalid credentials")
        methods: dict[str, Callable[[web.Request, bytes], object]] = {
            "GET": self._list,
            "POST": self._add,
            "DELETE": self._remove,
        }
        method = methods.get(request.method)
        if request.path != "/zone/ips" or method is None:
            raise _Refusal(404, "Not found")
        return method(request, await request.read())

    def _list(self, request: web.Request, _: bytes) -> object:
        self._check_zone(request.query.get("zone", ""))
        if list(request.query) != ["zone"]:
            raise _Refusal(400, "expected zone in the query string, and nothing else")
        return {
            "ips": [
                {"ip": ip, "maxmind": self.account.listed_as.get(ip, country), "ext": {}}
                for ip, country in self.account.held.items()
            ]
        }

    def _add(self, request: web.Request, raw: bytes) -> object:
        order = _read(request, raw, _Add)
        self._check_zone(order.zone)
        if order.customer != self.account.customer:
            raise _Refusal(400, "Customer not found")
        if order.country not in COUNTRIES:
            raise _Refusal(400, "country: expected a code of two lower-case letters")
        try:
            new = self.account.buy(order.country, order.count)
        except NotInStock:
            if not self.is_empty_when_out_of_stock:
                raise _Refusal(400, f"Not enough IPs available in {order.country}") from None
            new = []
        return {"ips": list(self.account.held), "new_ips": new}

    def _remove(self, request: web.Request, raw: bytes) -> object:
        order = _read(request, raw, _Remove)
        self._check_zone(order.zone)
        unknown = [ip for ip in order.ips if ip not in self.account.held]
        if unknown or len(set(order.ips)) != len(order.ips):
            raise _Refusal(400, "ips: expected addresses of the zone, each once")
        for ip in order.ips:
            self.account.release(ip)
        return {"ips": list(self.account.held)}

    def _check_zone(self, zone: str) -> None:
        if zone != self.account.zone:
            raise _Refusal(404, "Zone not found")


def _read(request: web.Request, raw: bytes, model: type[B]) -> B:
    if request.content_type != "application/json":
        raise _Refusal(400, "expected JSON")
    try:
        return model.model_validate_json(raw)
    except ValidationError as invalid:
        fields = ", ".join(str(part) for error in invalid.errors() for part in error["loc"])
        raise _Refusal(400, f"wrong fields: {fields or 'all'}") from None


async def _troubled(trouble: Trouble, request: web.Request) -> web.StreamResponse:
    trouble.strike()
    match trouble:
        case Throttle():
            headers = {} if trouble.retry_after is None else {"Retry-After": trouble.retry_after}
            return web.Response(status=429, text="Too many requests", headers=headers)
        case ServerError():
            return web.Response(status=trouble.status, text="<html>it broke</html>")
        case Garble():
            return web.Response(text="<html>Welcome</html>", content_type="text/html")
        case Hang():
            await _left(request)
        case _:
            pass
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _left(request: web.Request) -> None:
    """Return when the client is gone; aiohttp tells a handler nothing of it."""
    transport = request.transport
    while transport is not None and not transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(_LOOK_AGAIN_S)
