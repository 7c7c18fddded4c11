"""`/livez`, `/readyz` and `/metrics`: for monitoring, and for nothing else. Nothing here acts."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import web
from loguru import logger
from prometheus_client import CONTENT_TYPE_LATEST

from bot.http.door import listening
from bot.http.guard import LIVEZ, Guard
from bot.http.health import Health, judge
from bot.http.life_sign import EVERY_S, LifeSign
from bot.http.metrics import Metrics
from bot.http.own import Seen
from bot.http.watch import DatabaseProbe, LoopLag
from bot.http_settings import Address, address
from bot.instance import Instance
from bot.settings import Settings
from storage.database import Database
from storage.instances import Role
from userbot.nursery import Nursery

RETRY_S = 10.0
"""Before a port that is in use is tried again: the process before may be ending."""


class Http:
    """Lives as long as the process, also while one life of an instance follows another.

    That it can't listen, or that a request fails, never ends or holds up anything else.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        role: Role,
        instance: Callable[[], Instance | None],
        nursery: Nursery,
        *,
        call_every_s: float = EVERY_S,
    ) -> None:
        self._settings = settings
        self._database = database
        self._role = role
        self._instance = instance
        self._nursery = nursery
        self._probe = DatabaseProbe(database)
        self._lag = LoopLag()
        self._metrics = Metrics(settings, database, nursery)
        url = settings.heartbeat_url
        self._life_sign = (
            LifeSign(url.get_secret_value(), lambda: self.health().is_ready, every_s=call_every_s)
            if url
            else None
        )
        self.listens_at: asyncio.Future[Address] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Listen and call, as the settings want it."""
        where = address(self._settings.http_bind)
        if where is None and self._life_sign is None:
            return
        self._nursery.keep(self._probe.run, name="database probe")
        if self._life_sign is not None:
            self._nursery.keep(self._life_sign.run, name="heartbeat call")
        if where is not None:
            self._nursery.keep(self._lag.run, name="event loop lag")
            self._nursery.start(self._serve(where), name="http")

    def health(self) -> Health:
        """How it is now."""
        return judge(
            self._instance(),
            self._role,
            storage_trouble=self._probe.trouble,
            now=self._database.now(),
        )

    async def _serve(self, where: Address) -> None:
        """Until cancelled; a port that can't be had is tried again, and told once."""
        token = self._settings.http_token
        guard = Guard(where, token.get_secret_value() if token else None)
        is_told = False
        while True:
            application = web.Application(middlewares=[guard.middleware], client_max_size=1024)
            application.router.add_get(LIVEZ, self._livez)
            application.router.add_get("/readyz", self._readyz)
            application.router.add_get("/metrics", self._page)
            try:
                async with listening(application, where) as found:
                    log = logger.bind(event="http.listening")
                    log.info("/livez, /readyz and /metrics answer at http://{}", found)
                    self.listens_at.set_result(found)
                    await asyncio.Event().wait()
            except OSError as exc:
                if not is_told:
                    log = logger.bind(event="http.failed")
                    log.warning(
                        "HTTP_BIND={} can't be had ({}): there is no /metrics and no /readyz, "
                        "the rest runs. It is tried again every {:g} s.",
                        where,
                        exc.strerror or exc,
                        RETRY_S,
                    )
                is_told = True
                await asyncio.sleep(RETRY_S)

    async def _livez(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        health = self.health()
        parts = {
            str(part): {"ok": found.is_well, "state": self._without_secrets(found.words)}
            for part, found in health.parts.items()
        }
        told = {"ready": health.is_ready, "role": str(health.role), "parts": parts}
        return web.Response(
            status=200 if health.is_ready else 503,
            text=json.dumps(told, indent=2) + "\n",
            content_type="application/json",
        )

    def _without_secrets(self, words: str) -> str:
        """The Bot API's words may quote one; here it stands as it is, in JSON it may be escaped."""
        for secret in self._settings.secrets:
            words = words.replace(secret, "***")
        return words

    async def _page(self, _: web.Request) -> web.Response:
        seen = Seen(
            self.health(),
            self._instance(),
            self._database,
            self._lag.timings,
            self._life_sign.is_heard if self._life_sign else None,
            self._database.now(),
        )
        body = await self._metrics.text(seen)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
