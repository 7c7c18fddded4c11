"""What an error of the Bot API says about a message that was to be sent."""

import html
from enum import StrEnum

import aiohttp
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramServerError,
)

from bot.errors import PROXY_ERRORS
from bot.texts import Texts


class Verdict(StrEnum):
    REFUSED = "refused"
    """Certainly not sent, and a repeat would not help."""
    NEVER_LEFT = "never left"
    """Certainly not sent: the Bot API could not be reached."""
    OPEN = "open"
    """It may have been sent: a timeout, a broken connection, a fault of the server."""


def judge(error: Exception) -> Verdict:
    """Only a refused connection and 4xx are definite."""
    if isinstance(error, TelegramEntityTooLarge):  # for aiogram an error of the network: it is 413
        return Verdict.REFUSED
    cause = error.__cause__ if isinstance(error, TelegramNetworkError) else error
    if isinstance(cause, (aiohttp.ClientConnectorError, ConnectionRefusedError, *PROXY_ERRORS)):
        return Verdict.NEVER_LEFT
    if isinstance(error, TelegramNetworkError | TelegramServerError):
        return Verdict.OPEN
    return Verdict.REFUSED if isinstance(error, TelegramAPIError) else Verdict.OPEN


def refusal(t: Texts, error: Exception, target: str, chat_id: int | str) -> str:
    """Why the Bot API did not take it, in plain words: whoever shows them escapes them."""
    said = error.message if isinstance(error, TelegramAPIError) else str(error)
    if key := _known(error, said.lower(), chat_id):
        return html.unescape(t(key, target=target))
    return html.unescape(t("bot-error-refused", words=said))


_SAID = {
    "bot was blocked": "bot-error-blocked",
    "user is deactivated": "bot-error-deleted",
    "was kicked": "bot-error-removed",
    "not a member": "bot-error-not-in-group",
    "messages to bots": "bot-error-to-bot",
    "not enough rights": "bot-error-no-right",
    "administrator rights": "bot-error-no-right",
    "chat_write_forbidden": "bot-error-no-right",
    "too big": "bot-error-too-big",
    "entity too large": "bot-error-too-big",
}
"""By what the Bot API says; its texts are no part of its contract, but have been so for years."""


def _known(error: Exception, said: str, chat_id: int | str) -> str | None:
    if isinstance(error, TelegramMigrateToChat):
        return "bot-error-new-group"
    for words, key in _SAID.items():
        if words in said:
            return key
    if "chat not found" in said or isinstance(error, TelegramForbiddenError):
        return _nowhere(chat_id)
    return None


def _nowhere(chat_id: int | str) -> str:
    if isinstance(chat_id, str):
        return "bot-error-unknown-chat"
    return "bot-error-not-started" if chat_id > 0 else "bot-error-not-in-group"
