"""Probes: whether a proxy leads to a data centre, how fast, or why not.

A probe asks for what begins a key exchange, `req_pq_multi`, and checks that the answer is to its
own question. It has no account, no session and no key, and dials as a line does.
"""

import asyncio
import logging
import secrets
import struct
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TypeAlias

from telethon.errors import InvalidBufferError, InvalidChecksumError
from telethon.tl.functions import ReqPqMultiRequest
from telethon.tl.types import ResPQ

from storage.proxies import Endpoint
from userbot.connection import Gate, Route, connection_through
from userbot.proxies.causes import Cause, DialFailed
from userbot.proxies.dial import cause_of
from userbot.telegram import DcAddress

LIMIT_S = 10.0
_BROKEN = (EOFError, OSError, ValueError, InvalidBufferError, InvalidChecksumError, struct.error)
"""What Telethon's transports raise when the stream ends, or carries something else."""
_NOBODY_THERE = {Cause.NAME_NOT_FOUND, Cause.REFUSED, Cause.UNREACHABLE}
_LOGGERS: defaultdict[str, logging.Logger] = defaultdict(lambda: logging.root)
"""Telethon's connections want some; without their loops they say nothing."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Telegram answered through the proxy."""

    latency_s: float
    """Of one question and its answer."""


@dataclass(frozen=True, slots=True)
class Failed:
    cause: Cause

    @property
    def words(self) -> str:
        """For an operator."""
        return self.cause.words


Outcome: TypeAlias = Reached | Failed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe found. While nothing has said which kind it is, the scheme stays a guess."""

    endpoint: Endpoint
    outcome: Outcome
    is_guess: bool = False


async def probe(endpoint: Endpoint, target: DcAddress, *, limit_s: float = LIMIT_S) -> Outcome:
    """Ask the data centre something through the proxy. Raises nothing but a cancellation."""
    return await _Attempt(endpoint, target).outcome(limit_s, limit_s)


async def probe_directly(target: DcAddress, *, limit_s: float = LIMIT_S) -> Outcome:
    """The same without a proxy: a cause is of the way to the data centre itself."""
    return await _Attempt(None, target).outcome(limit_s, limit_s)


async def detect(endpoint: Endpoint, target: DcAddress, *, limit_s: float = LIMIT_S) -> Answer:
    """The same for a proxy of unknown kind: as SOCKS5, then as HTTP. Takes up to 4/3 of the limit.

    An HTTP proxy waits for the end of a line that SOCKS5 has not: so a third of the limit is for
    the first word, and the whole for a proxy that has said it.
    """
    as_socks5 = replace(endpoint, scheme="socks5")
    socks5 = _Attempt(as_socks5, target)
    outcome = await socks5.outcome(limit_s, limit_s / 3)
    if socks5.has_answered:
        return Answer(as_socks5, outcome)
    if isinstance(outcome, Failed) and outcome.cause in _NOBODY_THERE:
        return Answer(endpoint, outcome, is_guess=True)
    as_http = replace(endpoint, scheme="http")
    http = _Attempt(as_http, target)
    outcome = await http.outcome(limit_s, limit_s)
    if http.has_answered:
        return Answer(as_http, outcome)
    return Answer(endpoint, outcome, is_guess=True)


class _Attempt:
    """One connection, one question, and how far it got."""

    def __init__(self, endpoint: Endpoint | None, target: DcAddress) -> None:
        """Without an endpoint: directly."""
        self.endpoint = endpoint
        self.has_answered = False
        """Whether the proxy has shown that it is one of its kind."""
        self._target = target
        self._has_stream = False

    async def outcome(self, limit_s: float, first_word_s: float) -> Outcome:
        """`first_word_s` is how long the proxy may take to show that it is one."""
        end_at = asyncio.get_running_loop().time() + limit_s

        def heard() -> None:
            self.has_answered = True
            limit.reschedule(end_at)

        route = Route(self.endpoint, lambda: True, on_answer=heard)
        try:
            async with asyncio.timeout(first_word_s) as limit:
                return await self._ask(_connection(route, self._target))
        except DialFailed as exc:
            return Failed(exc.cause)
        except TimeoutError:
            return Failed(self._of_silence())
        except _BROKEN as exc:
            is_refusal = self.endpoint is None and not self._has_stream
            if is_refusal and isinstance(exc, OSError):
                return Failed(cause_of(exc))
            return Failed(self._of_another_answer())
        finally:
            for connection in route.connections:
                connection.abort()
                await connection.closed()

    async def _ask(self, connection: Gate) -> Outcome:
        await connection.open()
        self._has_stream = True
        nonce = int.from_bytes(secrets.token_bytes(16), signed=True)
        began = time.monotonic()
        answer = await connection.exchange(_packet(ReqPqMultiRequest(nonce)))
        latency_s = time.monotonic() - began
        if not _is_answer(answer, nonce):
            return Failed(self._of_another_answer())
        self.has_answered = True
        return Reached(latency_s)

    def _of_silence(self) -> Cause:
        if self._has_stream:
            return self._of_another_answer()
        return Cause.DC_BLOCKED if self.has_answered else Cause.TIMED_OUT

    def _of_another_answer(self) -> Cause:
        is_mtproto = self.endpoint is not None and self.endpoint.scheme == "mtproto"
        return Cause.SECRET_REFUSED if is_mtproto else Cause.NO_MTPROTO


def _connection(route: Route, target: DcAddress) -> Gate:
    made: Gate = connection_through(route.endpoint)(
        target.host, target.port, target.id, loggers=_LOGGERS, proxy=route
    )
    return made


def _packet(request: ReqPqMultiRequest) -> bytes:
    """An unencrypted message: core.telegram.org/mtproto/description#unencrypted-message."""
    body = bytes(request)
    message_id = int(time.time() * (1 << 32)) & ~3
    return struct.pack("<qqi", 0, message_id, len(body)) + body


def _is_answer(packet: bytes, nonce: int) -> bool:
    """Whether it is an unencrypted resPQ that repeats our nonce."""
    head = struct.pack("<I", ResPQ.CONSTRUCTOR_ID) + nonce.to_bytes(16, "little", signed=True)
    return packet[:8] == bytes(8) and packet[20:40] == head
