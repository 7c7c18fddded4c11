"""Tells the admin chat what a start brought back: one message per recovery, at most once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo

from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter
from loguru import logger

from bot.admin_chat import AdminChat
from bot.callbacks import Go, Room, below
from bot.errors import BOT_API_ERRORS, may_have_arrived
from bot.texts import Html, Texts
from bot.times import clock
from bot.views import accounts as account_views
from bot.views.view import View, age, lines, rows
from storage import accounts, alert_switches, instances, recoveries
from storage.accounts import Account
from storage.alert_switches import AlertKind
from storage.database import Database
from storage.instances import Off
from storage.recoveries import After, Outcome, Recovered, Recovery

POLL_S = 1.0
AGAIN_S = 5.0
REFUSED_PAUSE_S = 60.0
MINUTE_S = 60.0
WORTH_TELLING = timedelta(minutes=1)
"""A shorter time without Mooring gets no line of its own."""
NAMED = 5
"""So many accounts that are not back are named; the others are counted."""


class News:
    """The loop that tells of recoveries that have ended."""

    def __init__(
        self,
        database: Database,
        t: Texts,
        *,
        admin_chat: AdminChat,
        zone: tzinfo,
    ) -> None:
        self._database = database
        self._t = t
        self._admin_chat = admin_chat
        self._zone = zone

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
        if await self._admin_chat.where() is None:
            return
        async with self._database.transaction() as tx:
            is_mine = await recoveries.take_to_tell(tx, recovery.id)
            is_wanted = AlertKind.RECOVERY not in await alert_switches.off(tx)
        if not is_mine or not is_wanted:
            return
        view = await self._view(recovery)
        try:
            await self._admin_chat.send(view, is_silent=is_quiet(recovery))
        except BOT_API_ERRORS as exc:
            await self._not_told(recovery, exc)

    async def _not_told(self, recovery: Recovery, error: Exception) -> None:
        """Again where it certainly did not arrive; else it may have, and is not repeated."""
        if may_have_arrived(error):
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
            off = await instances.off_before(tx, recovery.instance)
            line = was_off(self._t, off, self._zone) if off else None
        named = {a.id: a for a in known if a is not None}
        return summary(self._t, recovery, missing, named, line)


def is_quiet(recovery: Recovery) -> bool:
    """Whether it is told without a sound: an orderly restart, and all are back."""
    is_planned = recovery.after in {After.GRACEFUL, After.BESIDE}
    return is_planned and recovery.totals.back == recovery.totals.total


def summary(
    t: Texts,
    recovery: Recovery,
    missing: Sequence[Recovered],
    known: Mapping[int, Account],
    pause: Html | None = None,
) -> View:
    """One line of totals, and a line for each of the first accounts that are not back.

    `pause` says how long nothing ran before it.
    """
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
    to_accounts = (t("button-accounts"), below(Go(room=Room.ACCOUNTS)))
    parts = [text, *([pause] if pause else []), *named]
    return View(lines(parts), rows([to_accounts] * any(named)))


def was_off(t: Texts, off: Off, zone: tzinfo) -> Html | None:
    """How long nothing ran; None where the pause was short and nothing was wrong."""
    lasted = off.until - off.since
    if lasted < WORTH_TELLING and not off.incidents:
        return None
    return t(
        "recovery-off",
        to=clock(off.until, off.until, zone),
        age=age(t, lasted),
        incidents=off.incidents,
        **{"from": clock(off.since, off.until, zone)},
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


def _pause_s(error: Exception) -> float:
    if isinstance(error, TelegramRetryAfter):
        return error.retry_after
    return AGAIN_S if isinstance(error, TelegramNetworkError) else REFUSED_PAUSE_S
