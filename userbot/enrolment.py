"""Enrolment: logging an account in, by phone, code and password, on its own proxy.

The key is durable before the login is reported: Telethon awaits the session's `save()` right
after the key exchange, so it is stored before even the code is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from loguru import logger
from telethon import errors as tl
from telethon import password as srp
from telethon import utils
from telethon.tl import TLRequest, functions, types

from storage import accounts, floods, forgetting, journal, proxies, sessions
from storage.accounts import Desired, Identity
from storage.database import Database
from storage.floods import FloodWait
from storage.proxies import Endpoint
from userbot.errors import ConnectFailed, LineError
from userbot.line import Limits, Line
from userbot.login_answers import HOPELESS, Outcome, code_sent, refusal
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.session import open_enrolling
from userbot.states import State
from userbot.telegram import DcAddress

ABANDONED_AFTER_S = 600.0
KEY_EXCHANGES = 3
SEND_CODE = "auth.sendCode"


@dataclass(slots=True)
class Login:
    """A login that is under way, and its line."""

    account_id: int
    phone: str = field(repr=False)
    line: Line
    code_hash: str = field(default="", repr=False)
    asked: Outcome | None = None
    """What Telegram waits for: the code or the password."""
    is_possibly_in: bool = False
    """A code or password was handed over and its answer never came: nothing may be deleted."""
    deadline: asyncio.TimerHandle | None = None


class Enrolments:
    """Logins under way, at most one per account. Every method answers with an `Outcome`."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        nursery: Nursery,
        *,
        identity: Identity,
        start_at: DcAddress,
        limits: Limits,
        fewer_than: int | None = None,
    ) -> None:
        """`fewer_than`: a proxy with so many accounts gets no further one (None: it may)."""
        self._database = database
        self._registry = registry
        self._nursery = nursery
        self._identity = identity
        self._start_at = start_at
        self._limits = limits
        self._fewer_than = fewer_than
        self._logins: dict[int, Login] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, phone: str, actor: str) -> Outcome:
        """Give the account its proxy, connect through it, and have Telegram send a code.

        A number whose enrolment was interrupted is taken up where it is; one that needs a login
        keeps its account, proxy and history.
        """
        async with self._database.transaction() as tx:
            await proxies.lock_distribution(tx)
            account = await accounts.with_phone(tx, phone)
            is_gone = account is not None and account.removed_at is not None
            may_log_in = {State.NEW, State.NEEDS_LOGIN}
            if account and account.observed.state not in may_log_in and not is_gone:
                return {"error": "already_enrolled", "account": account.id}
            if account is not None:
                account_id = account.id
                if is_gone:  # what is kept of it must outlast the login
                    await forgetting.forget(tx, account_id)
            elif proxy := await proxies.least_loaded(tx, fewer_than=self._fewer_than):
                account_id = await accounts.add(
                    tx, phone=phone, identity=self._identity, proxy_id=proxy.id, state=State.NEW
                )
            else:
                return {"error": "no_proxy"}
            await journal.note(tx, "enrolment.begun", actor=actor, account_id=account_id)
        async with self._lock(account_id):
            login = self._logins.get(account_id)
            if login is not None and login.asked is not None:
                return login.asked  # pressed twice: one code is enough, Telegram counts them
            await self._drop(account_id)
            return await self._answered(account_id, lambda: self._connect(account_id, phone))

    async def code(self, account_id: int, code: str) -> Outcome:
        """Hand Telegram the code."""
        async with self._lock(account_id):
            login = self._logins.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}
            request = functions.auth.SignInRequest(login.phone, login.code_hash, code)
            return await self._answered(account_id, lambda: self._sign_in(login, request))

    async def password(self, account_id: int, password: str) -> Outcome:
        """Hand Telegram the two-step verification password; it never leaves as such (SRP)."""
        async with self._lock(account_id):
            login = self._logins.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}

            async def check() -> Outcome:
                asked = await login.line.call(functions.account.GetPasswordRequest())
                # A hundred thousand rounds of SHA-512: not on the loop.
                proof = await asyncio.to_thread(srp.compute_check, asked, password)
                request = functions.auth.CheckPasswordRequest(proof)
                return await self._sign_in(login, request)

            return await self._answered(account_id, check)

    async def resend(self, account_id: int) -> Outcome:
        """Have Telegram send the code another way, if it has one."""
        async with self._lock(account_id):
            login = self._logins.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}

            async def again() -> Outcome:
                request = functions.auth.ResendCodeRequest(login.phone, login.code_hash)
                return _code_sent(login, await login.line.call(request))

            return await self._answered(account_id, again)

    async def cancel(self, account_id: int) -> Outcome:
        """Give up. A new account that certainly never logged in is forgotten."""
        async with self._lock(account_id):
            login = self._logins.get(account_id)
            await self._drop(account_id)
            is_gone = False
            if login is not None and not login.is_possibly_in:
                is_gone = await self._forget(account_id)
            return {"step": "cancelled", "account": account_id, "forgotten": is_gone}

    async def close(self) -> None:
        """Close every line; what was begun can be taken up after a restart."""
        for account_id in tuple(self._logins):
            await self._drop(account_id)

    def _lock(self, account_id: int) -> asyncio.Lock:
        """One step of one login at a time."""
        return self._locks.setdefault(account_id, asyncio.Lock())

    async def _connect(self, account_id: int, phone: str) -> Outcome:
        database = self._database
        async with database.read() as tx:
            account = await accounts.get(tx, account_id)
            identity = await accounts.identity_of(tx, account_id)
            proxy = await proxies.get(tx, account.proxy_id or 0) if account else None
        if proxy is None and not (account and account.without_proxy):
            return {"error": "no_proxy", "account": account_id}
        line = await self._open_line(account_id, identity, proxy.endpoint if proxy else None)
        login = Login(account_id, phone, line)
        self._logins[account_id] = login
        loop = asyncio.get_running_loop()
        login.deadline = loop.call_later(ABANDONED_AFTER_S, self._abandon, account_id)
        if me := await self._who_is_in(line):
            return await self._finish(login, me)
        request = functions.auth.SendCodeRequest(
            phone, identity.api_id, identity.api_hash, types.CodeSettings()
        )
        return _code_sent(login, await _migrating(line, request))

    async def _open_line(
        self, account_id: int, identity: Identity, proxy: Endpoint | None
    ) -> Line:
        """A line for a login, tried again where the key exchange fails.

        One exchange in 256 makes a key that begins with a zero byte; Telethon strips it, the
        data centre then asks for another key, and without retries Telethon gives up.
        """
        start = self._start_at
        for attempts_left in range(KEY_EXCHANGES - 1, -1, -1):
            session = await open_enrolling(
                self._database,
                account_id,
                dc_id=start.id,
                server_address=start.host,
                port=start.port,
            )
            line = Line(session=session, identity=identity, proxy=proxy, limits=self._limits)
            try:
                await line.open()
            except BaseException as exc:
                await line.close()
                if not attempts_left or not await self._may_try_again(account_id, exc):
                    raise
            else:
                return line
        raise ConnectFailed("no key exchange succeeded")

    async def _may_try_again(self, account_id: int, error: BaseException) -> bool:
        """Whether another exchange may help; a key that Telegram has dropped is set aside.

        Telegram forgets keys that nobody logged in with, and a login that was interrupted long
        ago has one.
        """
        if isinstance(error, tl.AuthKeyNotFound | tl.AuthKeyDuplicatedError):
            async with self._database.transaction() as tx:
                await sessions.set_aside_enrolling(tx, account_id)
            return True
        return isinstance(error, ConnectFailed)

    async def _who_is_in(self, line: Line) -> types.User | None:
        """The user, where an interrupted login had come through after all."""
        try:
            return await line.prove_authorised()
        except tl.UnauthorizedError:
            return None

    async def _sign_in(self, login: Login, request: TLRequest) -> Outcome:
        login.is_possibly_in = True
        try:
            answer = await login.line.call(request)
        except tl.SessionPasswordNeededError:
            login.is_possibly_in = False
            asked = await login.line.call(functions.account.GetPasswordRequest())
            return {"step": "password", "account": login.account_id, "hint": asked.hint or ""}
        except tl.ServerError:
            raise  # Telegram's own fault: the login may have come through
        except tl.RPCError:
            login.is_possibly_in = False
            raise
        if isinstance(answer, types.auth.AuthorizationSignUpRequired):
            login.is_possibly_in = False
            return {"error": "no_account"}
        return await self._finish(login, answer.user)

    async def _finish(self, login: Login, me: types.User) -> Outcome:
        """Make the session current and the account run, then let its supervisor dial."""
        account_id = login.account_id
        name = utils.get_display_name(me)
        async with self._database.transaction() as tx:
            other = await accounts.describe(
                tx, account_id, user_id=me.id, username=me.username, name=name
            )
            if other is None:
                if not await sessions.finish_enrolling(tx, account_id):
                    raise LookupError(f"account {account_id} logged in with no stored key")
                await accounts.set_desired(tx, account_id, Desired.RUN)
                await journal.note(tx, "enrolment.done", actor="mooring", account_id=account_id)
        await self._drop(account_id)
        if other is not None:
            return {"error": "same_user", "account": other}
        (await self._registry.adopt(account_id)).start()
        logger.bind(account=account_id, event="enrolment.done").info("enrolled")
        return {"step": "done", "account": account_id, "name": name}

    async def _answered(self, account_id: int, act: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Turn what can go wrong into an outcome; a line that dropped is closed."""
        if (left := await self._flood_left(account_id)) is not None:
            return {"error": "flood", "seconds": left, "account": account_id}
        try:
            outcome = await act()
        except (LineError, tl.AuthKeyNotFound):
            await self._drop(account_id)
            outcome = {"error": "no_connection"}
        except (tl.FloodWaitError, tl.FloodPremiumWaitError) as exc:
            await self._keep_flood(account_id, int(exc.seconds))
            outcome = {"error": "flood", "seconds": int(exc.seconds)}
        except tl.RPCError as exc:
            outcome = refusal(exc)
        if await self._tidy(account_id, outcome):
            return {**outcome, "account": None}
        return {"account": account_id, **outcome}

    async def _tidy(self, account_id: int, outcome: Outcome) -> bool:
        """Remember what Telegram waits for, let go of what can't be gone on with.

        True where the account is gone.
        """
        login = self._logins.get(account_id)
        if login is not None and outcome.get("step") in {"code", "password"}:
            login.asked = outcome
        if outcome.get("error") == "code_expired":
            await self._drop(account_id)
        if outcome.get("error") in HOPELESS or await self._never_reached(account_id, outcome):
            return await self._forget(account_id)
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

    async def _forget(self, account_id: int) -> bool:
        """Remove an account that never logged in; one that has a flood wait to keep stays."""
        await self._drop(account_id)
        async with self._database.transaction() as tx:
            if await floods.is_any_active(tx, account_id):
                return False
            return await accounts.remove_unfinished(tx, account_id, state=State.NEW)

    def _abandon(self, account_id: int) -> None:
        self._nursery.start(self._drop(account_id), name=f"abandoned login {account_id}")

    async def _drop(self, account_id: int) -> None:
        login = self._logins.pop(account_id, None)
        if login is not None:
            if login.deadline is not None:
                login.deadline.cancel()
            await login.line.close()


async def _migrating(line: Line, request: TLRequest) -> Any:  # noqa: ANN401 - Telethon is untyped
    """Call once more after Telegram sent us to the number's own data centre."""
    try:
        return await line.call(request)
    except (tl.PhoneMigrateError, tl.NetworkMigrateError, tl.UserMigrateError):
        return await line.call(request)  # Telethon has moved the line meanwhile


def _code_sent(login: Login, sent: Any) -> Outcome:  # noqa: ANN401 - Telethon is untyped
    login.code_hash = sent.phone_code_hash
    return code_sent(login.account_id, sent)
