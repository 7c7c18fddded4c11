"""The proxies of the sandbox and their routes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import Body, ControlError, NoFields, read
from sandbox.control.seams import Dial, Proxy
from sandbox.proxies.kinds import Kind, MakeProxy

Credential = Annotated[str, Field(min_length=1, max_length=255)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Secret = Annotated[str, Field(pattern="^(dd)?[0-9a-f]{32}$")]


class NewProxy(Body):
    kind: Kind = Kind.SOCKS5
    username: Credential | None = None
    password: Credential | None = None
    secret: Secret | None = None
    """Of an MTProto proxy; without it, it makes its own."""
    country: Country | None = None
    """Where Telegram sees its connections come from."""


class Exit(Body):
    country: Country


@dataclass(slots=True)
class Placed:
    """One proxy on the shelf."""

    id: int
    proxy: Proxy
    kind: Kind
    host: str
    username: str | None
    password: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    country: str | None = None
    port: int = 0
    is_running: bool = False

    def described(self) -> dict[str, Any]:
        names = (
            *("id", "kind", "host", "port", "username", "password", "secret"),
            *("country", "is_running"),
        )
        return {name: getattr(self, name) for name in names}


class ProxyShelf:
    """Every proxy that was made, running or not. A stopped one keeps its port."""

    def __init__(self, make: MakeProxy, *, host: str = "127.0.0.1") -> None:
        self._make = make
        self._host = host
        self._placed: dict[int, Placed] = {}
        self.listeners: list[Callable[[Placed], None]] = []
        """Told of each proxy that has just been started or stopped."""

    async def add(
        self,
        kind: Kind = Kind.SOCKS5,
        *,
        username: str | None = None,
        password: str | None = None,
        secret: str | None = None,
        country: str | None = None,
        port: int = 0,
    ) -> Placed:
        """A new proxy, listening on that port, else on a free one."""
        if kind is Kind.MTPROTO:
            secret = secret or secrets.token_hex(16)
        proxy = self._make(
            kind, host=self._host, username=username, password=password, secret=secret
        )
        number = len(self._placed) + 1
        placed = Placed(number, proxy, kind, self._host, username, password, secret, country, port)
        await self.start(placed)
        self._placed[number] = placed
        return placed

    def _tell(self, placed: Placed) -> None:
        for listener in self.listeners:
            listener(placed)

    def through(self, port: int) -> Placed | None:
        """The proxy that a connection from that port comes through."""
        return next((p for p in self._placed.values() if p.proxy.carries(port)), None)

    def country_of(self, port: int) -> str | None:
        """The country of the proxy that a connection from that port comes through."""
        placed = self.through(port)
        return placed.country if placed else None

    def all(self) -> list[Placed]:
        return list(self._placed.values())

    def get(self, number: int) -> Placed | None:
        return self._placed.get(number)

    def named(self, number: int) -> Placed:
        """The same, or a 404."""
        placed = self.get(number)
        if placed is None:
            raise ControlError(404, f"there is no proxy {number}")
        return placed

    async def start(self, placed: Placed) -> None:
        if not placed.is_running:
            await placed.proxy.start(placed.port)
            placed.port = placed.proxy.port
            placed.is_running = True
            self._tell(placed)

    async def stop(self, placed: Placed) -> None:
        if placed.is_running:
            placed.is_running = False
            self._tell(placed)
            await placed.proxy.stop()

    async def stop_all(self) -> None:
        for placed in self.all():
            await self.stop(placed)


class ProxyRoutes:
    def __init__(self, shelf: ProxyShelf) -> None:
        self._shelf = shelf

    def routes(self) -> list[web.RouteDef]:
        one = r"/control/proxies/{id:[0-9]{1,18}}"
        return [
            web.get("/control/proxies", self._list),
            web.post("/control/proxies", self._add),
            web.post(one + "/stop", self._stop),
            web.post(one + "/start", self._start),
            web.post(one + "/country", self._move),
            web.get(one + "/dials", self._dials),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([placed.described() for placed in self._shelf.all()])

    async def _add(self, request: web.Request) -> web.Response:
        new = await read(request, NewProxy)
        _check(new)
        placed = await self._shelf.add(
            new.kind,
            username=new.username,
            password=new.password,
            secret=new.secret,
            country=new.country,
        )
        return web.json_response(placed.described(), status=201)

    async def _stop(self, request: web.Request) -> web.Response:
        await read(request, NoFields)
        placed = self._placed(request)
        await self._shelf.stop(placed)
        return web.json_response(placed.described())

    async def _start(self, request: web.Request) -> web.Response:
        await read(request, NoFields)
        placed = self._placed(request)
        await self._shelf.start(placed)
        return web.json_response(placed.described())

    async def _move(self, request: web.Request) -> web.Response:
        """Its connections come from another country from now on."""
        placed = self._placed(request)
        placed.country = (await read(request, Exit)).country
        return web.json_response(placed.described())

    async def _dials(self, request: web.Request) -> web.Response:
        return web.json_response([_shown(dial) for dial in self._placed(request).proxy.dials])

    def _placed(self, request: web.Request) -> Placed:
        return self._shelf.named(int(request.match_info["id"]))


def _check(new: NewProxy) -> None:
    """Each kind has its own login: two words, one, or a secret."""
    if new.secret is not None and new.kind is not Kind.MTPROTO:
        raise ControlError(400, f"a {new.kind} proxy has no secret")
    if new.kind is Kind.MTPROTO and (new.username or new.password):
        raise ControlError(400, "an mtproto proxy has a secret, and no username or password")
    if new.kind is Kind.SOCKS4 and new.password is not None:
        raise ControlError(400, "a socks4 proxy has no password")
    if new.kind is not Kind.SOCKS4 and (new.username is None) != (new.password is None):
        raise ControlError(400, "expected username and password, or neither")


def _shown(dial: Dial) -> dict[str, Any]:
    return {
        "at": dial.at.isoformat(),
        "host": dial.host,
        "port": dial.port,
        "login": dial.login,
        "outcome": dial.outcome,
        "local_port": dial.local_port,
    }
