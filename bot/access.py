"""Only listed operators are served; anyone else gets nothing, and the journal notes it."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update, User
from loguru import logger
from typing_extensions import override

from storage import contacts, journal
from storage.database import Database


class OperatorsOnly(BaseMiddleware):
    """Drops every update of a stranger, before any handler or dialog sees it."""

    def __init__(self, operators: Collection[int], database: Database) -> None:
        self._operators = frozenset(operators)
        self._database = database
        self._strangers: set[int] = set()

    @override
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        user = data.get("event_from_user")
        if not isinstance(user, User):
            return None
        if isinstance(event, Update) and event.message and event.message.chat.type == "private":
            await self._remember(user)
        if user.id in self._operators:
            return await handler(event, data)
        return None

    async def _remember(self, user: User) -> None:
        is_new = user.id not in self._operators and user.id not in self._strangers
        async with self._database.transaction() as tx:
            await contacts.seen(tx, user.id, user.username)
            if is_new:
                await journal.note(
                    tx,
                    "stranger",
                    actor=f"stranger {user.id}",
                    data={"username": user.username or ""},
                )
        if is_new:
            self._strangers.add(user.id)
            logger.bind(event="access.stranger").warning(
                "user {} wrote to the bot and is not an operator; to let them in, set ADMIN_IDS={}",
                user.id,
                ",".join(str(i) for i in [*sorted(self._operators), user.id]),
            )
