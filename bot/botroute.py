"""Sends as the bot, at most once: the Bot API has no key that makes a repeat harmless."""

import asyncio
import html
from datetime import timedelta

import aiohttp
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from loguru import logger

from bot.errors import BOT_API_ERRORS, PROXY_ERRORS
from bot.texts import Texts
from storage import accounts, contacts, deliveries, sessions
from storage.database import Database
from storage.deliveries import Move
from storage.delivery import Delivery, DeliveryState
from userbot.workload import Workload

POLL_S = 1.0


class BotRoute:
    """Takes deliveries that wait for the bot, one after the other."""

    def __init__(self, database: Database, bot: Bot, t: Texts) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self.workload = Workload("bot route")

    async def run(self) -> None:
        """Send until cancelled. What a crash left in BOT_SENDING is UNKNOWN, never repeated."""
        async with self._database.read() as tx:
            left_over = await deliveries.in_state(tx, DeliveryState.BOT_SENDING)
        for delivery in left_over:
            await self._settle(delivery, DeliveryState.UNKNOWN, self._t("bot-error-lost"))
        with self._database.wakeups.subscribe(deliveries.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    waiting = await deliveries.in_state(tx, DeliveryState.BOT_PENDING)
                    now = tx.now
                for delivery in waiting:
                    is_due = delivery.not_before is None or delivery.not_before <= now
                    if is_due and not self.workload.is_closing:
                        with self.workload.piece():
                            await self._send(delivery)
                await woken.wait(POLL_S)

    async def _send(self, delivery: Delivery) -> None:
        chat_id = await self._chat_of(delivery)
        if chat_id is None:
            words = self._t("bot-error-unknown-chat", target=delivery.target)
            await self._settle(delivery, DeliveryState.FAILED, words)
            return
        # Committed before the call: a crash from here on is UNKNOWN.
        waiting = {DeliveryState.BOT_PENDING}
        if not await self._move(delivery, waiting, DeliveryState.BOT_SENDING):
            return
        try:
            sent = await self._bot.send_message(chat_id, delivery.text, parse_mode=None)
        except TelegramRetryAfter as exc:
            await self._wait(delivery, exc.retry_after)
            await asyncio.sleep(exc.retry_after)  # it holds for all that the bot sends
        except BOT_API_ERRORS as exc:
            await self._failed(delivery, exc)
        else:
            await self._settle(delivery, DeliveryState.SENT_BY_BOT, "", message_id=sent.message_id)
            logger.bind(delivery=delivery.id, event="send.sent").info("sent as the bot")

    async def _chat_of(self, delivery: Delivery) -> int | str | None:
        """What the Bot API calls the target: it knows users by id only."""
        if delivery.peer is not None and delivery.peer.kind == "user":
            return delivery.peer.id
        target = delivery.target
        async with self._database.read() as tx:
            if target == "me":
                account = await accounts.get(tx, delivery.account_id)
                return account.user_id if account else None
            if target.startswith("@"):
                met = await contacts.id_of(tx, target[1:])
                # A public channel or group it knows by name; a user it does not.
                return met or await sessions.user_id_of(tx, username=target[1:]) or target
            if target.startswith("+"):
                return await sessions.user_id_of(tx, phone=target)
        return int(target)

    async def _wait(self, delivery: Delivery, seconds: int) -> None:
        """429 is a definite no, with a time."""
        until = self._database.now() + timedelta(seconds=seconds)
        sending = {DeliveryState.BOT_SENDING}
        await self._move(delivery, sending, DeliveryState.BOT_PENDING, not_before=until)

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        """Only a refused connection and 4xx are definite; anything else may have been sent."""
        if _never_left(error):
            words = self._t("bot-error-unreachable")
            await self._settle(delivery, DeliveryState.FAILED, words)
        elif isinstance(error, TelegramAPIError) and _is_definite(error):
            await self._settle(delivery, DeliveryState.FAILED, self._words(error, delivery))
        else:
            await self._settle(delivery, DeliveryState.UNKNOWN, self._t("bot-error-lost"))

    def _words(self, error: TelegramAPIError, delivery: Delivery) -> str:
        if isinstance(error, TelegramForbiddenError):
            blocked = "blocked" in error.message
            return self._t("bot-error-blocked" if blocked else "bot-error-not-started")
        if "chat not found" in error.message:
            return self._t("bot-error-unknown-chat", target=delivery.target)
        return self._t("bot-error-refused", words=error.message)

    async def _settle(
        self, delivery: Delivery, to: DeliveryState, error: str, **values: object
    ) -> None:
        waiting = {DeliveryState.BOT_PENDING, DeliveryState.BOT_SENDING}
        # Plain words: the card escapes them when it shows them.
        plain = html.unescape(error)
        await self._move(delivery, waiting, to, error=plain, **values)

    async def _move(
        self, delivery: Delivery, allowed: set[DeliveryState], to: DeliveryState, **values: object
    ) -> bool:
        """Through the writer: where the database is locked, the move waits and is not lost."""
        move = Move(delivery.id, frozenset(allowed), to, values)
        return await self._database.writer.write(move)


def _never_left(error: Exception) -> bool:
    cause = error.__cause__ if isinstance(error, TelegramNetworkError) else error
    return isinstance(cause, (aiohttp.ClientConnectorError, ConnectionRefusedError, *PROXY_ERRORS))


def _is_definite(error: TelegramAPIError) -> bool:
    return not isinstance(error, TelegramNetworkError | TelegramServerError)
