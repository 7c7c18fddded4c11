"""Builds what keeps the accounts online: userbots, their recovery, their proxies, their orders."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from random import Random

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
from userbot.line import Limits, always
from userbot.monitor import Monitor
from userbot.nursery import Nursery
from userbot.orders import Orders
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
from userbot.startup import StartupBudget
from userbot.states import Schedule
from userbot.telegram import identity, start_at, trust
from userbot.userbot import Terms

REGISTER_RETRY_S = 5.0


async def start_userbots(
    settings: Settings,
    database: Database,
    instance: str,
    before: Before,
    stack: AsyncExitStack,
) -> tuple[Registry, Outbox]:
    """Register every supervisor before the bot polls, so that the first press finds them."""
    _trust(settings)
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
    terms = Terms(
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
        may_write=always,
        random=jitter,
        reach=reach,
        diagnose=checker.why,
    )
    # Closed after the nursery: what is being bought still has its session.
    providers = await _providers(settings, database, stack)
    nursery = Nursery()
    rules = Rules(settings.priority_countries, settings.recovery_window)
    registry = Registry(terms, nursery, instance, rules=rules)
    enrolments = Enrolments(
        database,
        registry,
        nursery,
        identity=identity(settings.api_id, settings.api_hash.get_secret_value()),
        start_at=begin_at,
        limits=limits,
        fewer_than=settings.fewer_than,
    )
    # Closed after the nursery: a login that ends meanwhile must not leave its line behind.
    stack.push_async_callback(enrolments.close)
    await stack.enter_async_context(nursery)
    await _recover(
        Recovery(database, registry, instance=instance, before=before), registry, nursery
    )
    proxy_orders = ProxyOrders(database, registry, checker)
    lease_orders = _lease(settings, database, registry, nursery, providers)
    sent_orders = SentOrders(database, registry)
    more = {**proxy_orders.kinds, **lease_orders.kinds, **sent_orders.kinds}
    orders = Orders(database, registry, enrolments, nursery, more=more)
    outbox = Outbox(
        database,
        registry,
        nursery,
        fallback_after_s=settings.fallback_after,
        rates=Rates(settings.messages_per_minute, settings.new_peers_per_day),
    )
    monitor = Monitor(database, registry)
    nursery.keep(monitor.run, name="monitor")
    nursery.keep(checker.run, name="proxy checks")
    nursery.keep(Heartbeat(database, registry, monitor).run, name="heartbeat")
    nursery.keep(orders.run, name="orders")
    nursery.keep(outbox.run, name="outbox")
    return registry, outbox


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
    nursery: Nursery,
    providers: tuple[Provider, ...],
) -> LeaseOrders:
    """Look after what providers lease to us, where there is a provider."""
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
    if providers:
        nursery.keep(looked_after.run, name="leases")
    return LeaseOrders(database, buyer, looked_after)


def _trust(settings: Settings) -> None:
    try:
        trust(settings.telegram_dc_public_key)
    except ValueError as exc:
        raise BadSettings([f"TELEGRAM_DC_PUBLIC_KEY: {exc}"]) from None


async def _recover(recovery: Recovery, registry: Registry, nursery: Nursery) -> None:
    """Register once now; what fails is tried again, and the bot starts all the same (S3.1)."""
    plan = await registry.start_all()
    if not registry.is_whole(plan):
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
