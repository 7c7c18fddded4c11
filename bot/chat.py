"""Builds what talks to the operators: the polling bot, its handlers, alerts, news, cards."""

from aiogram import Bot

from bot.admin_chat import AdminChat
from bot.alerts import Alerts, DeathWatch
from bot.botroute import BotChanges, BotRoute
from bot.cards import Cards
from bot.command_menu import CommandMenu
from bot.conflict import Conflict
from bot.control import make_dispatcher
from bot.delivery_desk import DeliveryDesk
from bot.desk import Desk
from bot.drafting import Drafting
from bot.exporter import Exporter
from bot.finding import Finding
from bot.gathering import Gathering
from bot.handlers.context import Context
from bot.importing import Importer
from bot.news import News
from bot.people import People
from bot.polling import Poller
from bot.program_cards import ProgramCards
from bot.proxy_desk import ProxyDesk
from bot.sending_rules import SendingRules
from bot.settings import Settings
from bot.storagewatch import StorageWatch
from bot.texts import Texts
from bot.times import zone_of
from bot.traits import Traits
from bot.zones import Zones
from storage.database import Database
from storage.engines import is_sqlite
from userbot.nursery import Nursery
from userbot.telegram import identity


def start_chat(
    settings: Settings, database: Database, bot: Bot, nursery: Nursery
) -> tuple[Poller, BotRoute]:
    """Nothing here waits for the Bot API: a bot that can't start never stops the userbots."""
    t = Texts()
    zone = zone_of(settings.time_zone)
    zones = Zones(database, zone)
    people = People(database, settings.admin_ids)
    admin_chat = AdminChat(bot, database, people, settings.admin_chat_id)
    route = BotRoute(database, bot, t, nursery)
    ctx = _context(settings, database, bot, nursery, t, people, admin_chat, zones)
    conflict = Conflict(database)
    poller = Poller(bot, make_dispatcher(database, ctx), nursery, conflict)
    program_cards = ProgramCards(
        database, bot, t, admin_chat=admin_chat, zones=zones, workload=route.workload
    )
    alerts = Alerts(
        database,
        bot,
        t,
        admin_chat=admin_chat,
        after_s=settings.alert_after,
        attempts=settings.max_reconnect_attempts,
        zone=zone,
    )
    nursery.keep(poller.run, name="polling")
    nursery.keep(conflict.run, name="conflicts over the bot")
    if not is_sqlite(database.url):
        nursery.keep(DeathWatch(database).run, name="instances that died")
    nursery.keep(CommandMenu(bot, database, people, t).run, name="command menu")
    nursery.keep(Cards(database, bot, t, zones=zones).run, name="cards")
    nursery.keep(route.run, name="bot route")
    nursery.keep(ctx.exporter.run, name="exports that are shown")
    nursery.keep(alerts.run, name="alerts")
    storage_watch = StorageWatch(database, bot, t, admin_chat=admin_chat, zone=zone)
    nursery.keep(storage_watch.run, name="storage watch")
    nursery.keep(program_cards.run, name="cards of programs' drafts")
    news = News(database, t, admin_chat=admin_chat, zone=zone)
    nursery.keep(news.run, name="news")
    return poller, route


def _context(
    settings: Settings,
    database: Database,
    bot: Bot,
    nursery: Nursery,
    t: Texts,
    people: People,
    admin_chat: AdminChat,
    zones: Zones,
) -> Context:
    """What every handler gets."""
    desk = Desk(database, settings.backups if settings.backup_every else None)
    rules = SendingRules(database, settings.fallback)
    proxies = ProxyDesk(
        database,
        capacity=settings.proxy_capacity,
        fewer_than=settings.fewer_than,
        spend_limit=settings.daily_spend_limit,
        can_lease=settings.has_provider,
    )
    return Context(
        desk,
        proxies,
        Drafting(database, rules),
        rules,
        DeliveryDesk(database, BotChanges(database, bot, t), desk.order, zones=zones),
        Gathering(nursery),
        t,
        nursery,
        settings.max_reconnect_attempts,
        people,
        admin_chat,
        _environment(settings),
        finding=Finding(database, per_second=settings.connects_per_second),
        importer=Importer(
            database,
            identity=identity(settings.api_id, settings.api_hash.get_secret_value()),
            fewer_than=settings.fewer_than,
        ),
        traits=Traits(database),
        exporter=Exporter(database, bot),
        zones=zones,
    )


def _environment(settings: Settings) -> dict[str, str]:
    """What operators may want to know of the settings; no secret is among them."""
    names = (
        "time_zone",
        "messages_per_minute",
        "new_peers_per_day",
        "fallback_after",
        "reconnect_delay",
        "max_reconnect_attempts",
        "auto_reconnect",
        "alert_after",
        "proxy_capacity",
        "backup_every",
    )
    return {name.upper(): _shown(getattr(settings, name)) for name in names}


def _shown(value: object) -> str:
    """As it would stand in `.env`."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}s" if isinstance(value, float) else str(value)
