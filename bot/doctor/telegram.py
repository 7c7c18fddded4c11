"""Checks of the way to Telegram: each data centre directly, and through each proxy.

A check has no account and no key: it asks for what begins a key exchange (userbot.proxies.probe).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.doctor.findings import Finding, bad, ok, warn
from bot.doctor.stored import Stock
from bot.proxy_standing import is_gone, is_removed
from bot.settings import Settings
from storage.proxies import Proxy
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Answer, Failed, Outcome, Reached, detect, probe, probe_directly
from userbot.telegram import PRODUCTION_ALL, DcAddress, start_at

AT_ONCE = 20
"""So many probes run beside each other."""
PROBE_LIMIT_S = 10.0
_DIRECTLY = {
    Cause.NAME_NOT_FOUND: "its host name was not found",
    Cause.REFUSED: "it refuses connections",
    Cause.UNREACHABLE: "it can't be reached from here",
    Cause.TIMED_OUT: "no answer in time",
    Cause.CLOSED: "the connection was closed at once",
}


def data_centres(settings: Settings) -> Sequence[DcAddress]:
    """Those that accounts may be on."""
    return (start_at(settings.telegram_dc),) if settings.telegram_dc else PRODUCTION_ALL


class Probes:
    """Probes with a common limit of how many run at a time, and when all must have ended."""

    def __init__(self, places: Sequence[DcAddress], *, end_at: float) -> None:
        """`end_at` is a time of the loop's clock."""
        self._places = places
        self._end_at = end_at
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def directly(self, read: Stock | None) -> list[Finding]:
        """Each data centre. Only accounts without a proxy need that."""
        needy = [a for a in read.to_run if a.without_proxy] if read else []
        outcomes = await asyncio.gather(*(self._directly(place) for place in self._places))
        found = zip(self._places, outcomes, strict=True)
        return [of_direct(place, outcome, needed_by=len(needy)) for place, outcome in found]

    async def through(self, proxy: Proxy, read: Stock) -> Finding:
        """Each data centre through the proxy; first that of its accounts."""
        places = list(self._places)
        if proxy.id in read.targets:
            own = DcAddress(*read.targets[proxy.id])
            places = [own, *(place for place in places if place.id != own.id)]
        first = await self._first(proxy, places[0])
        outcomes: dict[int, Outcome | None] = {places[0].id: first.outcome if first else None}
        if first is not None and isinstance(first.outcome, Reached):
            found = replace(proxy, endpoint=first.endpoint)
            later = await asyncio.gather(*(self._through(found, p) for p in places[1:]))
            outcomes |= {p.id: outcome for p, outcome in zip(places[1:], later, strict=True)}
        return of_proxy(proxy, outcomes)

    async def _directly(self, place: DcAddress) -> Outcome | None:
        async with self._slots:
            limit_s = self._left_s()
            return await probe_directly(place, limit_s=limit_s) if limit_s else None

    async def _first(self, proxy: Proxy, place: DcAddress) -> Answer | None:
        if not proxy.is_guess:
            outcome = await self._through(proxy, place)
            return Answer(proxy.endpoint, outcome) if outcome else None
        async with self._slots:
            limit_s = self._left_s()
            return await detect(proxy.endpoint, place, limit_s=limit_s) if limit_s else None

    async def _through(self, proxy: Proxy, place: DcAddress) -> Outcome | None:
        async with self._slots:
            limit_s = self._left_s()
            return await probe(proxy.endpoint, place, limit_s=limit_s) if limit_s else None

    def _left_s(self) -> float:
        """What a probe may take; 0 where there is no time for another one."""
        left_s = self._end_at - asyncio.get_running_loop().time()
        return min(PROBE_LIMIT_S, left_s) if left_s > 0 else 0.0


def to_check(read: Stock) -> list[Proxy]:
    """The proxies that accounts have, or may get."""
    return [p for p in read.proxies if p.accounts or not (is_gone(p) or is_removed(p))]


def of_direct(place: DcAddress, outcome: Outcome | None, *, needed_by: int) -> Finding:
    """`needed_by`: so many accounts connect directly. Pure."""
    check = f"data centre {place.id}"
    mend = "see to this machine's network and firewall; a proxy helps where Telegram is blocked"
    if isinstance(outcome, Reached):
        return ok(check, f"answers directly in {_ms(outcome)}")
    if outcome is None:
        return warn(check, "not asked: no time was left", "run this again with a longer --limit")
    words = _DIRECTLY.get(outcome.cause, "what answers there is not Telegram")
    if needed_by:
        return bad(check, f"directly: {words}; {needed_by} accounts have no proxy", mend)
    return warn(check, f"directly: {words}; accounts with a proxy don't need that", mend)


def of_proxy(proxy: Proxy, outcomes: dict[int, Outcome | None]) -> Finding:
    """What was found through a proxy, by data centre; the first is that of its accounts. Pure."""
    check = f"proxy {proxy.endpoint.name}"
    first, *_ = outcomes.values()
    carries = f"{proxy.accounts} {'account' if proxy.accounts == 1 else 'accounts'}"
    if first is None:
        return warn(check, "not asked: no time was left", "run this again with a longer --limit")
    if isinstance(first, Failed):
        mend = (
            f"see to it where you have it from; its card in /proxies gives it another address or "
            f"password, or moves its accounts ({carries})"
        )
        return (bad if proxy.accounts else warn)(check, first.words, mend)
    reached = [o for o in outcomes.values() if isinstance(o, Reached)]
    lost = [str(number) for number, o in outcomes.items() if not isinstance(o, Reached)]
    words = f"data centre {', '.join(str(n) for n in outcomes)}: {_ms(*reached)}; {carries}"
    if lost:
        return warn(
            check,
            f"works, but data centre {', '.join(lost)} did not answer through it; {carries}",
            "accounts on those need another proxy; where they have one there, ask its provider",
        )
    return ok(check, words)


def _ms(*reached: Reached) -> str:
    times = sorted(max(1, round(each.latency_s * 1000)) for each in reached)
    return f"{times[0]} ms" if times[0] == times[-1] else f"{times[0]} to {times[-1]} ms"
