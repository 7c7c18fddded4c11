"""An instance's fair share: takes what nobody has, and hands over what is too much.

Sharing is looked after by each instance for itself, from the same rows. Taking is quick: accounts
that nobody has are offline. Handing over is slow and has to be worth it, for each one handed over
is offline for a moment.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from loguru import logger

from storage import deaths, lease, ownership
from storage.database import Database
from storage.errors import StorageError
from storage.lease import Lease
from userbot.enrolling import Enrolments
from userbot.neighbours import gone_of, place
from userbot.orders import Orders
from userbot.plan import Plan
from userbot.registry import Registry
from userbot.sending.outbox import Outbox

LOOK_EVERY_S = 5.0
COUNT_EVERY_S = 60.0
"""While nobody comes or goes and nothing is free, only new accounts can make shares uneven."""
BEGINNING_S = 15.0
GIVE_AT_ONCE = 25
GIVE_LIMIT_S = 15.0
"""How long a message that is being sent is waited for before its account stays."""
TOLERATED = 0.1
"""So far from their share instances may be before anything is handed over."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an instance stands among the others. Pure; see `standing`."""

    to_take: int
    to_give: int


def standing(
    instance: str, leases: Sequence[Lease], *, mine: int, free: int, expected: int = 1
) -> Standing:
    """How many accounts to take of those that are free, and how many to hand over.

    What the dead have is nobody's before they are buried. `expected`: so many instances are
    about to be there.
    """
    sharing = [each for each in leases if each.runs_userbots and not each.is_draining]
    alive = [each for each in sharing if not each.is_over]
    others = sum(each.accounts for each in alive if each.instance != instance)
    count = max(len(alive), expected, 1)
    share = ceil((mine + others + free) / count)
    if mine < share:
        return Standing(min(free, share - mine), 0)
    least = min((e.accounts for e in alive if e.instance != instance), default=mine)
    tolerated = max(1, ceil(share * TOLERATED))
    is_uneven = mine > share + tolerated or least < share - tolerated
    return Standing(0, mine - share if is_uneven and free == 0 else 0)


class Share:
    """Keeps the instance at its share, until it is told to drain: then it hands over all."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        outbox: Outbox,
        orders: Orders,
        enrolments: Enrolments,
        *,
        expected: int = 1,
        is_draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._registry = registry
        self._outbox = outbox
        self._orders = orders
        self._enrolments = enrolments
        self._expected = expected
        self._is_draining = is_draining
        self._began_at = asyncio.get_running_loop().time()
        self._even: tuple[object, float] = (None, self._began_at)
        """Among whom nothing was to be done at the last count, and when that was."""
        self.drained = asyncio.Event()

    async def run(self) -> None:
        """Look now and then, and as soon as accounts are to be had."""
        with self._database.wakeups.subscribe(ownership.FREE, lease.CHANGED) as woken:
            while True:
                try:
                    await self.look()
                except StorageError as exc:
                    logger.bind(event="share.waiting").warning("{}", exc)
                await woken.wait(LOOK_EVERY_S)

    async def look(self) -> Plan:
        """Look once; what was taken."""
        if self._is_draining():
            await self._drain()
            return Plan()
        if self._registry.is_closing:
            return Plan()
        await self._adopt()
        here = place()
        async with self._database.read() as tx:
            seen = await lease.page(tx, with_counts=False)
            near = await lease.pids_at(tx, here) if here else {}
            free = await ownership.count_free(tx)
        gone = gone_of(near)
        if gone or any(each.is_over for each in seen):
            await self._bury(gone)
        elif not free and self._was_even(seen):
            return Plan()
        async with self._database.read() as tx:
            seen = await lease.page(tx)
            free = await ownership.count_free(tx)
        now = standing(
            self._registry.instance,
            seen,
            mine=len(self._registry.owned),
            free=free,
            expected=self._expected if self._is_beginning() else 1,
        )
        if now.to_take:
            return await self._registry.take(now.to_take)
        if now.to_give:
            await self._give(now.to_give)
        else:
            self._even = self._among(seen), asyncio.get_running_loop().time()
        return Plan()

    def _was_even(self, seen: Sequence[Lease]) -> bool:
        """Whether nothing was to be done among the same instances, not long ago.

        Then the accounts are not counted again, which every instance would do all the time.
        """
        among, at = self._even
        is_fresh = asyncio.get_running_loop().time() - at < COUNT_EVERY_S
        return is_fresh and among == self._among(seen)

    def _among(self, seen: Sequence[Lease]) -> object:
        return [replace(each, accounts=0) for each in seen], len(self._registry.owned)

    async def _bury(self, gone: Sequence[str]) -> None:
        """End the leases of the dead: silent for long, or gone from this machine without lines."""
        async with self._database.transaction() as tx:
            buried = [*await deaths.bury_silent(tx), *await deaths.bury_gone(tx, gone)]
            for instance, freed in buried:
                log = logger.bind(event="instance.died")
                log.error("instance {} is dead; its {} accounts are free", instance, freed)

    def _is_beginning(self) -> bool:
        """Whether those that were started with this one may still be on their way."""
        return asyncio.get_running_loop().time() - self._began_at < BEGINNING_S

    async def _give(self, count: int) -> None:
        """What costs least first: accounts that have no line, then those taken last."""
        ids = [n for n in self._registry.owned if self._is_idle(n)]
        ids.sort(key=self._has_line)
        chosen = ids[: min(count, GIVE_AT_ONCE)]
        async with self._outbox.leaving(chosen, GIVE_LIMIT_S) as idle:
            unheard = await self._registry.unheard(idle)
            # Asked again: something may have begun while it was waited.
            given = [n for n in idle if n not in unheard and self._is_idle(n)]
            await self._registry.give(given, is_busy=lambda n: not self._is_idle(n))
        if not given:
            return
        logger.bind(event="share.given").info("{} accounts are for others to take", len(given))

    async def _adopt(self) -> None:
        """Run what is owned without a userbot: nobody else would."""
        for number in self._registry.without_userbot():
            is_busy = number in self._orders.under_way or self._enrolments.is_any_of(number)
            if not is_busy:
                logger.bind(account=number, event="share.adopted").warning("it had no userbot")
                await self._registry.adopt(number)

    def _is_idle(self, account_id: int) -> bool:
        """Whether nothing is under way with it but sending, which is waited for, and nothing lingers."""
        userbot = self._registry.get(account_id)
        is_busy = account_id in self._orders.under_way or self._enrolments.is_any_of(account_id)
        is_busy |= not self._registry.may_leave(account_id)
        return not (is_busy or (userbot is not None and userbot.is_dialling and not userbot.line))

    def _has_line(self, account_id: int) -> bool:
        userbot = self._registry.get(account_id)
        return userbot is not None and userbot.line is not None

    async def _drain(self) -> None:
        """Hand over everything, and say so once nothing is left."""
        self._registry.close()
        self._orders.close()
        await self._enrolments.close()
        left = list(self._registry.owned)
        async with self._outbox.leaving(left, GIVE_LIMIT_S):
            unheard = await self._registry.unheard(left)
            # What is half sent is the next one's to settle.
            await self._registry.give(
                [n for n in left if n not in unheard], is_busy=self._enrolments.is_any_of
            )
        self.drained.set()
