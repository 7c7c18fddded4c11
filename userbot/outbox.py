"""The outbox: sends what is due as the account, exactly once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from loguru import logger
from telethon import errors as tl
from telethon.tl import functions, types

from storage import accounts, deliveries, floods
from storage.database import Database
from storage.deliveries import Delivery, DeliveryState, Step, TargetPeer
from userbot.errors import (
    Banned,
    CallTimedOut,
    ConnectionLost,
    Relogin,
    SessionGuarded,
    classify,
)
from userbot.line import Line
from userbot.nursery import Nursery
from userbot.refusals import refusal_in_words, wants_detour
from userbot.registry import Registry
from userbot.userbot import Userbot

POLL_S = 1.0
SEND = "messages.sendMessage"
RESOLVE = "contacts.resolve"
REPEATS_S = (10, 20, 40, 80, 120)
"""After Telegram's own faults (S2.8)."""
STILL_RUNNING_S = 2


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

    async def run(self) -> None:
        """Send until cancelled. What a crash left in SENDING is settled first."""
        with self._database.wakeups.subscribe(deliveries.CHANGED, accounts.CHANGED) as woken:
            while True:
                await self._dispatch()
                await woken.wait(POLL_S)

    async def _dispatch(self) -> None:
        async with self._database.read() as tx:
            waiting = await deliveries.to_send(tx, self._registry.owner)
        by_account: dict[int, list[Delivery]] = {}
        for delivery in waiting:
            by_account.setdefault(delivery.account_id, []).append(delivery)
        for account_id, queue in by_account.items():
            userbot = self._registry.get(account_id)
            if userbot is not None and account_id not in self._busy:
                self._busy.add(account_id)
                self._nursery.start(
                    self._drain(userbot, queue), name=f"outbox of account {account_id}"
                )

    async def _drain(self, userbot: Userbot, queue: list[Delivery]) -> None:
        """Send the queue in order; what is held up holds up what follows to the same target."""
        held: set[str] = set()
        try:
            for delivery in queue:
                is_due = delivery.not_before is None or delivery.not_before <= self._now()
                goes_on = delivery.target not in held and is_due
                if not (goes_on and await self._advance(userbot, delivery)):
                    held.add(delivery.target)
        finally:
            self._busy.discard(userbot.account_id)

    async def _advance(self, userbot: Userbot, delivery: Delivery) -> bool:
        """Take one delivery as far as it goes now; False where it still waits."""
        line = userbot.line
        why_not = await self._why_not_now(userbot, line)
        if why_not or line is None:
            return await self._wait_or_detour(delivery, why_not)
        try:
            handed = await self._hand_over(line, delivery)
        except (ConnectionLost, CallTimedOut):
            return False
        return handed is None or await self._send(userbot, line, handed)

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
        is_untouched = delivery.state is DeliveryState.PENDING and delivery.attempts == 0
        if is_untouched and delivery.may_fall_back and waited >= self._fallback_after:
            await self._detour(delivery, why)
            return True
        return False

    async def _detour(self, delivery: Delivery, why: str) -> None:
        await self._move(delivery, DeliveryState.BOT_PENDING, detour=why)
        logger.bind(delivery=delivery.id, event="send.detour").info("goes as the bot: {}", why)

    async def _hand_over(self, line: Line, delivery: Delivery) -> Delivery | None:
        """Fix the target and commit it with SENDING: from here on it is possibly sent.

        None where Telegram refused the target, or the delivery was cancelled meanwhile.
        """
        steps, peer = list(delivery.steps), delivery.peer
        if peer is None:
            steps = [Step("registry", self._now()), Step("connection", self._now())]
            try:
                peer = _target_peer(await line.resolve(_for_telethon(delivery.target)))
            except (ValueError, tl.RPCError) as exc:
                await self._refused(delivery, exc, RESOLVE)
                return None
            steps.append(Step("entity", self._now()))
        attempts = delivery.attempts + 1
        if not await self._move(
            delivery, DeliveryState.SENDING, peer=peer, steps=steps, attempts=attempts
        ):
            return None
        return replace(
            delivery,
            state=DeliveryState.SENDING,
            peer=peer,
            steps=tuple(steps),
            attempts=attempts,
        )

    async def _send(self, userbot: Userbot, line: Line, delivery: Delivery) -> bool:
        """Hand the request over. An unknown outcome stays SENDING: the identical request settles it."""
        if delivery.peer is None:
            raise ValueError(f"delivery {delivery.id} has no peer")
        request = functions.messages.SendMessageRequest(
            peer=_input_peer(delivery.peer),
            message=delivery.text,
            random_id=delivery.random_id,
        )
        try:
            answer = await line.call(request)
        except (ConnectionLost, CallTimedOut):
            return False
        except tl.RandomIdDuplicateError:
            await self._again_in(delivery, STILL_RUNNING_S)
            return False
        except tl.ServerError as exc:
            return await self._server_fault(delivery, exc)
        except (tl.RPCError, SessionGuarded) as exc:
            if isinstance(classify(exc), Relogin | Banned):
                userbot.fail_line(exc)
                # Refused at the door: this attempt sent nothing.
                await self._move(delivery, DeliveryState.PENDING, attempts=delivery.attempts - 1)
                return False
            await self._refused(delivery, exc, SEND)
            return True
        sent = Step("send", self._now())
        await self._move(
            delivery,
            DeliveryState.SENT,
            message_id=_message_id(answer, delivery.random_id),
            steps=[*delivery.steps, sent],
            error="",
        )
        logger.bind(delivery=delivery.id, account=userbot.account_id, event="send.sent").info(
            "sent as the account"
        )
        return True

    async def _server_fault(self, delivery: Delivery, error: Exception) -> bool:
        if delivery.attempts > len(REPEATS_S):
            await self._move(delivery, DeliveryState.FAILED, error=refusal_in_words(error))
            return True
        await self._again_in(delivery, REPEATS_S[delivery.attempts - 1])
        return False

    async def _again_in(self, delivery: Delivery, pause_s: float) -> None:
        due = self._now() + timedelta(seconds=pause_s)
        await self._move(delivery, DeliveryState.SENDING, not_before=due)

    async def _refused(self, delivery: Delivery, error: Exception, method: str) -> None:
        """Telegram's definite no: wait, detour or fail."""
        words = refusal_in_words(error)
        if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
            await self._keep_flood(delivery, method, int(error.seconds))
        elif delivery.may_fall_back and delivery.attempts <= 1 and wants_detour(error):
            # Only the first attempt: after an unknown one it may have been sent.
            await self._detour(delivery, words)
        else:
            await self._move(delivery, DeliveryState.FAILED, error=words)

    async def _keep_flood(self, delivery: Delivery, method: str, seconds: int) -> None:
        until = self._now() + timedelta(seconds=seconds)
        async with self._database.transaction() as tx:
            await floods.store(tx, delivery.account_id, method, until)
            await deliveries.move(
                tx,
                delivery.id,
                {DeliveryState.PENDING, DeliveryState.SENDING},
                # Back to PENDING only where no attempt before this one can have sent it.
                DeliveryState.PENDING if delivery.attempts <= 1 else DeliveryState.SENDING,
                not_before=until if not delivery.may_fall_back or delivery.attempts > 1 else None,
                attempts=max(0, delivery.attempts - 1),
            )

    async def _move(self, delivery: Delivery, to: DeliveryState, **values: object) -> bool:
        async with self._database.transaction() as tx:
            allowed = {DeliveryState.PENDING, DeliveryState.SENDING}
            return await deliveries.move(tx, delivery.id, allowed, to, **values)

    def _now(self) -> datetime:
        return self._database.now()


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
