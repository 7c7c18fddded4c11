"""HEARTBEAT_URL: called each minute while all is well, so that somebody hears when that ends."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from loguru import logger

EVERY_S = 60.0
FIRST_WITHIN_S = 1.0
"""While it is not well it is looked again so soon: the first call comes with readiness."""
LIMIT_S = 10.0


class LifeSign:
    """Calls the address. A call that fails is told in the log once, and when it works again.

    The address is a secret: its host alone is ever shown. Only the environment's own proxy
    settings lead the call over a proxy.
    """

    def __init__(
        self,
        url: str,
        is_well: Callable[[], bool],
        *,
        every_s: float = EVERY_S,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._is_well = is_well
        self._every_s = every_s
        self._limit_s = limit_s
        self.is_heard: bool | None = None
        """Whether the last call was; None before the first."""

    async def run(self) -> None:
        """Call until cancelled."""
        limit = aiohttp.ClientTimeout(total=self._limit_s)
        while True:
            if self._is_well():
                async with aiohttp.ClientSession(timeout=limit, trust_env=True) as http:
                    self._note(await self._fault(http))
                await asyncio.sleep(self._every_s)
            else:
                await asyncio.sleep(min(FIRST_WITHIN_S, self._every_s))

    async def _fault(self, http: aiohttp.ClientSession) -> str:
        """Call once; why it was not heard, empty where it was. Never quotes the address."""
        try:
            async with http.get(self._url) as response:
                return f"it answers {response.status}" if response.status >= 400 else ""
        except TimeoutError:
            return f"no answer within {self._limit_s:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            return f"it can't be reached ({type(exc).__name__})"

    def _note(self, fault: str) -> None:
        was_heard, self.is_heard = self.is_heard, not fault
        if fault and was_heard is not False:
            log = logger.bind(event="heartbeat.unheard")
            log.warning("HEARTBEAT_URL at {} is not heard: {}", self._host, fault)
        elif not fault and was_heard is not True:
            log = logger.bind(event="heartbeat.heard")
            log.info("HEARTBEAT_URL at {} hears us", self._host)
