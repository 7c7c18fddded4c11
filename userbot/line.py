"""A line: one connection to Telegram with its client; made new for every attempt, never reused."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

from loguru import logger
from python_socks import ProxyError
from telethon import utils
from telethon.errors import RPCError, TypeNotFoundError
from telethon.tl import TLRequest, functions, types

from storage.accounts import Identity
from storage.proxies import Endpoint
from userbot.client import LineClient
from userbot.connection import Route, connection_through
from userbot.errors import (
    Banned,
    CallTimedOut,
    ConnectFailed,
    ConnectionLost,
    Misconfigured,
    Relogin,
    Wait,
    classify,
    in_words,
)
from userbot.limits import Limits, always, ignored, looked_at, nothing
from userbot.meters import Meter
from userbot.session import AccountSession

CLOSE_LIMIT_S = 2.0
ENTITY_CACHE_LIMIT = 50


class Line:
    """One client on one connection. Open it, call through it, close it; then it is spent.

    Raises `ConnectFailed`, `ConnectionLost` and `CallTimedOut` for the transport; what Telegram
    answers comes through as Telethon's errors.
    """

    def __init__(
        self,
        *,
        session: AccountSession,
        identity: Identity,
        proxy: Endpoint | None,
        limits: Limits,
        may_write: Callable[[], bool] = always,
        meter: Meter | None = None,
        on_update: Callable[[Any], None] | None = None,
    ) -> None:
        """`on_update` gets what Telegram sends unasked; without it, it is asked to send nothing."""
        self._limits = limits
        self._route = Route(proxy, may_write, meter=meter or Meter())
        self._client: Any = LineClient(
            session,
            identity.api_id,
            identity.api_hash,
            connection=connection_through(proxy),
            proxy=self._route,
            # The session's own kind of address: a mismatch makes Telethon reset it.
            use_ipv6=":" in session.server_address,
            timeout=max(1, int(limits.connect_s)) + 10,  # ours ends first, and is told apart
            request_retries=0,
            connection_retries=0,
            retry_delay=0,
            auto_reconnect=False,
            raise_last_call_error=True,
            flood_sleep_threshold=0,
            entity_cache_limit=ENTITY_CACHE_LIMIT,
            device_model=identity.device_model,
            system_version=identity.system_version,
            app_version=identity.app_version,
            lang_code=identity.lang_code,
            system_lang_code=identity.system_lang_code,
            on_update=on_update,
            disconnect_delay_s=limits.disconnect_delay_s,
        )
        self.session = session
        self._is_silent = False
        """The last thing that was asked on it was not answered in time."""
        self.last_answer_at: float | None = None
        """Monotonic time of the last answer, also of one that refuses; or None."""
        self.latency_s: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether its client still has a connection, alive or not."""
        return bool(self._client.is_connected())

    @property
    def may_linger(self) -> bool:
        """Whether Telegram may have it open although it has ended here, until its own timer.

        Not where nothing was said on it, where Telegram itself hung up, and where it answered
        just before we closed it: then what is said last is heard.
        """
        route = self._route
        if not route.has_spoken or route.was_hung_up:
            return False
        has_failed = route.was_cut_off or any(each.has_failed for each in route.connections)
        return has_failed or not self._answered_lately

    @property
    def _answered_lately(self) -> bool:
        limits, at = self._limits, self.last_answer_at
        lately_s = limits.ping_every_s + limits.ping_retry_s
        return at is not None and not self._is_silent and time.monotonic() - at < lately_s

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect; where the session has no key, one is made. Says nothing of authorisation."""
        try:
            await self._bounded(self._client.connect(), self._limits.connect_s)
        except (ConnectionLost, CallTimedOut) as exc:
            failure = self._route.failure
            words = failure.cause.words if failure else ""
            raise ConnectFailed(str(exc), words=words) from exc

    async def move(self, dc_id: int) -> None:
        """Go on at another data centre, with a key made there: only a login's session allows it."""
        await self._bounded(self._client._switch_dc(dc_id), self._limits.connect_s)  # noqa: SLF001 - as Telethon does at USER_MIGRATE

    async def prove_authorised(self) -> types.User:
        """Ask Telegram who we are. Raises Telethon's 401 and 406 errors as they come."""
        began = time.monotonic()
        await self.call(functions.updates.GetStateRequest())
        self.latency_s = time.monotonic() - began
        return (await self.call(functions.users.GetUsersRequest([types.InputUserSelf()])))[0]

    async def call(self, request: TLRequest, *, limit_s: float | None = None) -> Any:  # noqa: ANN401 - Telethon is untyped
        """Invoke a request. After any error but Telegram's own it is possibly done."""
        try:
            answer = await self._bounded(self._client(request), limit_s or self._limits.request_s)
        except RPCError:
            self.last_answer_at = time.monotonic()
            raise
        self.last_answer_at = time.monotonic()
        return answer

    async def resolve(self, target: str | int) -> Any:  # noqa: ANN401 - Telethon is untyped
        """The InputPeer of a target, from the stored peers or else from Telegram.

        Raises ValueError where there is no such peer, and Telegram's refusals.
        """
        if isinstance(target, str) and target.startswith("+"):
            return await self._resolve_phone(target)
        return await self._bounded(self._client.get_input_entity(target), self._limits.request_s)

    async def _resolve_phone(self, phone: str) -> Any:  # noqa: ANN401 - Telethon is untyped
        """Telethon looks only among the contacts; Telegram knows more."""
        try:
            return await self.session.get_input_entity(phone)
        except ValueError:
            request = functions.contacts.ResolvePhoneRequest(phone.removeprefix("+"))
            return utils.get_input_peer((await self.call(request)).users[0])

    async def ping(self, limit_s: float) -> None:
        """Prove the line by a round trip, and renew Telegram's own timer on it.

        Unwrapped, through the sender: the client would wrap a ping in invokeWithoutUpdates.
        """
        ping = functions.PingDelayDisconnectRequest(
            secrets.randbits(63), self._limits.disconnect_delay_s
        )
        began = time.monotonic()
        await self._bounded(_sent(self._client._sender, ping), limit_s)  # noqa: SLF001 - the one place
        self.last_answer_at = time.monotonic()
        self.latency_s = self.last_answer_at - began

    async def serve(
        self,
        *,
        jitter: Callable[[], float],
        on_proof: Callable[[], Awaitable[None]] = nothing,
        on_flood: Callable[[int], Awaitable[None]] = ignored,
    ) -> None:
        """Ping, and now and then check the session, until the line drops; ends by raising why.

        A line that ends while its client says so is noticed at once, one that is silent by two
        pings in a row, and a session that was ended elsewhere by the check. `on_proof` is awaited
        after each answer, `on_flood` when Telegram wants no check for so many seconds.
        """
        check_at = self._next_check(jitter)
        while True:
            pause = self._limits.ping_every_s * (1 - 0.2 * jitter())  # jitter only shortens
            await self._drop_within(min(pause, max(0, check_at - time.monotonic())))
            if time.monotonic() >= check_at:
                wait_s = await self._check()
                if wait_s:
                    await on_flood(wait_s)
                check_at = self._next_check(jitter) + wait_s
            # After a check too: only a ping renews Telegram's timer on the connection.
            await self._prove()
            await on_proof()

    def _next_check(self, jitter: Callable[[], float]) -> float:
        return time.monotonic() + self._limits.check_every_s * (1 - 0.2 * jitter())

    async def _prove(self) -> None:
        try:
            await self.ping(self._limits.ping_answer_s)
        except CallTimedOut:
            await self.ping(self._limits.ping_retry_s)

    async def _check(self) -> int:
        """How many seconds Telegram wants no other check; 0 where it has nothing against it.

        Raises only what says that the session or the account is at its end. A flood wait, a
        fault of Telegram's or silence are no such thing; the pings go on.
        """
        try:
            await self.call(functions.updates.GetStateRequest())
        except CallTimedOut:
            logger.bind(event="check.silent").debug("the check was not answered in time")
        except (RPCError, TypeNotFoundError) as exc:
            verdict = classify(exc)
            if isinstance(verdict, Relogin | Banned | Misconfigured):
                raise
            if isinstance(verdict, Wait):
                return verdict.seconds
            logger.bind(event="check.refused").debug("the check was refused: {}", in_words(exc))
        return 0

    async def _drop_within(self, pause_s: float) -> None:
        """Sleep that long; raise `ConnectionLost` at once when the line drops meanwhile."""
        dropped = self._client.disconnected
        dropped.add_done_callback(looked_at)  # also where this task is cancelled meanwhile
        await asyncio.wait([dropped], timeout=pause_s)
        if not dropped.done():
            dropped.cancel()  # only our shield round it
            return
        cause = None if dropped.cancelled() else dropped.exception()
        if cause is not None and not isinstance(cause, OSError | EOFError):
            raise cause
        raise ConnectionLost("the connection ended") from cause

    def drop(self) -> None:
        """Abort the transport now; whoever serves the line learns of it at once."""
        for connection in self._route.connections:
            connection.abort()

    async def close(self) -> None:
        """Abort the transport, then let the client clean up; the socket is closed on return."""
        self._route.is_open = False
        self.drop()
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                for connection in self._route.connections:
                    await connection.closed()
                await self._client.disconnect()
        except TimeoutError:
            logger.bind(event="line.close_slow").warning("a client took too long to close")
        except (OSError, EOFError):
            pass  # it failed on its way out, and is out
        finally:
            self._client.disconnected.add_done_callback(looked_at)
            self._route.connections.clear()

    async def _bounded(self, work: Awaitable[Any], limit_s: float) -> Any:  # noqa: ANN401 - Telethon is untyped
        """Await under a limit, and tell Telethon's own cancellations from ours.

        When its sender drops, Telethon cancels the futures of pending requests: an awaited
        request raises CancelledError although nobody cancelled this task.
        """
        try:
            async with asyncio.timeout(limit_s):
                answer = await work
                self._is_silent = False
                return answer
        except TimeoutError as exc:
            self._is_silent = True
            raise CallTimedOut(f"no answer within {limit_s:g} s") from exc
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ConnectionLost("the connection dropped under a request") from None
        except (OSError, EOFError, ProxyError) as exc:
            # EOFError covers IncompleteReadError, with which Telethon reports a dropped socket.
            raise ConnectionLost("the connection dropped under a request") from exc


async def _sent(sender: Any, request: TLRequest) -> Any:  # noqa: ANN401 - Telethon is untyped
    return await sender.send(request)
