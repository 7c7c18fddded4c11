"""The outbox: sends what is due as the account, exactly once."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from loguru import logger
from telethon import errors as tl
from telethon.tl import functions, types

from storage import accounts, deliveries, floods
from storage.database import Database
from storage.deliveries import Move
from storage.delivery import Delivery, DeliveryState, Step, TargetPeer
from storage.floods import FloodWait
from userbot.errors import (
    Banned,
    CallTimedOut,
    ConnectionLost,
    Relogin,
    Restricted,
    SessionGuarded,
    classify,
)
from userbot.line import Line
from userbot.nursery import Nursery
from userbot.refusals import refusal_in_words, wants_detour
from userbot.registry import Registry
from userbot.userbot import Userbot
from userbot.workload import Workload

POLL_S = 1.0
SEND = "messages.sendMessage"
RESOLVE = "contacts.resolve"
REPEATS_S = (10, 20, 40, 80, 120)
"""After Telegram's own faults (S2.8)."""
STILL_RUNNING_S = 2
STILL_RUNNING_LIMIT_S = 60


class Outbox:
    """Takes approved deliveries to the lines. One worker per account that has something to send."""

    def __init__(
        self, database: Database, registry: Registry, nursery: Nursery, *, fallback_after_s: float
    ) -> None:
        self._database = database
        self._registry = registry
        self._nursery = nursery
        self._fallback_after = timedelta(seconds=fallback_after_s)
        self._busy: set[int] = set()
        self.workload = Workload("outbox")

    async def run(self) -> None:
        """Send until cancelled. What a crash left in SENDING is settled first."""
        with self._database.wakeups.subscribe(deliveries.CHANGED, accounts.CHANGED) as woken:
            while True:
                async with self._database.read() as tx:
                    waiting = await deliveries.accounts_to_send(tx, self._registry.owner)
                for account_id in waiting:
                    await self._start_worker(account_id)
                await woken.wait(POLL_S)

    async def _start_worker(self, account_id: int) -> None:
        """Send what waits; an account that sleeps until it is needed is needed now."""
        userbot = await self._registry.wake(account_id)
        if userbot is not None and account_id not in self._busy:
            self._busy.add(account_id)
            self._nursery.start(self._drain(userbot), name=f"outbox of account {account_id}")

    async def _drain(self, userbot: Userbot) -> None:
        """Send the queue in order; what is held up holds up what follows to the same target.

        The rows are read by the one worker that moves them, so that none is acted on stale.
        """
        held: set[str] = set()
        try:
            async with self._database.read() as tx:
                queue = await deliveries.to_send(tx, userbot.account_id)
            for delivery in queue:
                target = delivery.target.lower()
                is_due = delivery.not_before is None or delivery.not_before <= self._now()
                goes_on = target not in held and is_due and not self.workload.is_closing
                if not goes_on:
                    held.add(target)
                    continue
                with self.workload.piece():
                    if not await self._advance(userbot, delivery):
                        held.add(target)
        finally:
            self._busy.discard(userbot.account_id)

    async def _advance(self, userbot: Userbot, delivery: Delivery) -> bool:
        """Take one delivery as far as it goes now; False where it still waits."""
        line = userbot.line
        steps = [Step("registry", self._now())]
        why_not = await self._why_not_now(userbot, line)
        if why_not or line is None:
            return await self._wait_or_detour(delivery, why_not)
        steps.append(Step("connection", self._now()))
        try:
            peer = delivery.peer or _target_peer(
                await line.resolve(_for_telethon(delivery.target))
            )
        except Exception as exc:  # noqa: BLE001 - every outcome of a look-up has its answer
            return await self._not_resolved(userbot, delivery, _seen_on(line, exc))
        steps.append(Step("entity", self._now()))
        handed = await self._hand_over(delivery, peer, steps)
        if handed is None:
            return True  # cancelled meanwhile
        try:
            answer = await line.call(_request(handed, peer))
        except Exception as exc:  # noqa: BLE001 - every outcome of a send has its answer
            return await self._not_sent(userbot, handed, _seen_on(line, exc))
        await self._sent(userbot, handed, answer)
        return True

    async def _why_not_now(self, userbot: Userbot, line: Line | None) -> str:
        if line is None:
            return f"it is not connected ({userbot.status.state.lower().replace('_', ' ')})"
        async with self._database.read() as tx:
            until = await floods.active(tx, userbot.account_id, SEND, RESOLVE)
        if until is None:
            return ""
        left = (until - self._now()).total_seconds()
        return f"Telegram makes it wait {max(1, round(left))} s"

    async def _wait_or_detour(self, delivery: Delivery, why: str) -> bool:
        """Hand to the bot what certainly was not sent, once it has waited long enough."""
        waited = self._now() - (delivery.approved_at or delivery.created_at)
        if delivery.may_fall_back and waited >= self._fallback_after:
            return await self._detour(delivery, why)
        return False

    async def _detour(self, delivery: Delivery, why: str) -> bool:
        """To the bot; False where an attempt as the account may have gone through."""
        if delivery.is_possibly_sent:
            return False
        if await self._move(
            delivery, DeliveryState.BOT_PENDING, {DeliveryState.PENDING}, detour=why
        ):
            logger.bind(delivery=delivery.id, event="send.detour").info("as the bot: {}", why)
        return True

    async def _hand_over(
        self, delivery: Delivery, peer: TargetPeer, reached: Sequence[Step]
    ) -> Delivery | None:
        """Commit SENDING and the peer: from here on it is possibly sent."""
        steps = delivery.steps or tuple(reached)  # those of the first attempt
        attempts = delivery.attempts + 1
        moved = await self._move(
            delivery, DeliveryState.SENDING, peer=peer, steps=steps, attempts=attempts
        )
        if not moved:
            return None
        return replace(
            delivery, state=DeliveryState.SENDING, peer=peer, steps=steps, attempts=attempts
        )

    async def _sent(self, userbot: Userbot, delivery: Delivery, answer: Any) -> None:  # noqa: ANN401 - Telethon is untyped
        await self._move(
            delivery,
            DeliveryState.SENT,
            message_id=_message_id(answer, delivery.random_id),
            steps=[*delivery.steps, Step("send", self._now())],
            error="",
        )
        await userbot.note_frozen(is_frozen=False)
        log = logger.bind(delivery=delivery.id, account=userbot.account_id, event="send.sent")
        log.info("sent as the account")

    async def _not_resolved(self, userbot: Userbot, delivery: Delivery, error: Exception) -> bool:
        """Nothing was handed over: it waits, goes to the bot, or fails."""
        if isinstance(error, ConnectionLost | CallTimedOut):
            return False
        if _ends_the_line(error):
            userbot.fail_line(error)
            return False
        if not isinstance(error, tl.RPCError | ValueError):
            return await self._fault(delivery, refusal_in_words(error))
        return await self._refused(userbot, delivery, error, RESOLVE)

    async def _not_sent(self, userbot: Userbot, delivery: Delivery, error: Exception) -> bool:
        """An unknown outcome stays SENDING: the identical request settles it."""
        if isinstance(error, ConnectionLost | CallTimedOut):
            return False
        if isinstance(error, tl.RandomIdDuplicateError):
            return await self._still_running(delivery)
        before = replace(delivery, attempts=delivery.attempts - 1)
        if _ends_the_line(error):
            userbot.fail_line(error)
            await self._back(before)
            return False
        if isinstance(error, tl.ServerError) or not isinstance(error, tl.RPCError):
            # An answer that is not understood is no refusal: the message may have gone out.
            return await self._fault(delivery, refusal_in_words(error))
        # A definite no: this attempt sent nothing, only one before it may have.
        return await self._refused(userbot, before, error, SEND)

    async def _refused(
        self, userbot: Userbot, delivery: Delivery, error: Exception, method: str
    ) -> bool:
        """Telegram's no: wait, detour or fail. `delivery.attempts` are those that may count."""
        words = refusal_in_words(error)
        if isinstance(classify(error), Restricted):
            await userbot.note_frozen(is_frozen=True)
        if isinstance(error, tl.ServerError):
            return await self._fault(delivery, words)
        if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
            await self._keep_flood(delivery, method, int(error.seconds))
            return False
        if isinstance(error, tl.SlowModeWaitError):
            await self._back(delivery, not_before=self._in(error.seconds))
            return False
        if wants_detour(error) and delivery.may_fall_back and not delivery.is_possibly_sent:
            await self._back(delivery)
            return await self._detour(delivery, words)
        await self._move(delivery, DeliveryState.FAILED, error=words, attempts=delivery.attempts)
        return True

    async def _fault(self, delivery: Delivery, words: str) -> bool:
        """Telegram's own fault: again by the schedule, then FAILED with a retry (S2.8)."""
        if delivery.faults >= len(REPEATS_S):
            await self._move(delivery, DeliveryState.FAILED, error=words)
            return True
        due = self._in(REPEATS_S[delivery.faults])
        await self._back(delivery, not_before=due, faults=delivery.faults + 1)
        return False

    async def _still_running(self, delivery: Delivery) -> bool:
        """Telegram says that the first call still runs: ask again, for a minute."""
        began = delivery.steps[-1].at if delivery.steps else delivery.created_at
        if (self._now() - began).total_seconds() > STILL_RUNNING_LIMIT_S:
            words = "Telegram still says that the first try is running"
            await self._move(delivery, DeliveryState.UNKNOWN, error=words)
            return True
        await self._back(delivery, not_before=self._in(STILL_RUNNING_S))
        return False

    async def _keep_flood(self, delivery: Delivery, method: str, seconds: int) -> None:
        """Store the wait with the delivery that met it; from now on it holds for all."""
        wait = FloodWait(delivery.account_id, method, self._in(seconds))
        await self._database.writer.write(wait)
        await self._back(delivery)

    async def _back(self, delivery: Delivery, **values: Any) -> None:  # noqa: ANN401 - columns
        """Wait on: as PENDING where certainly nothing was sent, else as SENDING."""
        to = DeliveryState.SENDING if delivery.attempts else DeliveryState.PENDING
        await self._move(delivery, to, attempts=delivery.attempts, **values)

    async def _move(
        self,
        delivery: Delivery,
        to: DeliveryState,
        allowed: Collection[DeliveryState] = (DeliveryState.PENDING, DeliveryState.SENDING),
        **values: Any,  # noqa: ANN401 - columns
    ) -> bool:
        """Through the writer: where the database is locked, the move waits and is not lost."""
        move = Move(delivery.id, frozenset(allowed), to, values)
        return await self._database.writer.write(move)

    def _in(self, seconds: float) -> datetime:
        return self._now() + timedelta(seconds=seconds)

    def _now(self) -> datetime:
        return self._database.now()


