"""Tells the admin chat what broke and when it is well again: one message per incident."""

import asyncio
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from loguru import logger

from bot.callbacks import AccountAct, OnAccount
from bot.errors import BOT_API_ERRORS
from bot.show import edit
from bot.texts import Texts
from bot.views import about
from bot.views import accounts as account_views
from bot.views.view import Button, View, age, rows
from storage import accounts, incidents, proxies
from storage.accounts import Account
from storage.database import Database
from storage.incidents import Ending, Incident

POLL_S = 1.0
REFUSED_PAUSE_S = 60.0
_URGENT = {"needs_login", "banned"}
"""Kinds that do not heal by themselves: told at once."""
_OVER = {
    Ending.RECOVERED: "alert-over",
    Ending.STOPPED: "alert-stopped",
    Ending.FORGOTTEN: "alert-forgotten",
    Ending.LOGGED_OUT: "alert-logged-out",
}


class Alerts:
    """The loop that brings the admin chat up to date with the incidents, restarts included."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        *,
        chat_id: int,
        after_s: float,
        attempts: int,
    ) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self._chat_id = chat_id
        self._after = timedelta(seconds=after_s)
        self._attempts = attempts

    async def run(self) -> None:
        """Tell until cancelled. Nothing is lost while the Bot API is down."""
        with self._database.wakeups.subscribe(incidents.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    waiting = await incidents.to_tell(tx)
                    now = tx.now
                for incident in waiting:
                    await self._tell(incident, now)
                await woken.wait(POLL_S)

    async def _tell(self, incident: Incident, now: datetime) -> None:
        if incident.closed_at is None:
            is_ripe = now - incident.opened_at >= self._after
            if is_ripe or incident.kind in _URGENT or incident.subject is not None:
                await self._tell_open(incident)
        elif incident.message_id is None and incident.closed_at - incident.opened_at < self._after:
            await self._mark(incident, "closed")  # it healed within the debounce: no word of it
        else:
            await self._tell_over(incident)

    async def _tell_open(self, incident: Incident) -> None:
        if incident.subject is not None:
            await self._put(
                incident, about.opened(self._t, incident, await self._subject(incident)), "open"
            )
            return
        account = await self._account(incident)
        is_for_good = account is not None and account_views.waits_for_operator(account)
        view = View(
            self._t(
                "alert-for-good" if is_for_good else f"alert-{incident.kind}",
                account=_name(incident, account),
                at=_clock(incident.opened_at),
                cause=incident.cause,
                attempts=self._attempts,
            ),
            rows(self._buttons(incident, is_for_good=is_for_good)),
        )
        await self._put(incident, view, "open")

    async def _tell_over(self, incident: Incident) -> None:
        if incident.subject is not None:
            await self._put(
                incident, about.over(self._t, incident, await self._subject(incident)), "closed"
            )
            return
        closed_at = incident.closed_at or incident.opened_at
        view = View(
            self._t(
                _OVER[incident.ending],
                account=_name(incident, await self._account(incident)),
                to=_clock(closed_at),
                age=age(self._t, closed_at - incident.opened_at),
                cause=incident.cause,
                **{"from": _clock(incident.opened_at)},
            )
        )
        await self._put(incident, view, "closed")

    async def _put(self, incident: Incident, view: View, told: str) -> None:
        """Edit the incident's message, or send its first one."""
        if incident.message_id is not None and incident.chat_id is not None:
            if await edit(self._bot, incident.chat_id, incident.message_id, view):
                await self._mark(incident, told)
            return
        try:
            sent = await self._bot.send_message(
                self._chat_id, view.text, reply_markup=view.keyboard
            )
        except TelegramRetryAfter as exc:
            await asyncio.sleep(exc.retry_after)
            return
        except (TelegramBadRequest, TelegramForbiddenError) as exc:
            logger.bind(event="alert.refused").error(
                "the admin chat can't be written to ({}); check ADMIN_CHAT_ID, or write /start "
                "to the bot there",
                exc.message,
            )
            await asyncio.sleep(REFUSED_PAUSE_S)
            return
        except BOT_API_ERRORS as exc:
            logger.bind(event="alert.delayed").debug("an alert waits: {}", exc)
            return
        await self._mark(incident, told, chat_id=self._chat_id, message_id=sent.message_id)

    async def _mark(
        self,
        incident: Incident,
        told: str,
        *,
        chat_id: int | None = None,
        message_id: int | None = None,
    ) -> None:
        async with self._database.transaction() as tx:
            await incidents.set_told(
                tx,
                incident,
                told,
                chat_id=chat_id or incident.chat_id,
                message_id=message_id or incident.message_id,
            )

    async def _subject(self, incident: Incident) -> str:
        """What operators call what an incident is about that is about no account."""
        proxy_id = about.proxy_of(incident)
        async with self._database.read() as tx:
            proxy = await proxies.get(tx, proxy_id) if proxy_id is not None else None
        return proxy.endpoint.name if proxy else incident.subject or ""

    async def _account(self, incident: Incident) -> Account | None:
        async with self._database.read() as tx:
            return await accounts.get(tx, incident.account_id or 0)

    def _buttons(self, incident: Incident, *, is_for_good: bool) -> list[Button]:
        if incident.account_id is None or incident.kind == "banned":
            return []
        if incident.kind == "needs_login":
            key, act = "button-log-in", AccountAct.LOGIN
        else:
            key = "button-connect" if is_for_good else "button-reconnect"
            act = AccountAct.RECONNECT
        return [(self._t(key), OnAccount(act=act, id=incident.account_id))]


def _name(incident: Incident, account: Account | None) -> str:
    return account_views.name(account) if account else f"#{incident.account_id}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
