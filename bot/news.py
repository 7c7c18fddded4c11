"""Tells the admin chat what a start brought back: one message per recovery, at most once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from loguru import logger

from bot.callbacks import Go, Room
from bot.errors import BOT_API_ERRORS, PROXY_ERRORS
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.view import View, age, lines, rows
from storage import accounts, recoveries
from storage.accounts import Account
from storage.database import Database
from storage.recoveries import After, Outcome, Recovered, Recovery

POLL_S = 1.0
AGAIN_S = 5.0
REFUSED_PAUSE_S = 60.0
MINUTE_S = 60.0
NAMED = 5
"""So many accounts that are not back are named; the others are counted."""


class News:
    """The loop that tells of recoveries that have ended."""

    def __init__(self, database: Database, bot: Bot, t: Texts, *, chat_id: int) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self._chat_id = chat_id

    async def run(self) -> None:
        """Tell until cancelled. What waited while the Bot API was down is told when it is back."""
        with self._database.wakeups.subscribe(recoveries.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    waiting = await recoveries.to_tell(tx)
                for recovery in waiting:
                    await self._tell(recovery)
                await woken.wait(POLL_S)

    async def _tell(self, recovery: Recovery) -> None:
        """Counted as told before it is: a crash in between loses it, and never tells it twice."""
        async with self._database.transaction() as tx:
            is_mine = await recoveries.take_to_tell(tx, recovery.id)
        if not is_mine:
            return
        view = await self._view(recovery)
        try:
            await self._bot.send_message(
                self._chat_id,
                view.text,
                reply_markup=view.keyboard,
                disable_notification=is_quiet(recovery),
            )
        except BOT_API_ERRORS as exc:
            await self._not_told(recovery, exc)

    async def _not_told(self, recovery: Recovery, error: Exception) -> None:
        """Again where it certainly did not arrive; else it may have, and is not repeated."""
        if _may_have_arrived(error):
            logger.bind(event="news.lost").warning("a summary may not have arrived: {}", error)
            return
        async with self._database.transaction() as tx:
            await recoveries.give_back(tx, recovery.id)
        logger.bind(event="news.delayed").warning("a summary waits: {}", error)
        await asyncio.sleep(_pause_s(error))

    async def _view(self, recovery: Recovery) -> View:
        async with self._database.read() as tx:
            found = await recoveries.accounts_of(tx, recovery.id)
            missing = [one for one in found if one.outcome is not Outcome.BACK]
            known = [await accounts.get(tx, one.account_id) for one in missing[:NAMED]]
        return summary(self._t, recovery, missing, {a.id: a for a in known if a is not None})


def is_quiet(recovery: Recovery) -> bool:
    """Whether it is told without a sound: an orderly restart, and all are back."""
    return recovery.after is After.GRACEFUL and recovery.totals.back == recovery.totals.total


def summary(
    t: Texts, recovery: Recovery, missing: Sequence[Recovered], known: Mapping[int, Account]
) -> View:
    """One line of totals, and a line for each of the first accounts that are not back."""
    totals = recovery.totals
    took = (recovery.ended_at or recovery.started_at) - recovery.started_at
    text = t(
        "recovery",
        light="🟢" if totals.back == totals.total else "🟡",
        back=totals.back,
        total=totals.total,
        took=_took(t, took),
        after=str(recovery.after),
        rest=_rest(t, missing),
    )
    named = [_line(t, one, known.get(one.account_id)) for one in missing[:NAMED]]
    if len(missing) > NAMED:
        named.append(t("recovery-more", count=len(missing) - NAMED))
    return View(
        lines([text, *named]), rows([(t("button-accounts"), Go(room=Room.ACCOUNTS))] * any(named))
    )


def _rest(t: Texts, missing: Sequence[Recovered]) -> Html:
    counts = Counter(one.outcome for one in missing)
    kinds = [(str(kind), counts[kind]) for kind in Outcome if counts[kind]]
    return Html("".join(t("recovery-rest", outcome=kind, count=n) for kind, n in kinds))


def _line(t: Texts, one: Recovered, account: Account | None) -> Html:
    name = account_views.name(account) if account else f"#{one.account_id}"
    reason = one.reason or t("recovery-why", outcome=str(one.outcome))
    return t("recovery-line", account=name, reason=reason)


def _took(t: Texts, took: timedelta) -> Html:
    if took.total_seconds() < MINUTE_S:
        return t("recovery-took", seconds=f"{took.total_seconds():.1f}")
    return age(t, took)


def _may_have_arrived(error: Exception) -> bool:
    """Telegram's refusals and a refused connection are definite; what broke later is not."""
    if isinstance(error, TelegramServerError):
        return True
    if not isinstance(error, TelegramNetworkError):
        return False
    cause = error.__cause__
    return not isinstance(
        cause, (aiohttp.ClientConnectorError, ConnectionRefusedError, *PROXY_ERRORS)
    )


def _pause_s(error: Exception) -> float:
    if isinstance(error, TelegramRetryAfter):
        return error.retry_after
    return AGAIN_S if isinstance(error, TelegramNetworkError) else REFUSED_PAUSE_S
