"""What whoever runs the sandbox offers on its page, and the route that starts the world anew."""

import asyncio
from typing import Any

from aiohttp import web

from sandbox.control.requests import ControlError, NoFields, read


class Offers:
    """Set before the start. `python -m sandbox` and the demo offer things, a bare `Sandbox` none."""

    def __init__(self) -> None:
        self.tour: list[dict[str, Any]] = []
        """The steps of a guided tour of the page, as `page/tour/steps.js` reads them."""
        self.can_start_anew = False
        self._anew = asyncio.Event()

    async def until_anew(self) -> None:
        """Return when somebody has asked for a fresh world."""
        await self._anew.wait()

    def ask_for_a_new_world(self) -> None:
        self._anew.set()


class AnewRoutes:
    def __init__(self, offers: Offers) -> None:
        self._offers = offers

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/control/anew", self._anew)]

    async def _anew(self, request: web.Request) -> web.Response:
        """Everybody and everything in this world ends; another one comes on the same ports."""
        await read(request, NoFields)
        if not self._offers.can_start_anew:
            raise ControlError(409, "whoever runs this sandbox does not start it anew")
        self._offers.ask_for_a_new_world()
        return web.json_response({"anew": True}, status=202)
