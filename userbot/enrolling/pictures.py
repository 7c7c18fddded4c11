"""Logging in by a picture that a phone scans which is logged in: core.telegram.org/api/qr-login.

The picture is good for half a minute and is then replaced. Telegram says when it was scanned, and
only to a connection that takes updates.
"""

import asyncio
import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon import errors as tl
from telethon.tl import functions, types

from storage.accounts import Identity
from storage.database import Database
from userbot.enrolling.answering import Answering
from userbot.enrolling.beginning import Beginning
from userbot.enrolling.dialling import Dialling, who_is_in
from userbot.enrolling.finishing import Finishing
from userbot.enrolling.under_way import Login, Picture, UnderWay
from userbot.login_answers import Outcome, password_asked
from userbot.nursery import Nursery
from userbot.registry import Registry

SHOWN_FOR_S = 300.0
WAIT_S = 60.0
"""So long an order waits for the next outcome before it is answered with the last one."""
SHORTEST_S, LONGEST_S = 0.5, 60.0
"""Between these a picture is replaced, whatever our clock says of Telegram's."""


class Pictures:
    """Logins by picture. Each is watched until it is over, whether anybody asks or not."""

    def __init__(
        self,
        database: Database,
        nursery: Nursery,
        under_way: UnderWay,
        answering: Answering,
        beginning: Beginning,
        dialling: Dialling,
        finishing: Finishing,
        registry: Registry,
        *,
        shown_for_s: float = SHOWN_FOR_S,
    ) -> None:
        self._database = database
        self._nursery = nursery
        self._under_way = under_way
        self._answering = answering
        self._beginning = beginning
        self._dialling = dialling
        self._finishing = finishing
        self._registry = registry
        self._shown_for_s = shown_for_s
        self._ends: dict[int, Outcome] = {}
        """How those ended that nobody has asked about since."""

    async def begin(self, account_id: int | None, actor: str) -> Outcome:
        """Give a new account its proxy (None), connect through it, and get a picture to show.

        The login of an account that waits for one is taken up where it is. Raises `Elsewhere`.
        """
        begun = await self._beginning.with_picture(account_id, actor)
        if not isinstance(begun, int):
            return begun
        await self._registry.claim(begun)
        self._ends.pop(begun, None)
        async with self._under_way.lock(begun):
            login = self._under_way.get(begun)
            if login is not None and login.asked is not None and self._is_shown(login):
                return login.asked
            await self._under_way.drop(begun)
            return await self._answering.answered(begun, lambda: self._connect(begun))

    async def next(self, account_id: int, seen: str) -> Outcome:
        """What comes after the picture with that address: another one, or how it ended."""
        login = self._under_way.get(account_id)
        if login is None or login.picture is None:
            over = {"error": "interrupted", "account": account_id}
            return self._ends.pop(account_id, over)
        picture = login.picture
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                while picture.outcome.get("url") == seen:
                    await picture.turned.wait()
        return picture.outcome

    def leave(self, login: Login) -> bool:
        """Show no further picture; False where nothing is shown that could be scanned.

        The one that is shown can be scanned until it expires, and a login must not be lost then.
        """
        picture = login.picture
        if picture is None or picture.outcome.get("step") != "qr":
            return False
        picture.is_left = True
        return True

    def _is_shown(self, login: Login) -> bool:
        """Whether its picture is one to go on with, or a scanned one waits for the password."""
        picture = login.picture
        if picture is None or login.asked is None:
            return False
        if login.asked.get("step") == "password":
            return True
        is_good = picture.expires_at is not None and picture.expires_at > self._database.now()
        if picture.outcome.get("step") != "qr" or not is_good:
            return False
        picture.is_left = False
        return True

    async def _connect(self, account_id: int) -> Outcome:
        picture = Picture()

        def on_update(update: Any) -> None:  # noqa: ANN401 - Telethon is untyped
            told = getattr(update, "updates", [getattr(update, "update", update)])
            if any(isinstance(each, types.UpdateLoginToken) for each in told):
                picture.scanned.set()

        line, identity = await self._dialling.open(account_id, on_update=on_update)
        login = Login(account_id, line, picture=picture)
        self._under_way.put(login)
        if me := await who_is_in(line):
            return await self._finishing.finish(login, me)
        outcome = await self._export(login, identity)
        if outcome.get("step") == "qr":
            picture.turn({"account": account_id, **outcome})
            watching = self._watch(login, identity)
            self._nursery.start(watching, name=f"picture of {account_id}")
        return outcome

    async def _export(self, login: Login, identity: Identity) -> Outcome:
        """Another picture; or what comes next, where the one before was scanned."""
        request = functions.auth.ExportLoginTokenRequest(identity.api_id, identity.api_hash, [])
        try:
            answer = await login.line.call(request)
            if isinstance(answer, types.auth.LoginTokenMigrateTo):
                await login.line.move(answer.dc_id)
                taking = functions.auth.ImportLoginTokenRequest(answer.token)
                answer = await login.line.call(taking)
        except tl.SessionPasswordNeededError:
            login.is_possibly_in = False
            asked = await login.line.call(functions.account.GetPasswordRequest())
            return password_asked(login.account_id, asked, self._database.now())
        if isinstance(answer, types.auth.LoginTokenSuccess):
            return await self._finishing.finish(login, answer.authorization.user)
        login.is_possibly_in = False
        if login.picture is not None:
            login.picture.expires_at = answer.expires
        token = base64.urlsafe_b64encode(answer.token).decode().rstrip("=")
        return {"step": "qr", "account": login.account_id, "url": f"tg://login?token={token}"}

    async def _watch(self, login: Login, identity: Identity) -> None:
        """Replace the picture whenever it expires, until it was scanned or is shown no more."""
        number, picture = login.account_id, login.picture
        shown_until = self._database.now() + timedelta(seconds=self._shown_for_s)
        while picture is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._left_s(picture)):
                    await picture.scanned.wait()
            login.is_possibly_in = picture.scanned.is_set()
            picture.scanned.clear()
            async with self._under_way.lock(number):
                if self._under_way.get(number) is not login:
                    picture.turn({"error": "interrupted", "account": number})
                    return
                outcome = await self._answering.answered(
                    number, lambda: self._export(login, identity)
                )
                is_over = picture.is_left or self._database.now() >= shown_until
                if outcome.get("step") == "qr" and is_over:
                    # Nobody has seen this last one, so nobody can scan it any more.
                    is_gone = await self._answering.forget(number)
                    outcome = {"error": "qr_timeout", "account": None if is_gone else number}
                picture.turn(outcome)
            if outcome.get("step") != "qr":
                self._ends[number] = outcome
                return

    def _left_s(self, picture: Picture) -> float:
        expires_at = picture.expires_at or datetime.now(UTC)
        left = (expires_at - self._database.now()).total_seconds()
        return min(max(left, SHORTEST_S), LONGEST_S)
