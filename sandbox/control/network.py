"""Routes that break and mend the network: connections, sessions, whole servers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.control.requests import Body, NoFields, Scoped, read, user_with
from sandbox.control.seams import Connection, DataCentre, Server
from sandbox.world import World
from sandbox.world.timeline import EventKind


class Cut(Scoped):
    """End open connections, once."""

    reset: bool = False
    """With a TCP reset instead of a proper close."""


class Revoke(Body):
    """End every login of that account, for good."""

    user: int


class NetworkRoutes:
    def __init__(self, world: World, data_centre: DataCentre, bot_api: Server) -> None:
        self._world = world
        self._data_centre = data_centre
        self._bot_api = bot_api
        self._switches = {
            "data_centre": _Switch(data_centre, partial(self._note, "Telegram")),
            "bot_api": _Switch(bot_api, partial(self._note, "The Bot API")),
        }

    def running(self) -> dict[str, bool]:
        """Which of the servers listen."""
        return {name: switch.is_running for name, switch in self._switches.items()}

    def _note(self, name: str, kind: EventKind) -> None:
        self._world.timeline.note(kind, f"{name} was {kind}")

    def routes(self) -> list[web.RouteDef]:
        data_centre, bot_api = self._switches["data_centre"], self._switches["bot_api"]
        return [
            web.get("/control/connections", self._connections),
            web.post("/control/connections/cut", self._cut),
            web.post("/control/sessions/revoke", self._revoke),
            web.post("/control/datacentre/stop", data_centre.stop),
            web.post("/control/datacentre/start", data_centre.start),
            web.post("/control/botapi/stop", bot_api.stop),
            web.post("/control/botapi/start", bot_api.start),
            web.get("/control/log", self._log),
        ]

    async def _connections(self, _: web.Request) -> web.Response:
        return web.json_response(
            [shown_connection(self._world, each) for each in self._data_centre.connections()]
        )

    async def _cut(self, request: web.Request) -> web.Response:
        order = await read(request, Cut)
        order.check(self._world)
        count = self._data_centre.cut(order.user, key_id=order.key_id, reset=order.reset)
        return web.json_response({"cut": count})

    async def _revoke(self, request: web.Request) -> web.Response:
        order = await read(request, Revoke)
        count = self._data_centre.revoke(user_with(self._world, order.user).id)
        return web.json_response({"revoked": count})

    async def _log(self, _: web.Request) -> web.Response:
        """What was asked for and is not there."""
        asked = {
            "bot_api": self._bot_api.unknown_methods,
            "data_centre": self._data_centre.unknown_methods,
        }
        return web.json_response({"unknown_methods": asked})


def shown_connection(world: World, connection: Connection) -> dict[str, Any]:
    user = world.people.by_id.get(connection.user_id or 0)
    key_id = connection.key_id
    return {
        "id": connection.id,
        "peer": f"{connection.peer[0]}:{connection.peer[1]}",
        "key_id": str(key_id) if key_id is not None else None,
        "user_id": connection.user_id,
        "name": user.first_name if user else None,
        "opened_at": connection.opened_at.isoformat(),
        "device_model": connection.device_model,
        "app_version": connection.app_version,
        "api_id": connection.api_id,
        "requests": connection.requests,
    }


class _Switch:
    """One server's stop and start. Both may be asked for twice; the port stays."""

    def __init__(self, server: Server, note: Callable[[EventKind], None]) -> None:
        self._server = server
        self._note = note
        self.is_running = True

    async def stop(self, request: web.Request) -> web.Response:
        await read(request, NoFields)
        if self.is_running:
            self.is_running = False
            self._note(EventKind.STOPPED)
            await self._server.stop()
        return self._state()

    async def start(self, request: web.Request) -> web.Response:
        await read(request, NoFields)
        if not self.is_running:
            await self._server.start(self._server.port)
            self.is_running = True
            self._note(EventKind.STARTED)
        return self._state()

    def _state(self) -> web.Response:
        return web.json_response({"is_running": self.is_running, "port": self._server.port})
