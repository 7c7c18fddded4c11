"""The whole world at a glance, once or live: what the right side of the page shows."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.control.accounts import Accounts
from sandbox.control.anew import Offers
from sandbox.control.boards import Boards, Placement
from sandbox.control.fault_words import fault_words
from sandbox.control.faults import shown
from sandbox.control.hazards import shown_hazard
from sandbox.control.network import NetworkRoutes
from sandbox.control.proxies import ProxyShelf
from sandbox.control.requests import ControlError
from sandbox.control.seams import DataCentre
from sandbox.faults import Fault
from sandbox.world import World
from sandbox.world.logins import LoginCode
from sandbox.world.timeline import Event

_PACE_S = 0.2
_REST = 9
"""A look is followed by a rest so many times as long: who watches a huge world slows it little."""
_HEARTBEAT_S = 15.0
_LISTED = 100
_LONGEST_FIND = 64


class WorldRoutes:
    def __init__(
        self,
        world: World,
        data_centre: DataCentre,
        proxies: ProxyShelf,
        boards: Boards,
        network: NetworkRoutes,
        offers: Offers,
    ) -> None:
        self._world = world
        self._data_centre = data_centre
        self._proxies = proxies
        self._boards = boards
        self._network = network
        self._offers = offers
        self._accounts = Accounts(world, data_centre, proxies)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/world", self._once),
            web.get("/control/world/live", self._live),
        ]

    async def _once(self, request: web.Request) -> web.Response:
        """All at once; with `find` only the accounts that have it in name or number."""
        find = request.query.get("find", "")
        if len(find) > _LONGEST_FIND:
            raise ControlError(400, f"find: expected at most {_LONGEST_FIND} characters")
        return web.json_response(self._snapshot(find) | {"timeline": self._timeline(0)})

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """The same now and after every change, as JSON, until the other side leaves.

        Of the timeline only what is new since the message before.
        """
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S)
        await socket.prepare(request)
        async with asyncio.TaskGroup() as group:
            pushing = group.create_task(self._push(socket), name="live world")
            async for _ in socket:
                pass  # the page says nothing; reading notices that it left
            pushing.cancel()
        return socket

    async def _push(self, socket: web.WebSocketResponse) -> None:
        clock = asyncio.get_running_loop().time
        before, told = "", 0
        # ConnectionError: the page left while we wrote; the reader notices and ends all.
        with suppress(ConnectionError):
            while not socket.closed:
                started = clock()
                snapshot, timeline = self._snapshot(), self._timeline(told)
                now = json.dumps(snapshot)
                if now != before or timeline["events"]:
                    before, told = now, timeline["count"]
                    await socket.send_str(json.dumps(snapshot | {"timeline": timeline}))
                await asyncio.sleep(max(_PACE_S, _REST * (clock() - started)))

    def _snapshot(self, find: str = "") -> dict[str, Any]:
        accounts = self._accounts.shown(find)
        through = accounts.pop("lines_through")
        proxies = self._proxies.all()
        faults = [(where, each) for where in self._boards.all() for each in where.board.active()]
        hazards = self._data_centre.hazards.entries
        codes = self._world.logins.codes_out()
        return accounts | {
            "proxies": [
                placed.described() | {"lines": through[placed.id]} for placed in proxies[:_LISTED]
            ],
            "proxy_count": len(proxies),
            "running_proxy_count": sum(placed.is_running for placed in proxies),
            "faults": [self._fault(where, each) for where, each in faults[:_LISTED]],
            "fault_count": len(faults),
            "hazards": {
                "count": len(hazards),
                "latest": [shown_hazard(hazard) for hazard in reversed(hazards[-_LISTED:])],
            },
            "codes": [self._code(code) for code in codes[-_LISTED:]],
            "running": self._network.running(),
            "can_start_anew": self._offers.can_start_anew,
            "tour": self._offers.tour,
        }

    def _timeline(self, told: int) -> dict[str, Any]:
        timeline = self._world.timeline
        return {
            "count": timeline.count,
            "events": [_event(event) for event in timeline.since(told)],
        }

    def _fault(self, where: Placement, fault: Fault) -> dict[str, Any]:
        known = {name: value for name, value in shown(fault).items() if name != "until"}
        left = None if fault.times is None else max(fault.times - fault.struck, 0)
        return known | {
            "place": where.place,
            "proxy": where.proxy,
            "path": f"{where.path}/{fault.id}",
            "left": left,
            "words": fault_words(self._world, where, fault),
        }

    def _code(self, code: LoginCode) -> dict[str, Any]:
        user = self._world.people.with_phone(code.phone)
        return {
            "phone": code.phone,
            "code": code.code,
            "user": user.id if user else None,
            "name": user.first_name if user else None,
            "expires_at": code.expires_at.isoformat(),
        }


def _event(event: Event) -> dict[str, Any]:
    return asdict(event) | {"at": event.at.isoformat()}
