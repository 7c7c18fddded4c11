"""What Telegram says of a frozen account: core.telegram.org/api/auth#frozen-accounts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from loguru import logger
from telethon.errors import RPCError, TypeNotFoundError
from telethon.tl import functions, types

from storage import accounts
from storage.account import Freeze
from storage.database import Database
from storage.freezes import FreezeSeen
from userbot.asking import MustWait, ask
from userbot.errors import LineError
from userbot.line import Line

METHOD = "help.getAppConfig"
LIMIT_S = 10.0
_HOSTS = {"t.me", "telegram.org"}
_LONGEST_URL = 255


async def note_freeze(database: Database, line: Line | None, account_id: int) -> bool:
    """Have it told that the account is frozen, with what Telegram says of that on its line.

    False where Telegram told of it before, and says nothing of it any more: it is over. No answer
    says nothing of the account.
    """
    told = await _asked(database, line, account_id) if line is not None else None
    if told == Freeze() and await _was_told(database, account_id):
        return False
    await database.writer.post(FreezeSeen(account_id, freeze=told))
    return True


async def _was_told(database: Database, account_id: int) -> bool:
    async with database.read() as tx:
        account = await accounts.get(tx, account_id)
    return account is not None and account.freeze.since is not None


async def _asked(database: Database, line: Line, account_id: int) -> Freeze | None:
    request = functions.help.GetAppConfigRequest(hash=0)
    try:
        answer = await ask(database, line, account_id, METHOD, request, limit_s=LIMIT_S)
    except (MustWait, RPCError, TypeNotFoundError, LineError) as exc:
        logger.bind(account=account_id, event="freeze.unknown").debug("not told: {}", exc)
        return None
    return freeze_in(answer.config) if isinstance(answer, types.help.AppConfig) else None


async def note_thaw(database: Database, account_id: int) -> None:
    """The account may write again: what was said of its freeze holds no more."""
    await database.writer.post(FreezeSeen(account_id, is_frozen=False))


def freeze_in(config: Any) -> Freeze:  # noqa: ANN401 - Telethon is untyped
    """What an app's configuration says of a freeze; what can't be meant is left out."""
    told = _plain(config)
    url = told.get("freeze_appeal_url")
    return Freeze(
        _time(told.get("freeze_since_date")),
        _time(told.get("freeze_until_date")),
        url if isinstance(url, str) and _is_telegrams(url) else "",
    )


def _plain(config: Any) -> Mapping[str, object]:  # noqa: ANN401 - Telethon is untyped
    if not isinstance(config, types.JsonObject):
        return {}
    return {each.key: getattr(each.value, "value", None) for each in config.value}


def _time(told: object) -> datetime | None:
    if not isinstance(told, int | float) or isinstance(told, bool) or told <= 0:
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_telegrams(url: str) -> bool:
    """Whether it is a page of Telegram's own: operators press what they are shown."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in _HOSTS and "\\" not in url
