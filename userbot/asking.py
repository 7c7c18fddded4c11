"""Asks Telegram things that can wait: a flood wait on a method is kept, and asked for first."""

from datetime import datetime, timedelta
from typing import Any

from telethon import errors as tl
from telethon.tl import TLRequest

from storage import floods
from storage.database import Database
from storage.floods import FloodWait
from userbot.line import Line


class MustWait(Exception):
    """Telegram wants the account to wait before it calls that method; nothing was asked."""

    def __init__(self, method: str, until: datetime) -> None:
        super().__init__(f"{method} has to wait")
        self.until = until


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
    async with database.read() as tx:
        until = await floods.active(tx, account_id, method)
    if until is not None:
        raise MustWait(method, until)
    try:
        return await line.call(request, limit_s=limit_s)
    except (tl.FloodWaitError, tl.FloodPremiumWaitError) as exc:
        until = database.now() + timedelta(seconds=int(exc.seconds))
        await database.writer.write(FloodWait(account_id, method, until))
        raise MustWait(method, until) from exc
