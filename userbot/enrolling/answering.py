"""Turns what happens in a step of a login into its outcome, and tidies up after it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from telethon import errors as tl

from storage import accounts, floods, sessions
from storage.database import Database
from storage.floods import FloodWait
from userbot.enrolling.dialling import NoProxyToDial
from userbot.enrolling.under_way import UnderWay
from userbot.errors import LineError
from userbot.login_answers import HOPELESS, Outcome, refusal
from userbot.states import State

SEND_CODE = "auth.sendCode"


class Answering:
    """Every step of a login goes through here, under its lock."""

    def __init__(self, database: Database, under_way: UnderWay) -> None:
        self._database = database
        self._under_way = under_way

    async def answered(self, account_id: int, act: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Turn what can go wrong into an outcome; a line that dropped is closed."""
        if (left := await self._flood_left(account_id)) is not None:
            return {"error": "flood", "seconds": left, "account": account_id}
        try:
            outcome = await act()
        except NoProxyToDial:
            outcome = {"error": "no_proxy"}
        except (LineError, tl.AuthKeyNotFound):
            await self._under_way.drop(account_id)
            outcome = {"error": "no_connection"}
        except (tl.FloodWaitError, tl.FloodPremiumWaitError, tl.FloodTestPhoneWaitError) as exc:
            await self._keep_flood(account_id, int(exc.seconds))
            outcome = {"error": "flood", "seconds": int(exc.seconds)}
        except tl.RPCError as exc:
            outcome = refusal(exc)
        if await self._tidy(account_id, outcome):
            return {**outcome, "account": None}
        return {"account": account_id, **outcome}

    async def forget(self, account_id: int) -> bool:
        """Remove an account that never logged in; one that has a flood wait to keep stays."""
        await self._under_way.drop(account_id)
        async with self._database.transaction() as tx:
            if await floods.is_any_active(tx, account_id):
                return False
            return await accounts.remove_unfinished(tx, account_id, state=State.NEW)

    async def _tidy(self, account_id: int, outcome: Outcome) -> bool:
        """Remember what Telegram waits for, let go of what can't be gone on with.

        True where the account is gone.
        """
        login = self._under_way.get(account_id)
        if login is not None and outcome.get("step") in {"code", "password", "qr"}:
            login.asked = outcome
        if outcome.get("error") == "code_expired":
            await self._under_way.drop(account_id)
        if outcome.get("error") in HOPELESS or await self._never_reached(account_id, outcome):
            return await self.forget(account_id)
        return False

    async def _never_reached(self, account_id: int, outcome: Outcome) -> bool:
        """Whether the first dial failed: then the next try may get another proxy."""
        if outcome.get("error") != "no_connection":
            return False
        async with self._database.read() as tx:
            begun = await sessions.load(tx, account_id, sessions.SessionStatus.ENROLLING)
        return begun is None or begun.auth_key is None

    async def _keep_flood(self, account_id: int, seconds: int) -> None:
        until = self._database.now() + timedelta(seconds=seconds)
        await self._database.writer.write(FloodWait(account_id, SEND_CODE, until))

    async def _flood_left(self, account_id: int) -> int | None:
        """How many seconds no step of a login may be taken; None where it may."""
        async with self._database.read() as tx:
            until = await floods.active(tx, account_id, SEND_CODE)
        if until is None:
            return None
        return max(1, round((until - self._database.now()).total_seconds()))
