"""The control bot: aiogram's parts wired to our handlers."""

from collections.abc import Collection

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import BotCommand, ErrorEvent
from loguru import logger

from bot.access import OperatorsOnly
from bot.dialogs import DialogStorage
from bot.errors import BOT_API_ERRORS
from bot.following import LeaveOnPress
from bot.handlers import accounts, deliveries, login, menu, proxies, sending, sent, sent_changes
from bot.handlers.context import Context
from bot.handlers.proxies.changing import Lines
from bot.texts import Texts
from storage.database import Database
from storage.errors import StorageError

MENU = (
    "start",
    "status",
    "accounts",
    "proxies",
    "costs",
    "send",
    "sent",
    "draft",
    "pause",
    "resume",
    "fallback",
    "add_account",
    "help",
    "cancel",
)


def make_bot(token: str, *, api_url: str | None, proxy: str | None) -> Bot:
    """The Bot API client; `api_url` names another server than Telegram's."""
    session = AiohttpSession(proxy=proxy)
    if api_url:
        session.api = TelegramAPIServer.from_base(api_url)
    return Bot(token, session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


def make_dispatcher(database: Database, operators: Collection[int], ctx: Context) -> Dispatcher:
    """Every handler, behind the door that lets only operators in."""
    dispatcher = Dispatcher(
        storage=DialogStorage(database),
        ctx=ctx,
        typed=login.Typed(),
        lines=Lines(),
        disable_fsm=False,
    )
    dispatcher.update.outer_middleware(OperatorsOnly(operators, database))
    dispatcher.callback_query.outer_middleware(LeaveOnPress(ctx.following))
    dispatcher.include_routers(
        login.router(),  # these two first: their deep links are special /starts
        proxies.router(),
        menu.router(),
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


async def announce_commands(bot: Bot, t: Texts) -> bool:
    """Set the menu of commands; False where the Bot API can't be reached now."""
    commands = [BotCommand(command=name, description=t(f"command-{name}")) for name in MENU]
    try:
        return await bot.set_my_commands(commands)
    except BOT_API_ERRORS:
        return False
