"""Checks proxies: each now and then, new and changed ones at once, and any on demand.

A check dials without an account and without a key. What it finds is in the rows; nothing follows
from it for accounts that have the proxy, but that they are woken when it works again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from random import Random

from loguru import logger

from storage import proxies
from storage.database import Database
from storage.proxies import Proxy
from storage.proxy_checks import Check
from userbot.proxies import Parsed
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Answer, Failed, Outcome, Reached, detect, probe
from userbot.reach import Reach
from userbot.telegram import DcAddress

EVERY_S = 600.0
POLL_S = 5.0
LIMIT_S = 10.0
AT_ONCE = 100
"""So many checks run beside each other."""
FRESH = timedelta(seconds=30)


class Checker:
    """The loop that checks proxies, and whoever wants to know of one now."""

    def __init__(
        self,
        database: Database,
        reach: Reach,
        target: DcAddress,
        *,
        random: Random,
        every_s: float = EVERY_S,
        limit_s: float = LIMIT_S,
        at_once: int = AT_ONCE,
    ) -> None:
        """`target` is asked for where none of a proxy's accounts has a data centre yet."""
        self._database = database
        self._reach = reach
        self._target = target
        self._random = random
        self._every_s = every_s
        self._limit_s = limit_s
        self._places = asyncio.Semaphore(at_once)
        self._asking: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        """Check until cancelled: what was never checked at once, the rest every ten minutes."""
        loop = asyncio.get_running_loop()
        all_at = loop.time() + self._pause_s()
        with self._database.wakeups.subscribe(proxies.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    waiting = await proxies.unchecked(tx)
                if loop.time() >= all_at:
                    async with self._database.read() as tx:
                        waiting = await proxies.page(tx)
                    all_at = loop.time() + self._pause_s()
                if waiting:
                    await self._check_all(waiting)
                await woken.wait(min(POLL_S, max(0.1, all_at - loop.time())))

    async def check(self, proxy_ids: Collection[int] | None = None) -> Mapping[int, Outcome]:
        """Check these now, or all; each is in its row as soon as it is known."""
        async with self._database.read() as tx:
            found = [p for p in await proxies.page(tx) if proxy_ids is None or p.id in proxy_ids]
        return await self._check_all(found)

    async def try_out(self, parsed: Parsed, proxy_id: int) -> Answer:
        """Check what may become that proxy's address; nothing is stored."""
        target = (await self._targets()).get(proxy_id, self._target)
        async with self._places:
            return await self._ask(parsed, target)

    async def why(self, proxy_id: int) -> str:
        """Why nothing comes through the proxy, in an operator's words; empty where it works.

        All its accounts ask at about the same time: what was found just now is the answer.
        """
        async with self._asking[proxy_id]:
            async with self._database.read() as tx:
                proxy = await proxies.get(tx, proxy_id)
            health = proxy.health if proxy else None
            if health is None or self._database.now() - health.checked_at > FRESH:
                outcome = (await self.check({proxy_id})).get(proxy_id)
                return outcome.words if isinstance(outcome, Failed) else ""
        return Cause(health.fault).words if health.fault else ""

    def _pause_s(self) -> float:
        return self._every_s * (1 + 0.2 * (self._random.random() - 0.5))

    async def _targets(self) -> Mapping[int, DcAddress]:
        async with self._database.read() as tx:
            known = await proxies.targets(tx)
        return {proxy_id: DcAddress(*place) for proxy_id, place in known.items()}

    async def _check_all(self, found: Sequence[Proxy]) -> Mapping[int, Outcome]:
        targets = await self._targets()
        outcomes: dict[int, Outcome] = {}

        async def work(proxy: Proxy) -> None:
            async with self._places:
                target = targets.get(proxy.id, self._target)
                outcomes[proxy.id] = await self._check_one(proxy, target)

        async with asyncio.TaskGroup() as checks:
            for proxy in found:
                checks.create_task(work(proxy), name=f"check of proxy {proxy.id}")
        return outcomes

    async def _check_one(self, proxy: Proxy, target: DcAddress) -> Outcome:
        answer = await self._ask(Parsed(proxy.endpoint, proxy.is_guess), target)
        if proxy.is_guess and not answer.is_guess:
            async with self._database.transaction() as tx:
                await proxies.settle_scheme(tx, proxy.id, answer.endpoint.scheme)
        await self._database.writer.write(_found(proxy.id, answer.outcome, self._database))
        self._tell(proxy, answer.outcome)
        return answer.outcome

    def _tell(self, proxy: Proxy, outcome: Outcome) -> None:
        log = logger.bind(proxy=proxy.id)
        if isinstance(outcome, Failed):
            if not proxy.is_sick:
                log.bind(event="proxy.sick").warning("proxy {}: {}", proxy.id, outcome.words)
        elif proxy.is_sick:
            log.bind(event="proxy.well").info("proxy {} works again", proxy.id)
            self._reach.works(proxy.id)

    async def _ask(self, parsed: Parsed, target: DcAddress) -> Answer:
        if parsed.is_guess:
            return await detect(parsed.endpoint, target, limit_s=self._limit_s)
        outcome = await probe(parsed.endpoint, target, limit_s=self._limit_s)
        return Answer(parsed.endpoint, outcome)


def _found(proxy_id: int, outcome: Outcome, database: Database) -> Check:
    if isinstance(outcome, Reached):
        return Check(proxy_id, database.now(), "", round(outcome.latency_s * 1000))
    return Check(proxy_id, database.now(), str(outcome.cause))
