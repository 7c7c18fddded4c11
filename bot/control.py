"""The control bot: aiogram's parts wired to our handlers."""

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import ErrorEvent
from loguru import logger

from bot.access import OperatorsOnly, RoleGate
from bot.alert_desk import AlertDesk
from bot.below import answer_below
from bot.charts.child import Charts
from bot.chronicle import Chronicle
from bot.crew import Crew
from bot.dialogs import DialogStorage
from bot.following import LeaveOnPress
from bot.handlers import (
    account_settings,
    accounts,
    alerts,
    deliveries,
    events,
    exporting,
    instances,
    login,
    menu,
    people,
    proxies,
    sending,
    sent,
    sent_changes,
    settings,
    status,
    uptime,
    zone,
)
from bot.handlers.accounts import messages
from bot.handlers.context import Context
from bot.handlers.proxies.changing import Lines
from bot.live import Live
from bot.throttle import Throttle
from storage.database import Database
from storage.errors import StorageError


def make_bot(token: str, *, api_url: str | None, proxy: str | None) -> Bot:
    """The Bot API client; `api_url` names another server than Telegram's."""
    session = AiohttpSession(proxy=proxy)
    if api_url:
        session.api = TelegramAPIServer.from_base(api_url)
    return Bot(token, session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


def make_dispatcher(database: Database, ctx: Context) -> Dispatcher:
    """Every handler, behind the door that lets only operators in."""
    dispatcher = Dispatcher(
        storage=DialogStorage(database),
        ctx=ctx,
        typed=login.Typed(),
        lines=Lines(),
        alerts=AlertDesk(database),
        chronicle=Chronicle(database),
        crew=Crew(database),
        charts=Charts(),
        live=Live(ctx.following, ctx.t, database.now, ctx.desk.changes),
        disable_fsm=False,
    )
    dispatcher.update.outer_middleware(OperatorsOnly(ctx.people, database, ctx.t))
    dispatcher.update.outer_middleware(Throttle(ctx.t))
    dispatcher.callback_query.outer_middleware(LeaveOnPress(ctx.following))
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.middleware(RoleGate(ctx.t))
    answer_below(dispatcher, ctx.t)  # last: who may not press gets no message
    dispatcher.include_routers(
        login.router(),  # these four first: their deep links are special /starts
        proxies.router(),
        messages.router(),
        exporting.router(),
        menu.router(),
        status.router(),
        uptime.router(),
        events.router(),
        people.router(),
        settings.router(),
        instances.router(),
        zone.router(),
        alerts.router(),
        account_settings.router(),
        accounts.router(),
        deliveries.router(),
        sent_changes.router(),
        sent.router(),
        sending.router(),
        menu.last_router(),
    )

    @dispatcher.errors()
    async def failed(event: ErrorEvent) -> bool:
        """Say so instead of falling silent; the traceback is in the log."""
        words = "fault"
        log = logger.bind(event="handler.failed")
        if isinstance(event.exception, StorageError):
            words = "fault-storage"
            log.warning("a handler gave up: {}", event.exception)
        else:
            log.opt(exception=event.exception).error("a handler failed")
        update = event.update
        if update.callback_query is not None:
            await update.callback_query.answer(ctx.t(words), show_alert=True)
        elif update.message is not None:
            await update.message.answer(ctx.t(words))
        return True

    return dispatcher
