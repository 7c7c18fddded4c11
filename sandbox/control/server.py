"""The HTTP side of the control API and of the page: one listener, errors as JSON."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.brightdata import BrightData
from sandbox.control.anew import AnewRoutes, Offers
from sandbox.control.boards import Boards
from sandbox.control.bot_faults import BotFaultRoutes
from sandbox.control.brightdata import BrightDataRoutes
from sandbox.control.chats import ChatRoutes
from sandbox.control.chronicle import Chronicle
from sandbox.control.commands import CommandRoutes
from sandbox.control.fault_kinds import fault_kind_routes
from sandbox.control.faults import FaultRoutes
from sandbox.control.groups import GroupRoutes, named
from sandbox.control.hazards import HazardRoutes
from sandbox.control.logins import LoginRoutes
from sandbox.control.media import MediaRoutes
from sandbox.control.network import NetworkRoutes, shown_connection
from sandbox.control.own_messages import OwnMessageRoutes
from sandbox.control.people import PeopleRoutes, described
from sandbox.control.proxies import ProxyRoutes, ProxyShelf
from sandbox.control.proxy_faults import ProxyFaultRoutes
from sandbox.control.requests import ControlError
from sandbox.control.seams import BotApi, DataCentre
from sandbox.control.sharing import SharingRoutes
from sandbox.control.world import WorldRoutes
from sandbox.listener import Listener
from sandbox.page import page_routes
from sandbox.world import World
from sandbox.world.people import TELEGRAM_ID

Addresses = Callable[[], dict[str, Any]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MAX_BODY_BYTES = 128 << 20
"""Files come in base64."""
_LISTED = 50
"""How many people and connections the page shows at most."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Control:
    """The control API under `/control` and the page under `/`, on one loopback port."""

    def __init__(
        self,
        world: World,
        *,
        data_centre: DataCentre,
        bot_api: BotApi,
        proxies: ProxyShelf,
        bright_data: BrightData,
        addresses: Addresses,
        offers: Offers,
        host: str = "127.0.0.1",
    ) -> None:
        self._world = world
        self._data_centre = data_centre
        self._proxies = proxies
        self._addresses = addresses
        self._listener = Listener(host=host)
        boards = Boards(data_centre, bot_api, proxies, bright_data)
        network = NetworkRoutes(world, data_centre, bot_api)
        Chronicle(world, data_centre, proxies, boards)
        self._routes: list[web.RouteDef] = [
            *WorldRoutes(world, data_centre, proxies, boards, network, offers).routes(),
            *PeopleRoutes(world, data_centre).routes(),
            *LoginRoutes(world).routes(),
            *ChatRoutes(world).routes(),
            *OwnMessageRoutes(world).routes(),
            *CommandRoutes(world, bot_api).routes(),
            *GroupRoutes(world).routes(),
            *SharingRoutes(world).routes(),
            *MediaRoutes(world).routes(),
            *network.routes(),
            *FaultRoutes(world, data_centre).routes(),
            *fault_kind_routes(),
            *BotFaultRoutes(bot_api).routes(),
            *HazardRoutes(world, data_centre, proxies).routes(),
            *ProxyRoutes(proxies).routes(),
            *ProxyFaultRoutes(proxies).routes(),
            *BrightDataRoutes(bright_data).routes(),
            *AnewRoutes(offers).routes(),
            web.get("/control/addresses", self._get_addresses),
            web.get("/control/overview", self._overview),
            *page_routes(),
        ]

    @property
    def port(self) -> int:
        return self._listener.port

    async def start(self, port: int = 0) -> None:
        application = web.Application(
            middlewares=[_own_pages_only, _errors_as_json], client_max_size=_MAX_BODY_BYTES
        )
        application.add_routes(self._routes)
        await self._listener.start(application, port)

    async def stop(self) -> None:
        await self._listener.stop()

    async def _get_addresses(self, _: web.Request) -> web.Response:
        return web.json_response(self._addresses())

    async def _overview(self, _: web.Request) -> web.Response:
        """All that the page shows beside the chat, without what changes by the second."""
        people = self._world.people.by_id.values()
        bots = [user for user in people if user.is_bot]
        operators = sorted(
            (user for user in people if not user.is_bot and user.id != TELEGRAM_ID),
            key=lambda user: not any(self._world.has_started(user.id, bot.id) for bot in bots),
        )
        connections = [
            {name: value for name, value in shown.items() if name != "requests"}
            for each in self._data_centre.connections()
            if each.user_id is not None
            for shown in (shown_connection(self._world, each),)
        ]
        codes = self._world.logins.codes_out()
        return web.json_response(
            {
                "bots": [described(bot) for bot in bots],
                "users": [described(user) for user in operators[:_LISTED]],
                "groups": [named(chat) for chat in self._world.chats.by_id.values()][:_LISTED],
                "codes": [{"phone": code.phone, "code": code.code} for code in codes],
                "connections": connections[:_LISTED],
                "connection_count": len(connections),
                "proxies": [placed.described() for placed in self._proxies.all()],
            }
        )


@web.middleware
async def _own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a foreign page in the same browser sends: there is no login to stop it.

    The Host check stands against DNS rebinding.
    """
    host = urlsplit(f"//{request.host}")
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if host.hostname not in _LOOPBACK or is_foreign:
        return web.json_response({"error": "only pages of this server may ask"}, status=403)
    return await handler(request)


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ControlError as error:
        return web.json_response({"error": error.reason}, status=error.status)
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        reason = f"{request.path} does not take {request.method}; expected {allowed}"
        return web.json_response({"error": reason}, status=405)
    except web.HTTPError as error:
        reason = f"{request.path}: {error.reason}"
        return web.json_response({"error": reason}, status=error.status)
