"""Routes of the hazard log and its limits."""

from datetime import timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.proxies import ProxyShelf
from sandbox.control.requests import Body, read, user_with
from sandbox.control.seams import DataCentre
from sandbox.datacentre.hazards import Hazard, Hazards
from sandbox.world import World


class Rules(Body):
    """Limits to change; what is left out stays."""

    connects_per_minute: Annotated[int, Field(ge=0)] | None = None
    """0: no limit."""
    doubled_within_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    kills_duplicated_keys: bool | None = None


class OnlyThrough(Body):
    user: int
    proxy: int


class HazardRoutes:
    def __init__(self, world: World, data_centre: DataCentre, proxies: ProxyShelf) -> None:
        self._world = world
        self._data_centre = data_centre
        self._proxies = proxies

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/hazards", self._list),
            web.delete("/control/hazards", self._clear),
            web.get("/control/hazards/rules", self._rules),
            web.post("/control/hazards/rules", self._change),
            web.post("/control/hazards/proxy", self._only_through),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([shown_hazard(h) for h in self._data_centre.hazards.entries])

    async def _clear(self, _: web.Request) -> web.Response:
        count = len(self._data_centre.hazards.entries)
        self._data_centre.hazards.clear()
        return web.json_response({"cleared": count})

    async def _rules(self, _: web.Request) -> web.Response:
        return web.json_response(_rules(self._data_centre.hazards))

    async def _change(self, request: web.Request) -> web.Response:
        rules, hazards = await read(request, Rules), self._data_centre.hazards
        if rules.connects_per_minute is not None:
            hazards.connects_per_minute = rules.connects_per_minute or None
        if rules.doubled_within_s is not None:
            hazards.doubled_within = timedelta(seconds=rules.doubled_within_s)
        if rules.kills_duplicated_keys is not None:
            hazards.kills_duplicated_keys = rules.kills_duplicated_keys
        return web.json_response(_rules(hazards))

    async def _only_through(self, request: web.Request) -> web.Response:
        """From now on it is a hazard if the user comes in another way than by that proxy."""
        order = await read(request, OnlyThrough)
        user = user_with(self._world, order.user)
        placed = self._proxies.named(order.proxy)
        self._data_centre.hazards.only_through(user.id, placed.proxy.carries)
        return web.json_response({"user": user.id, "proxy": placed.id})


def shown_hazard(hazard: Hazard) -> dict[str, Any]:
    return {
        "at": hazard.at.isoformat(),
        "kind": hazard.kind,
        "user": hazard.user_id,
        "words": hazard.words,
    }


def _rules(hazards: Hazards) -> dict[str, Any]:
    return {
        "connects_per_minute": hazards.connects_per_minute,
        "doubled_within_s": hazards.doubled_within.total_seconds(),
        "kills_duplicated_keys": hazards.kills_duplicated_keys,
    }
