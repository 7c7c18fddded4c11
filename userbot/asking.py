"""Asks Telegram things that can wait: a flood wait on a method is kept, and asked for first."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from telethon import errors as tl
from telethon.tl import TLRequest

from storage import floods
from storage.database import Database
from storage.floods import FloodWait
from userbot.line import Line


class MustWait(Exception):
    """Telegram wants the account to wait before it calls that method; nothing was done."""

    def __init__(self, method: str, until: datetime) -> None:
        super().__init__(f"{method} has to wait")
        self.method = method
        self.until = until

    def in_words(self, now: datetime) -> str:
        """How long from now on, for an operator; what follows may say before what."""
        left = max(1, ceil((self.until - now).total_seconds()))
        return f"Telegram makes the account wait {left} s"


async def ask(
    database: Database,
    line: Line,
    account_id: int,
    method: str,
    request: TLRequest,
    *,
    limit_s: float | None = None,
) -> Any:  # noqa: ANN401 - Telethon is untyped
    """What Telegram answers. Raises `MustWait`, and what `Line.call` raises."""
    return await in_time(database, account_id, method, lambda: line.call(request, limit_s=limit_s))


async def in_time(
    database: Database, account_id: int, method: str, call: Callable[[], Awaitable[Any]]
) -> Any:  # noqa: ANN401 - Telethon is untyped
    """What `call` answers. Raises `MustWait`, before it or because of it, and what it raises.

    `method` is the name under which its waits are kept.
    """
    async with database.read() as tx:
        until = await floods.active(tx, account_id, method)
    if until is not None:
        raise MustWait(method, until)
    try:
        return await call()
    except (tl.FloodWaitError, tl.FloodPremiumWaitError) as exc:
        until = database.now() + timedelta(seconds=int(exc.seconds))
        await database.writer.write(FloodWait(account_id, method, until))
        raise MustWait(method, until) from exc
