"""No operator can keep the bot from the others: each has a bucket of presses that refills."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update, User
from typing_extensions import override

from bot.show import acknowledge
from bot.texts import Texts

BURST = 60
PER_SECOND = 10.0


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at: float
    is_told: bool = False


class Throttle(BaseMiddleware):
    """Drops what comes too fast, and says so once until it is slow again."""

    def __init__(self, t: Texts, *, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._t = t
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[int, _Bucket] = {}

    @override
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        user = data.get("event_from_user")
        if not isinstance(user, User) or not isinstance(event, Update):
            return await handler(event, data)
        bucket = self._filled(user.id)
        if bucket.left >= 1:
            bucket.left -= 1
            bucket.is_told = False
            return await handler(event, data)
        if event.callback_query is not None:
            await acknowledge(event.callback_query, self._t("too-fast"))
        elif event.message is not None and not bucket.is_told:
            bucket.is_told = True
            await event.message.answer(self._t("too-fast"))
        return None

    def _filled(self, user_id: int) -> _Bucket:
        now = time.monotonic()
        bucket = self._buckets.setdefault(user_id, _Bucket(self._burst, now))
        gained = (now - bucket.filled_at) * self._per_second
        bucket.left = min(self._burst, bucket.left + gained)
        bucket.filled_at = now
        return bucket
