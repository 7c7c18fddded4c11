"""Builds what keeps the accounts online: userbots, their recovery, their proxies, their orders."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import Any

from loguru import logger

from bot.providers import open_providers
from bot.settings import BadSettings, Settings
from storage import proxy_leases
from storage.database import Database
from storage.errors import StorageError
from storage.instances import Before
from userbot.checker import Checker
from userbot.enrolling import Enrolments
from userbot.facts import Heartbeat
from userbot.leasing.buying import Buyer
from userbot.leasing.leases import CONFIRM_S, Leases, Policy
from userbot.leasing.orders import LeaseOrders
from userbot.limits import Limits
from userbot.monitor import Monitor
from userbot.nursery import Nursery
from userbot.orders import Orders
from userbot.owned import Owned
from userbot.plan import Rules
from userbot.providers import fallbacks, static
from userbot.providers.protocol import Provider
from userbot.proxy_orders import ProxyOrders
from userbot.reach import Reach
from userbot.recovery import Recovery
from userbot.registry import Registry
from userbot.sending.orders import SentOrders
from userbot.sending.outbox import Outbox
from userbot.sending.pace import Rates
from userbot.share import Share
from userbot.startup import StartupBudget
from userbot.states import Schedule
from userbot.telegram import identity, start_at, trust
from userbot.tenure import Tenure
from userbot.terms import Terms

REGISTER_RETRY_S = 5.0
Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Fleet:
    """What keeps the accounts of an instance online."""

    nursery: Nursery
    registry: Registry
    outbox: Outbox
    enrolments: Enrolments
    share: Share | None
    """Where other instances may have a part of the accounts."""
    house: Mapping[str, Loop]
    """What only one instance does, by the names of the tasks."""
    keeps_house: bool = False
    monitor: Monitor | None = None

    def keep_house(self) -> None:
        """Do that too from now on."""
        self.keeps_house = True
        for name, loop in self.house.items():
            self.nursery.keep(loop, name=name)

    def fence(self) -> None:
        """Abort every line now."""
        self.registry.close()
        self.registry.fence()
        self.enrolments.fence()


async def start_userbots(
    settings: Settings,
    owned: Owned,
    before: Before,
    may_write: Callable[[], bool],
    stack: AsyncExitStack,
    *,
    tenure: Tenure | None = None,
    expected: int = 1,
) -> Fleet:
    """Register every supervisor before the bot polls, so that the first press finds them.

    Without a tenure there is no other instance.
    """
    _trust(settings)
    database = owned.database
    limits = Limits(ping_every_s=settings.ping_every)
    jitter = Random(secrets.randbits(64))  # noqa: S311 - jitter, no secret
    begin_at = start_at(settings.telegram_dc)
    checker = Checker(
        database,
        reach := Reach(),
        begin_at,
        random=jitter,
        every_s=settings.proxy_check_every,
    )
    terms = _terms(settings, database, limits, jitter, reach, checker, may_write)
    # Closed after the nursery: what is being bought still has its session.
    providers = await _providers(settings, database, stack)
    nursery = Nursery()
    rules = Rules(settings.priority_countries, settings.recovery_window)
    registry = Registry(terms, nursery, owned, rules=rules)
    enrolments = Enrolments(
        database,
        registry,
        nursery,
        identity=identity(settings.api_id, settings.api_hash.get_secret_value()),
        start_at=begin_at,
        limits=limits,
        fewer_than=settings.fewer_than,
        may_write=may_write,
    )
    # Closed after the nursery: a login that ends meanwhile must not leave its line behind.
    stack.push_async_callback(enrolments.close)
    await stack.enter_async_context(nursery)
    if tenure is not None:
        stack.push_async_callback(_note_unheard, registry, enrolments)
    looked_after, lease_orders = _lease(settings, database, registry, providers)
    proxy_orders = ProxyOrders(database, registry, checker)
    sent_orders = SentOrders(database, registry)
    more = {**proxy_orders.kinds, **lease_orders.kinds, **sent_orders.kinds}
    outbox = Outbox(
        database,
        registry,
        nursery,
        fallback_after_s=settings.fallback_after,
        rates=Rates(settings.messages_per_minute, settings.new_peers_per_day),
    )
    house: dict[str, Loop] = {"proxy checks": checker.run}
    if providers:
        house["leases"] = looked_after.run
    fleet = Fleet(nursery, registry, outbox, enrolments, None, house)
    orders = Orders(
        database,
        registry,
        enrolments,
        nursery,
        more=more,
        not_for_us=lambda: () if fleet.keeps_house else lease_orders.kinds,
    )
    if tenure is not None:
        fleet.share = Share(
            database,
            registry,
            outbox,
            orders,
            enrolments,
            expected=expected,
            is_draining=tenure.draining.is_set,
        )
    recovery = Recovery(database, registry, instance=owned.instance, before=before)
    await _recover(recovery, registry, fleet.share, nursery)
    monitor = fleet.monitor = Monitor(database, registry)
    nursery.keep(monitor.run, name="monitor")
    nursery.keep(Heartbeat(database, registry, monitor).run, name="heartbeat")
    nursery.keep(orders.run, name="orders")
    nursery.keep(outbox.run, name="outbox")
    if fleet.share is not None:
        nursery.keep(fleet.share.run, name="share")
    return fleet


async def _note_unheard(registry: Registry, enrolments: Enrolments) -> None:
    """While a step of a login that is under way can still be seen: its end would look like none."""
    registry.close()
    await enrolments.close()
    await registry.note_unheard()


def _terms(
    settings: Settings,
    database: Database,
    limits: Limits,
    jitter: Random,
    reach: Reach,
    checker: Checker,
    may_write: Callable[[], bool],
) -> Terms:
    return Terms(
        database=database,
        limits=limits,
        schedule=Schedule.starting_with(
            settings.reconnect_delay,
            settings.max_reconnect_attempts,
            auto=settings.auto_reconnect,
        ),
        budget=StartupBudget(
            per_second=settings.connects_per_second,
            per_proxy=settings.connects_per_proxy,
            delay_s=settings.startup_delay,
        ),
        may_write=may_write,
        random=jitter,
        reach=reach,
        diagnose=checker.why,
    )


async def _providers(
    settings: Settings, database: Database, stack: AsyncExitStack
) -> tuple[Provider, ...]:
    async with database.read() as tx:
        given = {p.lease.ref for p in await proxy_leases.leased(tx, static.NAME) if p.lease}
    return await stack.enter_async_context(open_providers(settings, given=given))


def _lease(
    settings: Settings,
    database: Database,
    registry: Registry,
    providers: tuple[Provider, ...],
) -> tuple[Leases, LeaseOrders]:
    """What looks after the proxies that providers lease to us, and what is ordered of them."""
    buyer = Buyer(database, providers, limit=settings.daily_spend_limit)
    every_s = settings.leases_every
    policy = Policy(
        settings.country_fallback,
        settings.release_after,
        every_s=every_s,
        confirm_s=min(CONFIRM_S, every_s / 10),
    )
    chains = fallbacks.load(settings.country_fallbacks_file)
    looked_after = Leases(database, registry, buyer, chains, policy)
    return looked_after, LeaseOrders(database, buyer, looked_after)


def _trust(settings: Settings) -> None:
    try:
        trust(settings.telegram_dc_public_key)
    except ValueError as exc:
        raise BadSettings([f"TELEGRAM_DC_PUBLIC_KEY: {exc}"]) from None


async def _recover(
    recovery: Recovery, registry: Registry, share: Share | None, nursery: Nursery
) -> None:
    """Register once now; what fails is tried again, and the bot starts all the same (S3.1)."""
    plan = await (registry.start_all() if share is None else share.look())
    if share is None and not registry.is_whole(plan):
        nursery.start(_register_later(registry), name="register userbots")
    await recovery.begin(plan)
    nursery.start(recovery.run(), name="recovery")


async def _register_later(registry: Registry) -> None:
    while True:
        await asyncio.sleep(REGISTER_RETRY_S)
        try:
            if registry.is_whole(await registry.start_all()):
                return
        except StorageError as exc:
            logger.bind(event="userbots.waiting").warning("{}", exc)
