"""Logging an account in, by phone, code and password, on its own proxy."""

import asyncio
from collections.abc import Callable
from functools import partial

from telethon import errors as tl
from telethon import password as srp
from telethon.tl import TLRequest, functions, types

from storage import accounts, journal
from storage.accounts import Identity
from storage.database import Database
from userbot.asides import answers
from userbot.enrolling.answering import Answering
from userbot.enrolling.beginning import Beginning
from userbot.enrolling.dialling import Dialling, migrating, who_is_in
from userbot.enrolling.finishing import Finishing
from userbot.enrolling.pictures import SHOWN_FOR_S, Pictures
from userbot.enrolling.under_way import Login, UnderWay
from userbot.hearing import ANSWER_WITHIN_S
from userbot.limits import Limits, always
from userbot.line import Line
from userbot.login_answers import Outcome, code_sent, password_asked
from userbot.nursery import Nursery
from userbot.registry import Registry
from userbot.states import State
from userbot.telegram import DcAddress


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
        shown_for_s: float = SHOWN_FOR_S,
        may_write: Callable[[], bool] = always,
    ) -> None:
        """`fewer_than`: a proxy with so many accounts gets no further one (None: it may).

        `shown_for_s`: how long pictures are replaced before a login by picture is given up.
        """
        self._database = database
        self._under_way = UnderWay(nursery, limits)
        self._answering = Answering(database, self._under_way)
        self._beginning = Beginning(database, identity=identity, fewer_than=fewer_than)
        self._dialling = Dialling(
            database,
            start_at=start_at,
            limits=limits,
            may_write=may_write,
            close=self._under_way.close_line,
        )
        self._registry = registry
        self._finishing = Finishing(database, registry, self._under_way)
        self.pictures = Pictures(
            database,
            nursery,
            self._under_way,
            self._answering,
            self._beginning,
            self._dialling,
            self._finishing,
            registry,
            shown_for_s=shown_for_s,
        )

    async def begin(self, phone: str, actor: str) -> Outcome:
        """Give the account its proxy, connect through it, and have Telegram send a code.

        A number whose enrolment was interrupted is taken up where it is; one that needs a login
        keeps its account, proxy and history. Raises `Elsewhere` where another instance has it.
        """
        begun = await self._beginning.with_phone(phone, actor)
        if not isinstance(begun, int):
            return begun
        await self._registry.claim(begun)
        async with self._under_way.lock(begun):
            login = self._under_way.get(begun)
            if login is not None and login.asked is not None and login.picture is None:
                return login.asked  # pressed twice: one code is enough, Telegram counts them
            await self._under_way.drop(begun)
            return await self._answering.answered(begun, lambda: self._connect(begun, phone))

    async def code(self, account_id: int, code: str) -> Outcome:
        """Hand Telegram the code."""
        async with self._under_way.lock(account_id):
            login = self._under_way.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}
            request = functions.auth.SignInRequest(login.phone, login.code_hash, code)
            return await self._answering.answered(
                account_id, lambda: self._sign_in(login, request)
            )

    async def password(self, account_id: int, password: str) -> Outcome:
        """Hand Telegram the two-step verification password; it never leaves as such (SRP)."""
        async with self._under_way.lock(account_id):
            login = self._under_way.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}

            async def check() -> Outcome:
                asked = await login.line.call(functions.account.GetPasswordRequest())
                # A hundred thousand rounds of SHA-512: not on the loop.
                proof = await asyncio.to_thread(srp.compute_check, asked, password)
                request = functions.auth.CheckPasswordRequest(proof)
                return await self._sign_in(login, request)

            return await self._answering.answered(account_id, check)

    async def resend(self, account_id: int) -> Outcome:
        """Have Telegram send the code another way, if it has one."""
        async with self._under_way.lock(account_id):
            login = self._under_way.get(account_id)
            if login is None:
                return {"error": "interrupted", "account": account_id}

            async def again() -> Outcome:
                request = functions.auth.ResendCodeRequest(login.phone, login.code_hash)
                return await self._code_sent(login, await login.line.call(request))

            return await self._answering.answered(account_id, again)

    async def cancel(self, account_id: int) -> Outcome:
        """Give up. A new account that certainly never logged in is forgotten."""
        async with self._under_way.lock(account_id):
            login = self._under_way.get(account_id)
            is_gone = False
            if login is not None and self.pictures.leave(login):
                async with self._database.read() as tx:
                    account = await accounts.get(tx, account_id)
                # As soon as nobody can scan what is shown; see `Pictures.leave`.
                is_gone = account is not None and account.observed.state == State.NEW
            else:
                await self._under_way.drop(account_id)
                if login is not None and not login.is_possibly_in:
                    is_gone = await self._answering.forget(account_id)
            return {"step": "cancelled", "account": account_id, "forgotten": is_gone}

    async def discard(self, account_id: int, actor: str) -> Outcome:
        """Log a login out whose account is here already, and remove its row: an operator's word.

        Raises `Elsewhere` where another instance has it.
        """
        async with self._under_way.lock(account_id):
            await self._under_way.drop(account_id)
            async with self._database.read() as tx:
                account = await accounts.get(tx, account_id)
            is_new = account is not None and account.observed.state == State.NEW
            if account is None or account.user_id is not None or not is_new:
                return {"error": "gone", "account": account_id}
            await self._registry.claim(account_id)  # only its owner dials
            return await self._answering.answered(
                account_id, lambda: self._log_out(account_id, actor)
            )

    def is_any_of(self, account_id: int) -> bool:
        """Whether a login of that account is under way here, or is just being dialled."""
        return self._under_way.is_any_of(account_id)

    def fence(self) -> None:
        """Abort every line now."""
        self._under_way.abort()

    async def close(self) -> None:
        """Close every line; what was begun can be taken up after a restart.

        Where others may take the accounts, those are `unheard` whose lines may stay open, and
        those with a step under way: what is just being dialled can't be asked, or closed.
        """
        owned = self._registry.owned
        if owned.is_alone:
            await self._under_way.close(_unasked)
            return
        owned.unheard |= await self._under_way.close(partial(answers, within_s=ANSWER_WITHIN_S))
        owned.unheard |= {number for number in owned if self.is_any_of(number)}

    async def _connect(self, account_id: int, phone: str) -> Outcome:
        line, identity = await self._dialling.open(account_id)
        login = Login(account_id, line, phone)
        self._under_way.put(login)
        if me := await who_is_in(line):
            return await self._finishing.finish(login, me)
        request = functions.auth.SendCodeRequest(
            phone, identity.api_id, identity.api_hash, types.CodeSettings()
        )
        return await self._code_sent(login, await migrating(line, request))

    async def _code_sent(self, login: Login, sent: TLRequest) -> Outcome:
        if isinstance(sent, types.auth.SentCodeSuccess):
            return await self._finishing.finish(login, sent.authorization.user)
        login.code_hash = sent.phone_code_hash
        return code_sent(login.account_id, sent, self._database.now())

    async def _sign_in(self, login: Login, request: TLRequest) -> Outcome:
        login.is_possibly_in = True
        try:
            answer = await login.line.call(request)
        except tl.SessionPasswordNeededError:
            login.is_possibly_in = False
            asked = await login.line.call(functions.account.GetPasswordRequest())
            return password_asked(login.account_id, asked, self._database.now())
        except tl.ServerError:
            raise  # Telegram's own fault: the login may have come through
        except tl.RPCError:
            login.is_possibly_in = False
            raise
        if isinstance(answer, types.auth.AuthorizationSignUpRequired):
            login.is_possibly_in = False
            return {"error": "no_account"}
        return await self._finishing.finish(login, answer.user)

    async def _log_out(self, account_id: int, actor: str) -> Outcome:
        line, _ = await self._dialling.open(account_id)
        try:
            if await who_is_in(line):
                await line.call(functions.auth.LogOutRequest())
        finally:
            await self._under_way.close_line(account_id, line)
        async with self._database.transaction() as tx:
            await journal.note(tx, "enrolment.discarded", actor=actor)
        is_gone = await self._answering.forget(account_id)
        return {"step": "discarded", "account": None if is_gone else account_id}


async def _unasked(_: Line) -> bool:
    return True
