"""The menu of commands beside the input field: few, and for each person what their role needs."""

import itertools

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BotCommand, BotCommandScopeChat, BotCommandScopeUnion
from loguru import logger

from bot.errors import BOT_API_ERRORS
from bot.people import People
from bot.texts import Texts
from storage import operators
from storage.database import Database
from storage.operators import Role

RETRY_S = 30.0
CHECK_S = 3600.0
MENUS: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: ("status", "accounts", "proxies", "sent", "uptime", "events", "help"),
    Role.OPERATOR: (
        "status",
        "accounts",
        "send",
        "sent",
        "proxies",
        "add_account",
        "pause",
        "help",
    ),
    Role.OWNER: (
        "status",
        "accounts",
        "send",
        "sent",
        "proxies",
        "add_account",
        "settings",
        "help",
    ),
}
"""At most eight: the rest is found by buttons and by /help."""


class CommandMenu:
    """The loop that sets each person's menu, again when somebody's role changes."""

    def __init__(self, bot: Bot, database: Database, people: People, t: Texts) -> None:
        self._bot = bot
        self._database = database
        self._people = people
        self._t = t
        self._set: dict[int, Role] = {}

    async def run(self) -> None:
        """Keep the menus right until cancelled."""
        with self._database.wakeups.subscribe(operators.CHANGED) as woken:
            while True:
                is_done = await self._announce()
                await woken.wait(CHECK_S if is_done else RETRY_S)

    async def _announce(self) -> bool:
        """Set what is to be set; False where the Bot API can't be reached now."""
        wanted = {person.user_id: person.role for person in await self._people.all()}
        try:
            if not self._set:
                await self._bot.set_my_commands([self._command("start")])  # for strangers
            for user_id, role in wanted.items():
                if self._set.get(user_id) is not role and await self._put(user_id, MENUS[role]):
                    self._set[user_id] = role
            for user_id in [each for each in self._set if each not in wanted]:
                await self._bot.delete_my_commands(scope=_in_private(user_id))
                del self._set[user_id]
        except BOT_API_ERRORS:
            return False
        return True

    async def _put(self, user_id: int, names: tuple[str, ...]) -> bool:
        commands = [self._command(name) for name in names]
        try:
            return await self._bot.set_my_commands(commands, scope=_in_private(user_id))
        except (TelegramBadRequest, TelegramForbiddenError) as exc:
            # They have not written to the bot yet; the next change or hour tries again.
            logger.bind(event="menu.refused").debug("no menu for {}: {}", user_id, exc.message)
            return False

    def _command(self, name: str) -> BotCommand:
        return BotCommand(command=name, description=self._t(f"command-{name}"))


def _in_private(user_id: int) -> BotCommandScopeUnion:
    return BotCommandScopeChat(chat_id=user_id)


ALL = sorted(set(itertools.chain(*MENUS.values())) | {"start"})
"""Every command that is in some menu."""
