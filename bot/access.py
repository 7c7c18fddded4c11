"""Only listed people are served, each as far as their role goes; the journal notes who else came."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User
from loguru import logger
from typing_extensions import override

from bot.people import People
from bot.roles import NEEDS
from bot.show import acknowledge
from bot.texts import Texts
from storage import contacts, journal, names
from storage.database import Database
from storage.operators import Role

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
_START = "/start "


class OperatorsOnly(BaseMiddleware):
    """Drops every update of a stranger, before any handler or dialog sees it.

    A stranger with a valid invitation is none any more. Handlers find the role as `role`.
    """

    def __init__(self, people: People, database: Database, t: Texts) -> None:
        self._people = people
        self._database = database
        self._t = t
        self._strangers: set[int] = set()

    @override
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user = data.get("event_from_user")
        if not isinstance(user, User) or not isinstance(event, Update):
            return None
        role = await self._people.role_of(user.id)
        if event.message and event.message.chat.type == "private":
            role = await self._claimed(event.message, user) or role
            await self._seen(user, role)
        if role is not None:
            return await handler(event, data | {"role": role})
        if event.callback_query is not None:
            # In a group everybody sees the buttons: a press must not just spin.
            await acknowledge(event.callback_query, self._t("not-for-you"))
        is_private = event.message is not None and event.message.chat.type == "private"
        if (
            is_private or event.callback_query is not None
        ):  # what else is said in groups is no matter
            await self._note(user)
        return None

    async def _claimed(self, message: Message, user: User) -> Role | None:
        text = message.text or ""
        if not text.startswith(_START):
            return None
        return await self._people.claim(text.removeprefix(_START).strip(), user.id, user.full_name)

    async def _seen(self, user: User, role: Role | None) -> None:
        async with self._database.transaction() as tx:
            await contacts.seen(tx, user.id, user.username)
            if role is not None:
                await names.remember(tx, user.id, user.full_name)

    async def _note(self, user: User) -> None:
        """Once for each, and a run."""
        if user.id in self._strangers:
            return
        self._strangers.add(user.id)
        async with self._database.transaction() as tx:
            data = {"username": user.username or ""}
            await journal.note(tx, "stranger", actor=f"stranger {user.id}", data=data)
        logger.bind(event="access.stranger").warning(
            "user {} wrote to the bot and is not an operator; to let them in, an owner sends "
            "them an invitation (/operators, or `mooring invite`)",
            user.id,
        )


class RoleGate(BaseMiddleware):
    """Keeps from each handler whose role does not cover what it needs, and tells them so."""

    def __init__(self, t: Texts) -> None:
        self._t = t

    @override
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        needed = get_flag(data, NEEDS, default=Role.OPERATOR)
        role: Role = data["role"]
        if role.covers(needed):
            return await handler(event, data)
        words = self._t("role-needed", needed=str(needed))
        if isinstance(event, CallbackQuery):
            await acknowledge(event, words)
        elif isinstance(event, Message):
            await event.answer(words)
        return None