def _seen_on(line: Line, error: Exception) -> Exception:
    """What an error means for a request: one that ended its line says nothing of the request.

    Telethon fails what is under way with whatever made it disconnect, a transport error (404,
    429) for one.
    """
    if line.is_connected or isinstance(error, tl.RPCError):
        return error
    lost = ConnectionLost("the connection dropped under a request")
    lost.__cause__ = error
    return lost


def _ends_the_line(error: Exception) -> bool:
    return isinstance(error, SessionGuarded) or isinstance(classify(error), Relogin | Banned)


def _request(delivery: Delivery, peer: TargetPeer) -> Any:  # noqa: ANN401 - Telethon is untyped
    """The request: identical at every attempt, so that Telegram knows it again."""
    return functions.messages.SendMessageRequest(
        peer=_input_peer(peer), message=delivery.text, random_id=delivery.random_id
    )


def _for_telethon(target: str) -> str | int:
    return int(target) if target.lstrip("-").isdigit() else target


def _target_peer(peer: Any) -> TargetPeer:  # noqa: ANN401 - Telethon is untyped
    match peer:
        case types.InputPeerSelf():
            return TargetPeer("self", 0, 0)
        case types.InputPeerUser():
            return TargetPeer("user", peer.user_id, peer.access_hash)
        case types.InputPeerChat():
            return TargetPeer("chat", peer.chat_id, 0)
        case types.InputPeerChannel():
            return TargetPeer("channel", peer.channel_id, peer.access_hash)
        case _:
            raise ValueError("that target can't be written to")


def _input_peer(peer: TargetPeer) -> Any:  # noqa: ANN401 - Telethon is untyped
    match peer.kind:
        case "self":
            return types.InputPeerSelf()
        case "user":
            return types.InputPeerUser(peer.id, peer.access_hash)
        case "chat":
            return types.InputPeerChat(peer.id)
        case _:
            return types.InputPeerChannel(peer.id, peer.access_hash)


def _message_id(answer: Any, random_id: int) -> int | None:  # noqa: ANN401 - Telethon is untyped
    """The id of the message that was sent, now or by an earlier identical request."""
    if isinstance(answer, types.UpdateShortSentMessage):
        return int(answer.id)
    for update in getattr(answer, "updates", ()):
        if isinstance(update, types.UpdateMessageID) and update.random_id == random_id:
            return int(update.id)
    return None
