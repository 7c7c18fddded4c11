"""Looks after leased proxies: compares with the provider, replaces what is lost, gives back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger

from storage import accounts, assignments, incidents, journal, proxies, proxy_leases
from storage.accounts import Account, Desired
from storage.assignments import Found
from storage.database import Database
from storage.incidents import About, proxy_subject
from storage.proxies import Proxy
from storage.tx import Tx
from userbot.leasing.buying import Buyer, NotAllowed, Wish, tell_refusal
from userbot.leasing.rules import Mode, way
from userbot.providers.errors import Busy, OutcomeUnknown, OutOfStock, ProviderError, Refused
from userbot.providers.fallbacks import Fallbacks
from userbot.providers.protocol import Provider
from userbot.registry import Registry

LOST = "the provider no longer has it"
CONFIRM_S = 30.0
RELEASE_DELAY = timedelta(hours=1)
"""How long a release can be taken back, and the proxy given to another account (S1.7)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator allows. Seconds."""

    mode: Mode = Mode.AUTO
    release_after_s: float | None = None
    """A proxy goes back when its accounts were stopped for so long; None: never."""
    every_s: float = 300.0
    confirm_s: float = CONFIRM_S
    """A proxy counts as lost when it is missing from two lists that far apart."""


class Leases:
    """The loop; one in all processes, which the run lock sees to."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        buyer: Buyer,
        fallbacks: Fallbacks,
        policy: Policy,
    ) -> None:
        self._database = database
        self._registry = registry
        self._buyer = buyer
        self._fallbacks = fallbacks
        self._policy = policy
        self._replacing = asyncio.Lock()
        """The loop and an operator may want the same proxy replaced: the second finds it done."""
        self._seen: set[str] = set()
        """The providers that were compared with since the start."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            pause_s = await self.look()
            await asyncio.sleep(pause_s)

    async def look(self) -> float:
        """Look once at every provider; how many seconds until the next time."""
        pause_s = self._policy.every_s
        await self._buyer.refresh_alert()
        for provider in self._buyer.providers:
            try:
                again_at = await self._compare(provider)
                await self._release(provider)
            except ProviderError as exc:
                logger.bind(event="provider.failed").warning("{}", exc)
                await tell_refusal(self._database, exc)
                if isinstance(exc, Busy):
                    pause_s = min(pause_s, exc.retry_after_s)
                continue
            await tell_refusal(self._database, None)
            if again_at is not None:
                left = (again_at - self._database.now()).total_seconds()
                pause_s = min(pause_s, max(1.0, left))
        async with self._database.read() as tx:
            lost = await proxy_leases.lost(tx)
        for proxy in lost:
            await self.replace(proxy)
        await self._settle_alerts(lost)
        return pause_s

    async def _settle_alerts(self, lost: Sequence[Proxy]) -> None:
        """Where an operator moved or stopped the accounts of a lost one, nobody waits any more."""
        still = {proxy_subject(proxy.id) for proxy in lost}
        async with self._database.transaction() as tx:
            for subject in await incidents.open_subjects(tx, About.LEASE_LOST) - still:
                await incidents.close_about(tx, subject, About.LEASE_LOST)

    async def _compare(self, provider: Provider) -> datetime | None:
        """Settle purchases, then see what the provider no longer has."""
        async with self._buyer.lock:
            again_at = await self._buyer.settle(provider)
            missing = await self._missing(provider)
        if missing:
            await asyncio.sleep(self._policy.confirm_s)
            async with self._buyer.lock:
                still = await self._missing(provider)
                for proxy in (p for p in still if p.id in {m.id for m in missing}):
                    await self._note_lost(proxy)
        if provider.name not in self._seen:
            await self._note_reactivated(provider)
            self._seen.add(provider.name)
        return again_at

    async def _missing(self, provider: Provider) -> Sequence[Proxy]:
        held = {each.id for each in await provider.list()}
        async with self._database.read() as tx:
            known = await proxy_leases.leased(tx, provider.name)
        if len(known) > 1 and not held:
            # A suspended account lists nothing: that is no word on any one address.
            raise Refused(provider.name, f"it lists none of our {len(known)} proxies any more")
        return [p for p in known if p.lease is not None and p.lease.ref not in held]

    async def _note_lost(self, proxy: Proxy) -> None:
        async with self._database.transaction() as tx:
            await proxy_leases.set_released(tx, proxy.id)
            data = {"proxy": proxy.endpoint.name, "country": proxy.country}
            await journal.note(tx, "proxy.lost", actor="mooring", cause=LOST, data=data)
        logger.bind(proxy=proxy.id, event="proxy.lost").warning("proxy {}: {}", proxy.id, LOST)

    async def _note_reactivated(self, provider: Provider) -> None:
        """After a start: what the provider still has is used again, and nothing is bought."""
        async with self._database.transaction() as tx:
            leased = await proxy_leases.leased(tx, provider.name)
            used = [proxy for proxy in leased if proxy.accounts]
            for proxy in used:
                data = {"proxy": proxy.endpoint.name, "cents": proxy.cost.price_cents or 0}
                await journal.note(tx, "proxy.reactivated", actor="mooring", data=data)
        for proxy in used:
            log = logger.bind(proxy=proxy.id, event="proxy.reactivated")
            log.info("proxy {} goes on: the provider still has it", proxy.id)

    async def replace(
        self, proxy: Proxy, *, country: str | None = None, actor: str = "mooring"
    ) -> int:
        """Give the accounts of a lost proxy another one; how many have one now.

        `country`: an operator chose where. Else it is where they were, and what `way` allows.
        """
        async with self._replacing:
            return await self._replace(proxy, country, actor)

    async def _replace(self, proxy: Proxy, country: str | None, actor: str) -> int:
        async with self._database.read() as tx:
            sharers = await assignments.accounts_on(tx, proxy.id)
            found = await self._needing(tx, sharers)
            wanted = {a.id: await _wanted(tx, a, proxy) for a in found}
        moved, why = 0, ""
        for place, is_one_time in sorted(set(wanted.values())):
            chain = self._fallbacks.chain(place) if place else ()
            tried = way(place, chain, self._policy.mode, is_one_time=is_one_time)
            ids = [a.id for a in found if wanted[a.id] == (place, is_one_time)]
            countries = (country,) if country else tried.countries
            wishes = [Wish(each, ids[0], place, sharers) for each in countries]
            got, words = await self._find(wishes)
            if got is None:
                asked = "" if country else _asks(tried.to_ask)
                why = f"{words}{asked}"
                continue
            moved += await self._move(ids, got, Found(place, got.country), actor)
        await self._tell(proxy, len(found) - moved, why)
        return moved

    async def _needing(self, tx: Tx, numbers: Sequence[int]) -> list[Account]:
        found = [await accounts.get(tx, number) for number in numbers]
        return [a for a in found if a is not None and _needs_one(a)]

    async def _find(self, wishes: Sequence[Wish]) -> tuple[Proxy | None, str]:
        """A proxy by the first of these wishes that comes true: a spare one, or bought."""
        words = ""
        for wish in wishes:
            if (spare := await self._spare(wish.country)) is not None:
                return spare, ""
            try:
                bought = await self._buyer.buy(wish)
            except OutOfStock:
                words = f"there is none to be had in {wish.country.upper()}"
                continue
            except NotAllowed as exc:
                return None, f"nothing may be bought: {exc}"
            except OutcomeUnknown:
                return None, "a purchase may have been made; that is being found out"
            except ProviderError as exc:
                return None, str(exc)
            async with self._database.read() as tx:
                return await proxies.get(tx, bought), ""
        return None, words

    async def _spare(self, country: str) -> Proxy | None:
        """One that nobody has, not to be given back now; never one that is just going back."""
        async with self._buyer.lock, self._database.transaction() as tx:
            spare = await proxy_leases.spare(tx, country)
            if spare is not None:
                await proxy_leases.set_release(tx, spare.id, None)
                data = {"proxy": spare.endpoint.name, "cents": spare.cost.price_cents or 0}
                await journal.note(tx, "proxy.reused", actor="mooring", data=data)
            return spare

    async def _move(self, ids: Sequence[int], to: Proxy, found: Found, actor: str) -> int:
        kind = "proxy.fallback_country" if found.is_fallback else "proxy.replaced"
        moved: list[int] = []
        async with self._database.transaction() as tx:
            for account_id in ids:
                if await assignments.move(
                    tx, account_id, to.id, reason=LOST, actor=actor, found=found
                ):
                    moved.append(account_id)
                    data = {
                        "proxy": to.endpoint.name,
                        "wanted": found.wanted_country,
                        "country": found.country,
                    }
                    await journal.note(
                        tx, kind, actor=actor, account_id=account_id, cause=LOST, data=data
                    )
        for account_id in moved:
            logger.bind(account=account_id, event=kind).info("{} → {}", LOST, found.country)
            userbot = self._registry.get(account_id)
            if userbot is not None:
                userbot.reroute()
        return len(moved)

    async def _tell(self, proxy: Proxy, waiting: int, why: str) -> None:
        subject = proxy_subject(proxy.id)
        async with self._database.transaction() as tx:
            if waiting:
                who = "1 account waits" if waiting == 1 else f"{waiting} accounts wait"
                cause = f"{who} for another one; {why}"
                await incidents.open_about(tx, subject, About.LEASE_LOST, cause=cause)
            else:
                await incidents.close_about(tx, subject, About.LEASE_LOST)

    async def _release(self, provider: Provider) -> None:
        """Plan what no account needs any more; give back what is due."""
        after_s = self._policy.release_after_s
        async with self._database.transaction() as tx:
            stopped_before = None if after_s is None else tx.now - timedelta(seconds=after_s)
            needless = await proxy_leases.needless(tx, stopped_before=stopped_before)
            ids = {p.id for p in needless}
            for proxy in await proxy_leases.leased(tx, provider.name):
                is_waiting = proxy.lease is not None and proxy.lease.release_at is not None
                if is_waiting and proxy.accounts and proxy.id not in ids:
                    await proxy_leases.set_release(tx, proxy.id, None)  # it is needed again
                elif proxy.id in ids and not is_waiting:
                    await proxy_leases.set_release(tx, proxy.id, tx.now + RELEASE_DELAY)
                    data = {"proxy": proxy.endpoint.name}
                    await journal.note(tx, "proxy.releasing", actor="mooring", data=data)
            due = [p for p in await proxy_leases.to_release(tx) if _is_of(p, provider)]
        for proxy in due:
            await self._give_back(provider, proxy)

    async def _give_back(self, provider: Provider, proxy: Proxy) -> None:
        async with self._buyer.lock:
            async with self._database.read() as tx:
                now = await proxies.get(tx, proxy.id)
            is_due = now is not None and now.lease is not None and now.lease.release_at is not None
            if not is_due or proxy.lease is None:
                return  # taken back meanwhile
            await provider.release(proxy.lease.ref)
            async with self._database.transaction() as tx:
                await proxy_leases.set_released(tx, proxy.id)
                data = {"proxy": proxy.endpoint.name}
                await journal.note(tx, "proxy.released", actor="mooring", data=data)


def _needs_one(account: Account) -> bool:
    is_banned = account.observed.state == "BANNED"
    return account.removed_at is None and account.desired is Desired.RUN and not is_banned


async def _wanted(tx: Tx, account: Account, proxy: Proxy) -> tuple[str, bool]:
    """Where its proxy is to be, and whether its number can log in only once."""
    history = await assignments.history(tx, account.id)
    first = next((a.wanted_country for a in reversed(history) if a.wanted_country), None)
    place = account.country or first or proxy.country or ""
    return place, account.one_time_phone


def _asks(to_ask: Sequence[str]) -> str:
    if not to_ask:
        return ""
    return "; you may take one in " + ", ".join(c.upper() for c in to_ask)


def _is_of(proxy: Proxy, provider: Provider) -> bool:
    return proxy.lease is not None and proxy.lease.provider == provider.name
